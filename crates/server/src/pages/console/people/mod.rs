//! The people and programs that decide for the lender: their list, one of them, and the forms that make a program and end
//! an operator's access.

mod form;
mod list;
mod one;
mod program;

pub(super) use self::list::show as list;
pub(super) use self::one::{revoke, show};
pub(super) use self::program::{create, show as show_program};
