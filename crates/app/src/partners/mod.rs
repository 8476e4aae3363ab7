//! Partners, their credentials, their volumes and health, and the keys that sign their tokens.

mod registration;
mod sheet;

pub mod credentials;
pub mod limits;
pub mod program_logins;
pub mod signing_keys;

pub use registration::{create, find, list, list_tenants, name, none_yet};
pub use sheet::{Count, EndpointHealth, Listed, PERIOD, Sheet, listed, sheet, volumes};
pub use store::partners::Partner;
pub use store::volumes::Volumes;
