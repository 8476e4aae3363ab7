//! Customers: their registration, its changes, and their bank accounts.

mod duplicates;
mod invented;
mod names;
mod registration;
mod sheet;

pub mod bank_accounts;
pub mod registry;
pub mod tags;

pub use duplicates::{Duplicate, list as duplicates};
pub use invented::invent;
pub(crate) use names::names;
pub(crate) use registration::hold;
pub use registration::{
    AlreadyExists, DraftCustomer, RegisterCustomer, Registered, UpdateRefused, draft, exists, find, list,
    register, register_draft, update,
};
pub use sheet::{Sheet, sheet};
pub use store::customers::{CustomerFilter, CustomerSort};
