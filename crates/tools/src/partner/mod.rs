//! A partner's side of the API, for the commands that call a server.

mod call;
mod generation;

pub(crate) use call::{
    PATIENCE, Partner, answered_json, key, new_registration, registration, sent, text, token,
};
pub use generation::ApiGeneration;
pub(crate) use generation::{FILES, cents, iso, moment};
