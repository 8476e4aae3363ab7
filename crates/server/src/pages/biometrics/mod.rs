//! The hosted session: a customer sends their documents, selfie and bank account, and submits them for review.
//!
//! A button exchanges the link's code once. Opening the link does not, so a chat's preview does not use it up. From
//! then on the browser has a cookie, and a reload continues at the same step.
//!
//! Reasons: docs/decisions/0007.

mod cookie;
mod entry;
mod messages;
mod refusal;
mod requirements;
mod steps;
mod submit;

pub(super) use self::entry::{begin, home, not_too_often, script, show};
pub(super) use self::submit::{give_account, submit, upload};
