//! Master keys that never leave a key management service. The service wraps and unwraps the few stored keys; these then seal
//! data in memory, as under any other master key.
//!
//! `held` has the port, and `token` its implementation: a key in a token of PKCS#11.
//!
//! Reasons: docs/decisions/0048.

mod error;
mod held;
mod module;
mod place;
mod thread;
mod token;

pub use self::error::KmsError;
pub(crate) use self::held::{HeldKey, without_waiting};
pub use self::place::TokenPlace;
pub use self::token::make;
pub(crate) use self::token::open;
