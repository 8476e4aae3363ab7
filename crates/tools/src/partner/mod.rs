//! A partner's side of the API, for the commands that call a server.

mod call;
mod generation;

pub(crate) use call::{PATIENCE, Partner, new_registration, registration, text, token};
pub(crate) use generation::{ApiGeneration, FILES, cents, iso, moment};
