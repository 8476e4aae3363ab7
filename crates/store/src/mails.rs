//! E-mails to people. They are committed with their causes and sent afterwards. The sandbox shows them in its mailbox.

use std::collections::HashMap;
use std::time::Duration;

use domain::cause::{Cause, SpanPlace};
use domain::id::{MailId, PartnerId, ResourceId as _};
use domain::machine::Transition;
use domain::mail::{MailEvent, MailInput, MailState};
use domain::page::Page;
use domain::person::Email;
use domain::queue::{CaseSubject, Queue};
use domain::time::{RealTime, Timestamp};
use serde::{Deserialize, Serialize};

use crate::case_ends::Moment;
use crate::cases::{self, Entering};
use crate::db::{Deletable, among, delete_listed};
use crate::document::{self, context, corrupt, set_of};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor, opened};
use crate::table::table;
use crate::{StoreError, Tx, Wake, args};

table! {
    /// An e-mail as it is stored.
    struct MailRow in "mails" by (partner_id, id) {
        partner_id: PartnerId,
        id: MailId,
        state: MailState,
        attempts: i64,
        due_at: RealTime,
        address_hash: String,
        sealed: Vec<u8>,
        reason: String,
        created_at: Timestamp,
        changed_at: RealTime,
        request_id: Option<String>,
        traceparent: Option<SpanPlace>,
    }
}

impl MailRow {
    fn open(self, tx: &mut Tx<'_>) -> Result<Mail, StoreError> {
        let content = tx.unseal(self.partner_id, &context("mails", self.id), &self.sealed)?;
        let MailDoc { to, subject, text, patience } = document::from_json(&content)?;
        Ok(Mail {
            id: self.id,
            partner: self.partner_id,
            to: Email::parse(&to).map_err(corrupt)?,
            subject,
            text,
            patience,
            attempts: self.attempts,
            created_at: self.created_at,
            cause: Cause { request: self.request_id, span: self.traceparent },
        })
    }

    /// The e-mail with its state. A damaged e-mail is listed without its content.
    fn open_file(self, tx: &mut Tx<'_>) -> Result<MailReport, StoreError> {
        let mut file = MailReport {
            id: self.id,
            partner: self.partner_id,
            state: self.state,
            attempts: self.attempts,
            reason: self.reason.clone(),
            created_at: self.created_at,
            changed_at: self.changed_at,
            request: self.request_id.clone(),
            mail: None,
        };
        match self.open(tx) {
            Ok(mail) => file.mail = Some(mail),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(mail.id = %file.id, reason, "an e-mail cannot be read; it is listed without its content");
            }
            Err(error) => return Err(error),
        }
        Ok(file)
    }
}

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The e-mail's id.
    pub id: MailId,
    /// The partner of the customer whom the e-mail concerns.
    pub partner: PartnerId,
    /// The address of the receiver.
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
    pub created_at: Timestamp,
    /// What caused it.
    pub cause: Cause,
}

/// The time in which an e-mail may still be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// As long as its code works.
    Minutes,
    /// About a day.
    #[default]
    Hours,
}

/// The handling of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailMode {
    /// It is sent.
    Send,
    /// It stays in the mailbox, because no mail server is configured.
    Keep,
}

#[derive(Serialize, Deserialize)]
struct MailDoc {
    to: String,
    subject: String,
    text: String,
    patience: Patience,
}

/// Adds an e-mail.
pub fn insert(tx: &mut Tx<'_>, mail: &Mail, mode: MailMode) -> Result<(), StoreError> {
    let content = MailDoc {
        to: mail.to.to_string(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        patience: mail.patience,
    };
    let sealed = tx.seal(mail.partner, &context("mails", mail.id), document::to_json(&content).as_bytes())?;
    let state = match mode {
        MailMode::Send => MailState::Waiting,
        MailMode::Keep => MailState::Kept,
    };
    let address_hash = address_hash(tx, mail.to.as_str());
    tx.insert(&MailRow {
        partner_id: mail.partner,
        id: mail.id,
        state,
        attempts: mail.attempts,
        due_at: AT_ONCE,
        address_hash,
        sealed,
        reason: String::new(),
        created_at: mail.created_at,
        // Until its first change, this is the time of its creation.
        changed_at: RealTime::from_micros(mail.created_at.micros()),
        request_id: mail.cause.request.clone(),
        traceparent: mail.cause.span,
    })?;
    if mode == MailMode::Send {
        tx.wake(Wake::Mails);
    }
    Ok(())
}

/// Due at once. An e-mail's creation has the time of a partner's clock, which may be ahead, but the real clock decides
/// when to send.
const AT_ONCE: RealTime = RealTime::from_micros(0);

fn address_hash(tx: &Tx<'_>, address: &str) -> String {
    tx.keyring().lookup("mail", &address.to_lowercase())
}

/// E-mails to send.
#[derive(Debug, Default)]
pub struct Leased {
    /// The readable e-mails.
    pub mails: Vec<Mail>,
    /// The unreadable e-mails. They have ended as failed, so that they do not hold up the others.
    pub unreadable: Vec<MailId>,
}

/// The partners with e-mails that are due. The partners with the oldest due e-mails come first. Like
/// [`partners_with_due`](crate::jobs::partners_with_due), it locks nothing.
pub fn partners_with_due(tx: &mut Tx<'_>, now: RealTime, limit: i64) -> Result<Vec<PartnerId>, StoreError> {
    let sql =
        "select partner_id from mails where state = 'waiting' and due_at <= $1 order by due_at limit $2";
    Ok(crate::jobs::each_once(tx.fetch_all(sql, args![now, limit])?))
}

/// Takes a partner's due e-mails, the oldest due ones first. Each is put off until its sending must have ended.
pub fn lease(
    tx: &mut Tx<'_>, partner: PartnerId, now: RealTime, lease: Duration, limit: i64,
) -> Result<Leased, StoreError> {
    let lock = tx.dialect().skip_locked;
    let due = format!(
        "where partner_id = $1 and state = 'waiting' and due_at <= $2 order by due_at limit $3 {lock}"
    );
    let rows = tx.find_all::<MailRow>(&due, args![partner, now, limit])?;
    let mut leased = Leased::default();
    for row in rows {
        let (partner, id) = (row.partner_id, row.id);
        match row.open(tx) {
            Ok(mail) => {
                put_off(tx, &mail, now.plus(lease))?;
                leased.mails.push(mail);
            }
            Err(StoreError::Corrupt(_)) => {
                let to = MailState::Waiting.step(MailInput::GivenUp)?;
                let gave_up = Step { to: &to, reason: UNREADABLE, failed: 0, at: now };
                step(tx, partner, id, MailState::Waiting, &gave_up)?;
                leased.unreadable.push(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(leased)
}

/// Puts an e-mail off, after a failed attempt or while it is being sent.
pub fn put_off(tx: &mut Tx<'_>, mail: &Mail, due_at: RealTime) -> Result<(), StoreError> {
    // The update finds the row by its key. A planner that has seen a short queue would use the queue's index and read
    // all of it.
    let sql = "update mails set attempts = $3, due_at = $4 \
               where partner_id = $1 and id = $2 and state || '' = 'waiting'";
    tx.execute_later(sql, args![mail.partner, mail.id, mail.attempts, due_at])
}

/// The reason of an e-mail that was given up because its row is damaged.
pub const UNREADABLE: &str = "the e-mail cannot be read any more";

/// A step of an e-mail.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The step that its machine took.
    pub to: &'a Transition<MailState, MailEvent>,
    /// The reason of giving up; empty for other steps.
    pub reason: &'a str,
    /// The attempts that failed with this step.
    pub failed: i64,
    /// The time of the step.
    pub at: RealTime,
}

/// Records an e-mail's step. `false` if its state is no longer `from`: another node ended it first, and that state
/// remains.
pub fn step(
    tx: &mut Tx<'_>, partner: PartnerId, id: MailId, from: MailState, step: &Step<'_>,
) -> Result<bool, StoreError> {
    let sql = "update mails set state = $4, reason = $5, changed_at = $6, attempts = attempts + $7 \
               where partner_id = $1 and id = $2 and state = $3";
    let Step { to, reason, failed, at } = step;
    if tx.execute(sql, args![partner, id, *from.name(), *to.next().name(), *reason, *at, *failed])? != 1 {
        return Ok(false);
    }
    if *to.next() == MailState::Failed {
        let case = Entering {
            partner: Some(partner),
            queue: Queue::MailsFailed,
            subject: CaseSubject::Mail(id),
            customer: None,
            amount: None,
            sign_by: None,
            at: Moment::Real(*at),
        };
        cases::enter(tx, &case)?;
    }
    Ok(true)
}

/// Queues an e-mail that was given up again, without its failed attempts. `to` is the step of its machine.
pub fn requeue(
    tx: &mut Tx<'_>, partner: PartnerId, id: MailId, from: MailState, to: &Transition<MailState, MailEvent>,
    at: RealTime,
) -> Result<(), StoreError> {
    let sql = "update mails set state = $4, attempts = 0, due_at = $5, reason = '', changed_at = $6 \
               where partner_id = $1 and id = $2 and state = $3";
    tx.execute_one(sql, args![partner, id, *from.name(), *to.next().name(), AT_ONCE, at])?;
    cases::leave(tx, partner, CaseSubject::Mail(id), Queue::MailsFailed, Moment::Real(at))?;
    tx.wake(Wake::Mails);
    Ok(())
}

/// Records that an operator has seen that an e-mail failed. `to` is the step of its machine.
pub fn close(
    tx: &mut Tx<'_>, partner: PartnerId, id: MailId, from: MailState, to: &Transition<MailState, MailEvent>,
    at: RealTime,
) -> Result<(), StoreError> {
    let sql = "update mails set state = $4, changed_at = $5 where partner_id = $1 and id = $2 and state = $3";
    tx.execute_one(sql, args![partner, id, *from.name(), *to.next().name(), at])?;
    cases::leave(tx, partner, CaseSubject::Mail(id), Queue::MailsFailed, Moment::Real(at))
}

/// An e-mail with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailReport {
    /// The e-mail's id.
    pub id: MailId,
    /// The partner of the customer whom the e-mail concerns.
    pub partner: PartnerId,
    /// The state of the e-mail.
    pub state: MailState,
    /// The number of failed attempts.
    pub attempts: i64,
    /// The reason of giving up; empty if it was not given up.
    pub reason: String,
    /// The time of its creation.
    pub created_at: Timestamp,
    /// The time of its last change.
    pub changed_at: RealTime,
    /// The id of the request that caused it, if a request did.
    pub request: Option<String>,
    /// The e-mail; `None` if its row is damaged.
    pub mail: Option<Mail>,
}

/// A tenant's e-mails that a request caused, oldest first, at most 100.
pub fn of_request(tx: &mut Tx<'_>, tenant: PartnerId, request: &str) -> Result<Vec<MailReport>, StoreError> {
    let rows = tx
        .find_all::<MailRow>("where partner_id = $1 and request_id = $2 limit 100", args![tenant, request])?;
    let mut reports = rows.into_iter().map(|row| row.open_file(tx)).collect::<Result<Vec<_>, _>>()?;
    reports.sort_unstable_by_key(|report| report.id);
    Ok(reports)
}

/// The filter of a list of e-mails.
#[derive(Debug, Clone, Copy, Default)]
pub struct MailFilter {
    /// Only this partner's.
    pub partner: Option<PartnerId>,
    /// Only those in this state.
    pub state: Option<MailState>,
}

/// A page of e-mails of all partners. An e-mail from before `kept_since` may have been dropped meanwhile. Its id is
/// still a valid cursor.
pub fn list(
    tx: &mut Tx<'_>, filter: &MailFilter, cursor: &Cursor<MailId>, kept_since: RealTime,
) -> Result<Result<Page<MailReport>, UnknownCursor>, StoreError> {
    let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
    Listing::by_id(MailRow::id)
        .whose_cursor_may_be(gone)
        .within(MailRow::partner_id, filter.partner.as_ref())
        .having(MailRow::state, filter.state.as_ref())
        .page(tx, cursor, MailRow::open_file)
}

/// An e-mail with its state.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: MailId) -> Result<Option<MailReport>, StoreError> {
    let row = tx.find::<MailRow>("where partner_id = $1 and id = $2", args![partner, id])?;
    row.map(|row| row.open_file(tx)).transpose()
}

/// These e-mails with their states.
pub fn these(tx: &mut Tx<'_>, ids: &[MailId]) -> Result<HashMap<MailId, MailReport>, StoreError> {
    let (these, args) = among(ids, 1);
    let rows: Vec<MailRow> = tx.find_all(&format!("where id {these}"), &args)?;
    rows.into_iter().map(|row| Ok((row.id, row.open_file(tx)?))).collect()
}

/// The time at which the next e-mail is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    tx.fetch_one("select min(due_at) from mails where state = 'waiting'", &[])
}

/// The newest kept e-mails to an address, of any partner's customer: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str, limit: i64) -> Result<Page<Mail>, StoreError> {
    let kept = "where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2";
    let hash = address_hash(tx, address);
    let rows = tx.find_marked(MailRow::id, kept, args![hash, limit])?;
    opened(tx, rows, false, MailRow::open)
}

/// The newest e-mails of a partner to an address, each with its state.
pub fn reports_to(
    tx: &mut Tx<'_>, partner: PartnerId, address: &str, limit: i64,
) -> Result<Page<MailReport>, StoreError> {
    let sent = "where partner_id = $1 and address_hash = $2 order by created_at desc, id desc limit $3";
    let hash = address_hash(tx, address);
    let rows = tx.find_marked(MailRow::id, sent, args![partner, hash, limit])?;
    opened(tx, rows, false, MailRow::open_file)
}

/// The newest kept e-mails to a partner's customers.
pub fn of_partner(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Page<Mail>, StoreError> {
    let kept = "where partner_id = $1 and state = 'kept' order by created_at desc, id desc limit $2";
    let rows = tx.find_marked(MailRow::id, kept, args![partner, limit])?;
    opened(tx, rows, false, MailRow::open)
}

/// Deletes a partner's e-mails to an address.
pub(crate) fn forget(tx: &mut Tx<'_>, partner: PartnerId, address: &Email) -> Result<(), StoreError> {
    let hash = address_hash(tx, address.as_str());
    tx.execute("delete from mails where address_hash = $1 and partner_id = $2", args![hash, partner])
        .map(drop)
}

/// Whether an e-mail is still to be sent.
fn waits(state: MailState) -> bool {
    match state {
        MailState::Waiting => true,
        MailState::Kept | MailState::Sent | MailState::Failed | MailState::Closed => false,
    }
}

/// Deletes up to `rows` e-mails written before `cutoff` that are not waiting; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let waiting = set_of(waits);
    let sql = format!(
        "select partner_id, id, state from mails where created_at < $1 and state not in {waiting} \
         order by created_at limit $2"
    );
    let found: Vec<(String, String, MailState)> = tx.fetch_all(&sql, args![cutoff, rows])?;
    let mut old = Vec::with_capacity(found.len());
    for (partner, id, state) in found {
        if state == MailState::Failed {
            cases::leave_all(tx, &partner, &id, Moment::Real(cutoff))?;
        }
        old.push((partner, id));
    }
    let still = format!("created_at < $2 and state not in {waiting}");
    delete_listed(tx, &Deletable { table: "mails", key: "id", still: &still }, &old, cutoff)
}
