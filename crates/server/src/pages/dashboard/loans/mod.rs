//! The partner's loans: their list, and one loan with its figures, its installments and its contract.

mod contract;
mod list;
mod one;
mod statement;

pub(super) use self::contract::show as contract;
pub(super) use self::list::show as list;
pub(super) use self::one::show;
pub(super) use self::statement::{export as statement_csv, show as statement};
