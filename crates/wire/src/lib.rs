//! What travels: problems, bodies read field by field, and each API generation's JSON.
//!
//! A generation converts to and from the domain only, by total functions: what goes out never fails, what
//! comes in names every wrong field with its path. Generations never import each other.

mod endpoint;
pub mod links;
pub mod problem;
pub mod read;
pub mod reference;
mod scalar;
pub mod sdk;

#[cfg(test)]
mod generations_tests;
