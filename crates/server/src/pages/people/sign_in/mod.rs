//! Signing in by password and second factor, and choosing both (docs/decisions/0028).

mod authenticator;
mod code;
mod forgot;
mod hashing;
mod passkeys;
mod password;
mod provider;
mod query;
mod recovery;
mod start;

pub(in crate::pages) use self::authenticator::{set_up, show as show_authenticator};
pub(in crate::pages) use self::code::{give, prove, show as show_code, show_proof};
pub(in crate::pages) use self::forgot::{send as send_new, show as show_forgot};
pub(in crate::pages) use self::passkeys::{
    add as add_passkey, remove as remove_passkey, show as show_passkey,
};
pub(in crate::pages) use self::password::{choose, show as show_password};
pub(in crate::pages) use self::provider::{answer as provider_answer, ask as ask_provider};
pub(in crate::pages) use self::recovery::codes;
pub(in crate::pages) use self::start::{show, submit};
