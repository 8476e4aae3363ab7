//! Loans for the person who decides: one loan on a sheet, with what can be done and what happened, and the list of
//! loans with their names.
//!
//! A sheet reads the figures, and of the rest only the part in view.

mod actions;
mod listed;
mod mails;
mod sheet;
mod timeline;

pub use actions::{Blocked, LoanAction, Possible, possible};
pub use listed::{Listed, list};
pub(crate) use mails::mails as mails_of;
pub use sheet::{Asked, Detail, Part, Sheet, sheet};
pub use timeline::{Happened, What, steps, timeline};
