//! The lender's own provider, which signs people in (OpenID Connect, authorization code with PKCE).
//!
//! [`ask`] is what a browser is sent to the provider with, [`provider`] talks to the provider, and [`token`] checks the
//! ID token. None of them knows people or sessions. Reasons: docs/decisions/0030.

mod ask;
mod provider;
mod token;

pub use self::ask::{Ask, Asked};
pub use self::provider::{Account, Provider, ProviderFault};
