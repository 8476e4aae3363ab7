//! E-mails to people who sign in to the console: invitations and new links. They are committed with their causes and
//! sent afterwards. They belong to no partner, so they are sealed under the key of the operator that the person is.

use std::time::Duration;

use domain::cause::{Cause, SpanPlace};
use domain::id::{MailId, OperatorId};
use domain::mail::{MailInput, MailState};
use domain::person::Email;
use domain::time::RealTime;
use serde::{Deserialize, Serialize};

use crate::document::{self, context, corrupt, set_of};
use crate::mails::{MailMode, Patience, Step, UNREADABLE};
use crate::operators::data_keys;
use crate::table::table;
use crate::{StoreError, Tx, Wake, args};

table! {
    /// An e-mail as it is stored.
    struct PersonMailRow in "person_mails" by (operator_id, id) {
        operator_id: OperatorId,
        id: MailId,
        state: MailState,
        attempts: i64,
        due_at: RealTime,
        address_hash: String,
        sealed: Vec<u8>,
        reason: String,
        created_at: RealTime,
        changed_at: RealTime,
        request_id: Option<String>,
        traceparent: Option<SpanPlace>,
    }
}

const TABLE: &str = "person_mails";

/// An e-mail to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonMail {
    /// The e-mail's id.
    pub id: MailId,
    /// The operator that the person is.
    pub operator: OperatorId,
    /// The address of the person.
    pub to: Email,
    /// The subject line.
    pub subject: String,
    /// The body.
    pub text: String,
    /// The time in which it may still be sent.
    pub patience: Patience,
    /// The number of failed attempts.
    pub attempts: i64,
    /// The time of its creation.
    pub created_at: RealTime,
    /// What caused it.
    pub cause: Cause,
}

#[derive(Serialize, Deserialize)]
struct MailDoc {
    to: String,
    subject: String,
    text: String,
    patience: Patience,
}

impl PersonMailRow {
    fn open(self, tx: &mut Tx<'_>) -> Result<PersonMail, StoreError> {
        let content = data_keys(tx, self.operator_id)?.open(&context(TABLE, self.id), &self.sealed)?;
        let MailDoc { to, subject, text, patience } = document::from_json(&content)?;
        Ok(PersonMail {
            id: self.id,
            operator: self.operator_id,
            to: Email::parse(&to).map_err(corrupt)?,
            subject,
            text,
            patience,
            attempts: self.attempts,
            created_at: self.created_at,
            cause: Cause { request: self.request_id, span: self.traceparent },
        })
    }
}

fn address_hash(tx: &Tx<'_>, address: &str) -> String {
    tx.keyring().lookup("person_mail", &address.to_lowercase())
}

/// Adds an e-mail.
pub fn insert(tx: &mut Tx<'_>, mail: &PersonMail, mode: MailMode) -> Result<(), StoreError> {
    let PersonMail { id, operator, to, subject, text, patience, attempts, created_at, cause } = mail.clone();
    let content = MailDoc { to: to.to_string(), subject, text, patience };
    let nonce = tx.random_bytes();
    let sealed =
        data_keys(tx, operator)?.seal(nonce, &context(TABLE, id), document::to_json(&content).as_bytes());
    let address_hash = address_hash(tx, to.as_str());
    tx.insert(&PersonMailRow {
        operator_id: operator,
        id,
        state: match mode {
            MailMode::Send => MailState::Waiting,
            MailMode::Keep => MailState::Kept,
        },
        attempts,
        due_at: created_at,
        address_hash,
        sealed,
        reason: String::new(),
        created_at,
        changed_at: created_at,
        request_id: cause.request,
        traceparent: cause.span,
    })?;
    if mode == MailMode::Send {
        tx.wake(Wake::Mails);
    }
    Ok(())
}

/// E-mails to send.
#[derive(Debug, Default)]
pub struct Leased {
    /// The readable e-mails.
    pub mails: Vec<PersonMail>,
    /// The unreadable e-mails, which have ended as failed.
    pub unreadable: Vec<MailId>,
}

/// Takes due e-mails, the oldest due ones first. Each is put off until its sending must have ended.
pub fn lease(tx: &mut Tx<'_>, now: RealTime, lease: Duration, limit: i64) -> Result<Leased, StoreError> {
    let lock = tx.dialect().skip_locked;
    let due = format!("where state = 'waiting' and due_at <= $1 order by due_at limit $2 {lock}");
    let mut leased = Leased::default();
    for row in tx.find_all::<PersonMailRow>(&due, args![now, limit])? {
        let (operator, id) = (row.operator_id, row.id);
        match row.open(tx) {
            Ok(mail) => {
                put_off(tx, &mail, now.plus(lease))?;
                leased.mails.push(mail);
            }
            Err(StoreError::Corrupt(_)) => {
                let to = MailState::Waiting.step(MailInput::GivenUp)?;
                end(tx, (operator, id), &Step { to: &to, reason: UNREADABLE, failed: 0, at: now })?;
                leased.unreadable.push(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(leased)
}

/// Puts an e-mail off, after a failed attempt or while it is being sent.
pub fn put_off(tx: &mut Tx<'_>, mail: &PersonMail, due_at: RealTime) -> Result<(), StoreError> {
    // As for partners' e-mails, the update finds the row by its key.
    let sql = "update person_mails set attempts = $3, due_at = $4 \
               where operator_id = $1 and id = $2 and state || '' = 'waiting'";
    tx.execute_later(sql, args![mail.operator, mail.id, mail.attempts, due_at])
}

/// Ends a waiting e-mail. If another node has ended it meanwhile, nothing changes.
pub fn end(tx: &mut Tx<'_>, (operator, id): (OperatorId, MailId), step: &Step<'_>) -> Result<(), StoreError> {
    let Step { to, reason, failed, at } = step;
    let sql = "update person_mails set state = $3, reason = $4, changed_at = $5, attempts = attempts + $6 \
               where operator_id = $1 and id = $2 and state || '' = 'waiting'";
    tx.execute(sql, args![operator, id, *to.next().name(), *reason, *at, *failed]).map(drop)
}

/// The time at which the next e-mail is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    tx.fetch_one("select min(due_at) from person_mails where state = 'waiting'", &[])
}

/// The newest kept e-mails to an address: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str, limit: i64) -> Result<Vec<PersonMail>, StoreError> {
    let kept = "where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2";
    let hash = address_hash(tx, address);
    let rows: Vec<PersonMailRow> = tx.find_all(kept, args![hash, limit])?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// Deletes up to `rows` e-mails written before `cutoff` that are not waiting; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let waiting = set_of(|state: MailState| state == MailState::Waiting);
    let sql = format!(
        "delete from person_mails where id in (select id from person_mails \
         where created_at < $1 and state not in {waiting} order by created_at limit $2)"
    );
    tx.execute(&sql, args![cutoff, rows])
}
