//! Letters to people: committed with what they tell of, sent afterwards, shown in the sandbox's mailbox.

use std::time::Duration;

use domain::id::{MailId, PartnerId};
use domain::page::Page;
use domain::person::Email;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::db::Row;
use crate::document::{self, context, corrupt};
use crate::listing::{listed, opened};
use crate::{StoreError, Tx, Wake, args};

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Its id.
    pub id: MailId,
    /// Whose customers it is about.
    pub partner: PartnerId,
    /// To whom.
    pub to: Email,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// How long it is worth sending.
    pub patience: Patience,
    /// How often it has been tried in vain.
    pub attempts: i64,
    /// When it was written.
    pub created_at: Timestamp,
}

/// How long a letter is worth sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Patience {
    /// As long as a code works.
    Minutes,
    /// A day or so.
    #[default]
    Hours,
}

/// What becomes of a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Post {
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
    #[serde(default)]
    patience: Patience,
}

/// Adds a letter.
pub fn insert(tx: &mut Tx<'_>, mail: &Mail, post: Post) -> Result<(), StoreError> {
    let content = MailDoc {
        to: mail.to.to_string(),
        subject: mail.subject.clone(),
        text: mail.text.clone(),
        patience: mail.patience,
    };
    let sealed = tx.seal(mail.partner, &context("mails", mail.id), document::to_json(&content).as_bytes())?;
    let state = match post {
        Post::Send => "waiting",
        Post::Keep => "kept",
    };
    let sql = "insert into mails (partner_id, id, state, attempts, due_at, address_hash, sealed, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let hash = address_hash(tx, mail.to.as_str());
    // Due at once: it is written by a partner's clock, which may be ahead, and sent by the real one.
    let due_at = Timestamp::from_micros(0);
    tx.execute(
        sql,
        args![mail.partner, mail.id, *state, mail.attempts, due_at, hash, sealed, mail.created_at],
    )?;
    if post == Post::Send {
        tx.wake(Wake::Mails);
    }
    Ok(())
}

fn address_hash(tx: &Tx<'_>, address: &str) -> String {
    tx.keyring().lookup("mail", &address.to_lowercase())
}

const COLUMNS: &str = "partner_id, id, attempts, sealed, created_at";

/// Letters to be sent.
#[derive(Debug, Default)]
pub struct Leased {
    /// Those that read.
    pub mails: Vec<Mail>,
    /// Those that do not, which have ended as failed: none may hold up the others.
    pub unreadable: Vec<MailId>,
}

/// Takes letters that are due, the longest due first, putting each off until its sending must have ended.
pub fn lease(tx: &mut Tx<'_>, now: Timestamp, lease: Duration, limit: i64) -> Result<Leased, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!(
        "select {COLUMNS} from mails where state = 'waiting' and due_at <= $1 order by due_at limit $2 {lock}"
    );
    let rows = tx.query(&sql, args![now, limit], StoredMail::read)?;
    let mut leased = Leased::default();
    for row in rows {
        let (partner, id) = (row.partner, row.id);
        match row.open(tx) {
            Ok(mail) => {
                put_off(tx, &mail, now.plus(lease))?;
                leased.mails.push(mail);
            }
            Err(StoreError::Corrupt(_)) => {
                end(tx, partner, id, Ended::Failed)?;
                leased.unreadable.push(id);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(leased)
}

/// Puts a letter off: while it is being sent, or after a try in vain.
pub fn put_off(tx: &mut Tx<'_>, mail: &Mail, due_at: Timestamp) -> Result<(), StoreError> {
    let sql = "update mails set attempts = $3, due_at = $4 \
               where partner_id = $1 and id = $2 and state = 'waiting'";
    tx.execute(sql, args![mail.partner, mail.id, mail.attempts, due_at]).map(drop)
}

/// Notes that a letter was handed over, or given up.
pub fn end(tx: &mut Tx<'_>, partner: PartnerId, id: MailId, ended: Ended) -> Result<(), StoreError> {
    let state = match ended {
        Ended::Sent => "sent",
        Ended::Failed => "failed",
    };
    let sql = "update mails set state = $3 where partner_id = $1 and id = $2 and state = 'waiting'";
    tx.execute(sql, args![partner, id, *state]).map(drop)
}

/// How a letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A mail server took it.
    Sent,
    /// It was given up.
    Failed,
}

/// When the next letter is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.query_one("select min(due_at) from mails where state = 'waiting'", &[], |row| row.get(0))
}

/// The newest letters to an address that were kept, whoever's customer it is: the sandbox's mailbox.
pub fn to_address(tx: &mut Tx<'_>, address: &str, limit: i64) -> Result<Page<Mail>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, id from mails where address_hash = $1 and state = 'kept' order by created_at desc, id desc limit $2"
    );
    let hash = address_hash(tx, address);
    let rows = tx.query(&sql, args![hash, limit], |row| Ok(listed(row, StoredMail::read)))?;
    opened(tx, "mails", rows, false, StoredMail::open)
}

/// The newest letters to a partner's customers that were kept.
pub fn of_partner(tx: &mut Tx<'_>, partner: PartnerId, limit: i64) -> Result<Page<Mail>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, id from mails where partner_id = $1 and state = 'kept' order by created_at desc, id desc limit $2"
    );
    let rows = tx.query(&sql, args![partner, limit], |row| Ok(listed(row, StoredMail::read)))?;
    opened(tx, "mails", rows, false, StoredMail::open)
}

/// Deletes letters written before `cutoff` that are not waiting.
pub fn purge(tx: &mut Tx<'_>, cutoff: Timestamp) -> Result<(), StoreError> {
    tx.execute("delete from mails where created_at < $1 and state <> 'waiting'", args![cutoff]).map(drop)
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
