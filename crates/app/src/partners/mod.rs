//! Partners, their credentials, and the keys that sign their tokens.

mod registration;

pub mod credentials;
pub mod signing_keys;

pub use registration::{create, find, list, name, none_yet};
pub use store::partners::Partner;
