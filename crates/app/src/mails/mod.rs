//! E-mails to customers, and to people who sign in ([`people`]): their texts and their sending.

pub mod people;
mod sending;
mod team;
mod texts;

use domain::time::RealTime;
use store::{StoreError, Tx};

pub(crate) use people::PersonLink;
pub use sending::{
    CloseRefused, SendAgainRefused, close, failed, find, lease, list, next_due, of_partner,
    partners_with_due, purge, refused, send_again, sent, to_address,
};
pub use store::mails::{Mail, MailFilter, MailMode, MailReport, Patience};
pub(crate) use team::{EndpointTrouble, TroubledEndpoint, tell_team};
pub(crate) use texts::{
    Confirmation, Message, SignerCode, account_change, account_changed, all_signed, change_asked,
    change_made, code, disbursed, invitation, invitations, money_sent, signed, signing_code,
};

/// Time of the next due e-mail, to customers and to people of teams.
pub fn next_due_of_all(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let due = [next_due(tx)?, people::next_due(tx)?];
    Ok(due.into_iter().flatten().min())
}
