//! E-mails to customers: their texts and their sending.

mod sending;
mod texts;

pub use sending::{
    SendAgainRefused, failed, lease, list, next_due, of_partner, partners_with_due, purge, refused,
    send_again, sent, to_address,
};
pub use store::mails::{Mail, MailFilter, MailMode, MailReport, Patience};
pub(crate) use texts::{
    Confirmation, SignerCode, account_change, account_changed, code, disbursed, invitations, signed,
};
