//! Customers: registered, changed, paid to an account of theirs.

mod change;
mod registration;

pub mod bank_accounts;
pub mod registry;

pub(crate) use change::CustomerChange;
pub use registration::{
    AlreadyExists, DraftCustomer, RegisterCustomer, Registered, UpdateCustomer, UpdateRefused, draft, exists,
    find, list, register, register_draft, update,
};
