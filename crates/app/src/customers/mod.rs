//! Customers: their registration, its changes, and their bank accounts.

mod registration;

pub mod bank_accounts;
pub mod registry;

pub(crate) use registration::hold;
pub use registration::{
    AlreadyExists, DraftCustomer, RegisterCustomer, Registered, UpdateRefused, draft, exists, find, list,
    register, register_draft, update,
};
pub use store::customers::{CustomerFilter, CustomerSort};
