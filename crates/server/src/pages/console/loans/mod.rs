//! Loans: the list, and one loan on a page with its figures, its schedule as a picture and a table, payments, ledger,
//! contract, e-mails, history and notes, and the decisions that people can make on it.
//!
//! The part in view is in the address, and the page reads only that part. Each decision has an address that asks in
//! words, and a form that decides.

mod ask;
mod contract;
mod decide;
mod list;
mod notes;
mod page;
mod payment;
mod question;
mod reverse;
mod rows;
mod sheet;

pub(super) use self::ask::show as ask;
pub(super) use self::contract::show as contract;
pub(super) use self::decide::{cancel, confirm, fail, invite, order, pay_again, write_off};
pub(super) use self::list::show as list;
pub(super) use self::notes::{strike as strike_note, write as write_note};
pub(super) use self::page::show;
pub(super) use self::payment::record;
pub(super) use self::reverse::{ask as ask_reversal, reverse};
pub(super) use self::rows::happened;
