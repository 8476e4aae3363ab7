//! Signing in by password and second factor, and choosing both (docs/decisions/0028).

mod authenticator;
mod code;
mod forgot;
mod hashing;
mod password;
mod query;
mod start;

pub(super) use self::authenticator::{codes, set_up, show as show_authenticator};
pub(super) use self::code::{give, prove, show as show_code, show_proof};
pub(super) use self::forgot::{send as send_new, show as show_forgot};
pub(super) use self::password::{choose, show as show_password};
pub(super) use self::start::{show, submit};
