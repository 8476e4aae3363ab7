//! The partner's customers: their list with a search, and one customer with its KYC, offers and loans.

mod line;
mod link;
mod list;
mod one;

pub(super) use self::link::create as make_link;
pub(super) use self::list::show as list;
pub(super) use self::one::{reveal, show};
