//! The index of operators' searches: keyed hashes of the terms of customers, over all partners.
//!
//! A new customer is indexed soon after its registration ([`feed`]); a corrected one is indexed with its correction
//! ([`changed`]), and its account with the account's change ([`account_changed`]). Other resources are found by their ids and numbers ([`exact`]).
//!
//! Reasons: docs/decisions/0026.

mod codes;
pub mod exact;
pub mod feed;

pub(crate) use self::codes::CodeRow;
pub use self::codes::{
    Code, account_changed, changed, code_of_account, codes_of, customers_with, forget, forget_these, insert,
};
pub(crate) use self::feed::FeedRow;
