//! Contracts, issued in the commit of their loan and signed in the commit of the last signature, and the document of
//! each.

mod issue;

pub mod ccb;

pub use issue::{Draft, draft, fix, is_unset, kept, stored, unstored};
pub(crate) use issue::{complete, issue, new_link, stated};
pub use store::contracts::{Copy, Document};
