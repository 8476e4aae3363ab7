//! What travels: problems, bodies read field by field, and each API generation's JSON.
//!
//! A generation converts to and from the domain only, by total functions: what goes out never fails, what
//! comes in names every wrong field with its path. Generations never import each other.

mod endpoint;
pub mod event_schema;
mod list;
pub mod operator;
pub mod pix;
pub mod problem;
pub mod read;
pub mod reference;
pub mod sandbox;
mod scalar;
pub mod sdk;
pub mod text_scalar;

#[cfg(test)]
mod generations_tests;

/// Why a body that this crate makes always becomes JSON.
const SERIALIZES: &str = "bodies hold text, numbers, moments of the calendar and lists of them";
