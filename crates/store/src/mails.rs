//! E-mails to people: committed with what they tell of, sent afterwards, shown in the sandbox's mailbox.

use std::time::Duration;

use domain::id::{MailId, PartnerId, ResourceId as _};
use domain::machine::Transition;
use domain::mail::{MailEvent, MailInput, MailState};
use domain::page::Page;
use domain::person::Email;
use domain::time::{RealTime, Timestamp};
use serde::{Deserialize, Serialize};

use crate::db::{Row, delete_listed};
use crate::document::{self, context, corrupt};
use crate::listing::{Cursor, Gone, Listing, UnknownCursor, listed, opened};
use crate::{StoreError, Tx, Wake, args};

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// The partner of the customer whom it concerns.
    pub partner: PartnerId,
    /// To whom.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// How long it is worth sending.
    pub patience: Patience,
    /// The number of failed attempts.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
}

/// How long an e-mail is worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// As long as a code works.
    Minutes,
    /// A day or so.
    #[default]
    Hours,
}

/// What becomes of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailMode {
    /// It is sent.
    Send,
    /// It stays in the mailbox, as there is no server to hand it to.
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
    let sql = "insert into mails (partner_id, id, state, attempts, due_at, address_hash, sealed, reason, created_at, \
               changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let hash = address_hash(tx, mail.to.as_str());
    let (due_at, no_reason, written_at) = (AT_ONCE, "", mail.created_at);
    tx.execute_later(
        sql,
        args![
            mail.partner,
            mail.id,
            *state.name(),
            mail.attempts,
            due_at,
            hash,
            sealed,
            *no_reason,
            written_at,
            written_at,
        ],
    )?;
    if mode == MailMode::Send {
        tx.wake(Wake::Mails);
    }
    Ok(())
}

/// Due at once: an e-mail is written by a partner's clock, which may be ahead, and sent by the real one.
const AT_ONCE: RealTime = RealTime::from_micros(0);

fn address_hash(tx: &Tx<'_>, address: &str) -> String {
    tx.keyring().lookup("mail", &address.to_lowercase())
}

const COLUMNS: &str = "partner_id, id, attempts, sealed, created_at";

/// E-mails to be sent.
#[derive(Debug, Default)]
pub struct Leased {
    /// Those that read.
    pub mails: Vec<Mail>,
    /// Those that do not, which have ended as failed: none may hold up the others.
    pub unreadable: Vec<MailId>,
}

/// The partners with e-mails that are due, those of the longest due first. It locks nothing, as
/// [`partners_with_due`](crate::jobs::partners_with_due) does not.
pub fn partners_with_due(tx: &mut Tx<'_>, now: RealTime, limit: i64) -> Result<Vec<PartnerId>, StoreError> {
    let sql =
        "select partner_id from mails where state = 'waiting' and due_at <= $1 order by due_at limit $2";
    Ok(crate::jobs::each_once(tx.query(sql, args![now, limit], |row| row.get(0))?))
}

/// Takes a partner's e-mails that are due, the longest due first, putting each off until its sending must have ended.
pub fn lease(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: RealTime,
    lease: Duration,
    limit: i64,
) -> Result<Leased, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!(
        "select {COLUMNS} from mails where partner_id = $1 and state = 'waiting' and due_at <= $2 \
         order by due_at limit $3 {lock}"
    );
    let rows = tx.query(&sql, args![partner, now, limit], StoredMail::read)?;
    let mut leased = Leased::default();
    for row in rows {
        let (partner, id) = (row.partner, row.id);
        match row.open(tx) {
            Ok(mail) => {
                put_off(tx, &mail, now.plus(lease))?;
                leased.mails.push(mail);
            }
            Err(StoreError::Corrupt(_)) => {
                let to = MailState::Waiting.step(MailInput::GivenUp)?;
                let gave_up = Step { to: &to, reason: UNREADABLE, at: now };
                step(tx, partner, id, MailState::Waiting, &gave_up)?;
                leased.unreadable.push(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(leased)
}

/// Puts an e-mail off: while it is being sent, or after a try in vain.
pub fn put_off(tx: &mut Tx<'_>, mail: &Mail, due_at: RealTime) -> Result<(), StoreError> {
    // By its key: PostgreSQL takes the index of what waits while little waits, and reads all of it when much waits.
    let sql = "update mails set attempts = $3, due_at = $4 \
               where partner_id = $1 and id = $2 and state || '' = 'waiting'";
    tx.execute_later(sql, args![mail.partner, mail.id, mail.attempts, due_at])
}

/// Why an e-mail whose row is damaged was given up.
pub const UNREADABLE: &str = "the e-mail cannot be read any more";

/// A step of an e-mail.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// The step that its machine took.
    pub to: &'a Transition<MailState, MailEvent>,
    /// Why it was given up; empty where it was not.
    pub reason: &'a str,
    /// When.
    pub at: RealTime,
}

/// Records an e-mail's step. `false` if its state is no longer `from`: another node ended it first, and that remains.
pub fn step(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: MailId,
    from: MailState,
    step: &Step<'_>,
) -> Result<bool, StoreError> {
    let sql = "update mails set state = $4, reason = $5, changed_at = $6 \
               where partner_id = $1 and id = $2 and state = $3";
    let Step { to, reason, at } = step;
    Ok(tx.execute(sql, args![partner, id, *from.name(), *to.next().name(), *reason, *at])? == 1)
}

/// Lets an e-mail that was given up wait again, as if it had never been tried; `to` is the step that its machine took.
pub fn requeue(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: MailId,
    from: MailState,
    to: &Transition<MailState, MailEvent>,
    at: RealTime,
) -> Result<(), StoreError> {
    let sql = "update mails set state = $4, attempts = 0, due_at = $5, reason = '', changed_at = $6 \
               where partner_id = $1 and id = $2 and state = $3";
    tx.execute_one(sql, args![partner, id, *from.name(), *to.next().name(), AT_ONCE, at])?;
    tx.wake(Wake::Mails);
    Ok(())
}

/// An e-mail with its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailReport {
    /// Its id.
    pub id: MailId,
    /// The partner of the customer whom it concerns.
    pub partner: PartnerId,
    /// The state of the e-mail.
    pub state: MailState,
    /// The number of failed attempts.
    pub attempts: i64,
    /// Why it was given up; empty where it was not.
    pub reason: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it last changed.
    pub changed_at: RealTime,
    /// The letter; `None` where its row is damaged.
    pub mail: Option<Mail>,
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
    tx: &mut Tx<'_>,
    filter: &MailFilter,
    cursor: &Cursor<MailId>,
    kept_since: RealTime,
) -> Result<Result<Page<MailReport>, UnknownCursor>, StoreError> {
    let gone = Gone::of(cursor, |id| id.moment() < kept_since.unmoved());
    let state = filter.state.map(MailState::name);
    Listing::across("mails", FILE_COLUMNS)
        .sorted_by("id")
        .whose_cursor_may_be(gone)
        .within("partner_id", filter.partner.as_ref())
        .having("state", state.as_ref())
        .page(tx, cursor, StoredFile::read, StoredFile::open)
}

/// An e-mail with its state.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: MailId) -> Result<Option<MailReport>, StoreError> {
    let sql = format!("select {FILE_COLUMNS} from mails where partner_id = $1 and id = $2");
    let row = tx.query_opt(&sql, args![partner, id], StoredFile::read)?;
    row.map(|row| row.open(tx)).transpose()
}

const FILE_COLUMNS: &str = "partner_id, id, attempts, sealed, created_at, state, reason, changed_at";

struct StoredFile {
    mail: StoredMail,
    state: MailState,
    reason: String,
    changed_at: RealTime,
}

impl StoredFile {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let state = row.with_text(5, document::parsed)?;
        Ok(Self { mail: StoredMail::read(row)?, state, reason: row.get(6)?, changed_at: row.get(7)? })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<MailReport, StoreError> {
        let StoredMail { partner, id, attempts, created_at, .. } = self.mail;
        let mail = match self.mail.open(tx) {
            Ok(mail) => Some(mail),
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(mail.id = %id, reason, "an e-mail cannot be read; it is listed without its content");
                None
            }
            Err(error) => return Err(error),
        };
        let (state, reason, changed_at) = (self.state, self.reason, self.changed_at);
        Ok(MailReport { id, partner, state, attempts, reason, created_at, changed_at, mail })
    }
}

/// When the next e-mail is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    tx.query_one("select min(due_at) from mails where state = 'waiting'", &[], |row| row.get(0))
}

/// The newest e-mails to an address that were kept, whoever's customer it is: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str, limit: i64) -> Result<Page<Mail>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, id from mails where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2"
    );
    let hash = address_hash(tx, address);
    let rows = tx.query(&sql, args![hash, limit], |row| Ok(listed(row, StoredMail::read)))?;
    opened(tx, "mails", rows, false, StoredMail::open)
}

/// The newest e-mails to a partner's customers that were kept.
pub fn of_partner(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Page<Mail>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, id from mails where partner_id = $1 and state = 'kept' order by created_at desc, id desc limit $2"
    );
    let rows = tx.query(&sql, args![partner, limit], |row| Ok(listed(row, StoredMail::read)))?;
    opened(tx, "mails", rows, false, StoredMail::open)
}

/// Deletes up to `rows` e-mails written before `cutoff` that are not waiting; returns how many.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "select partner_id, id from mails where created_at < $1 and state <> 'waiting' order by created_at limit $2";
    let old = tx.query(sql, args![cutoff, rows], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let sql = "delete from mails where created_at < $2 and state <> 'waiting' and partner_id = $1 and id in";
    delete_listed(tx, sql, &old, cutoff)
}

struct StoredMail {
    partner: PartnerId,
    id: MailId,
    attempts: i64,
    sealed: Vec<u8>,
    created_at: Timestamp,
}

impl StoredMail {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: row.get(0)?,
            id: row.get(1)?,
            attempts: row.get(2)?,
            sealed: row.get(3)?,
            created_at: row.get(4)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Mail, StoreError> {
        let Self { partner, id, attempts, sealed, created_at } = self;
        let content = tx.unseal(partner, &context("mails", id), &sealed)?;
        let MailDoc { to, subject, text, patience } = document::from_json(&content)?;
        let to = Email::parse(&to).map_err(corrupt)?;
        Ok(Mail { id, partner, to, subject, text, patience, attempts, created_at })
    }
}
