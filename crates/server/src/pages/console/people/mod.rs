//! The people and programs that decide for the lender: their list, one of them, and the forms that invite a person, make
//! a program, end an operator's access and reset how a person signs in.

mod form;
mod invite;
mod list;
mod one;
mod program;
mod roles;

pub(in crate::pages) use self::form::{end_of, wrong_name};
pub(super) use self::invite::{invite, show as show_invite};
pub(in crate::pages) use self::list::Place;
pub(super) use self::list::show as list;
pub(in crate::pages) use self::one::by_maker;
pub(super) use self::one::{on_day, reset, revoke, show};
pub(super) use self::program::{create, show as show_program};
pub(super) use self::roles::{change as change_roles, show as show_roles};
