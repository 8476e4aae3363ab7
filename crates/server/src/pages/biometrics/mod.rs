//! The hosted session: a customer hands in their documents, selfie and bank account, and submits them.
//!
//! The link's code is exchanged once, by a button and not when the link is opened, so a chat's preview uses nothing up. From
//! then on the browser holds a cookie, and a reload goes on where the customer was.
//!
//! Reasons: docs/decisions/0007.

mod cookie;
mod entry;
mod form;
mod handing_in;
mod not_taken;
mod requirements;
mod steps;
mod words;

pub(super) use self::entry::{begin, home, not_too_often, script, show};
pub(super) use self::handing_in::{give_account, submit, upload};
