//! Customers: registered, changed, paid to an account of theirs.

mod registration;

pub mod bank_accounts;
pub mod registry;

pub(crate) use registration::hold;
pub use registration::{
    AlreadyExists, DraftCustomer, RegisterCustomer, Registered, UpdateRefused, draft, exists, find, list,
    register, register_draft, update,
};
pub use store::customers::{CustomerFilter, CustomerSort};
