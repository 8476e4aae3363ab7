//! Commands made from the OpenAPI documents: `dinie customers create --cpf …`, `dinie loans get ln_…`. An operation that is
//! new in the document is a new command. `dinie get|post|patch|delete` send any other request.
//!
//! Reasons: docs/decisions/0042.

mod body;
mod document;
mod request;
mod send;
mod tree;

pub use self::request::{RequestArgs, Verb};
pub use self::send::run;
pub use self::tree::{commands, words_of};
