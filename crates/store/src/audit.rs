//! The audit trail of operators: append-only, each entry's code covering the one before.
//!
//! The code is an HMAC-SHA-256. The master key wraps its key, so a writer of the database cannot compute a code anew.
//!
//! The chain alone does not show that its end is missing. Therefore its head is published at a place that a writer of
//! the database cannot reach. A check can compare the trail with a published head.

use std::fmt;
use std::str::FromStr;

use domain::id::OperatorId;
use domain::page::{Limit, Page};
use domain::time::Timestamp;

use crate::db::Row;
use crate::listing::opened;
use crate::seal::hmac_hex;
use crate::{StoreError, Tx, args};

/// A call of an operator, or a call with a refused token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCall {
    /// When.
    pub at: Timestamp,
    /// Who; `None` where a token was nobody's.
    pub operator: Option<OperatorId>,
    /// Method and path: what, and to which resource.
    pub operation: String,
    /// What was answered.
    pub status: u16,
    /// Under which request id.
    pub request_id: String,
    /// The SHA-256 of operation and body where the call changed something, the keyed hash of a refused token; empty
    /// elsewhere.
    pub fingerprint: String,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counted from 1, without gaps.
    pub number: i64,
    /// The call.
    pub call: AuditedCall,
    /// The code over the entry before and everything above.
    pub hash: String,
}

/// Where the trail ends: its last entry, as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The entry's number; 0 where there is none.
    pub number: i64,
    /// Its code.
    pub hash: String,
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = "a head is NUMBER:HASH, as dinie audit head prints it";
        let (number, hash) = text.trim().split_once(':').ok_or(malformed)?;
        let number = number.parse().ok().filter(|number| *number >= 0).ok_or(malformed)?;
        let is_code =
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if is_code || (number == 0 && hash.is_empty()) {
            Ok(Self { number, hash: hash.to_owned() })
        } else {
            Err(malformed)
        }
    }
}

/// The text that an entry's code covers.
fn covered(number: i64, call: &AuditedCall, before: &str) -> String {
    let AuditedCall { at, operator, operation, status, request_id, fingerprint } = call;
    let (at, operator) = (at.micros(), operator_text(*operator));
    format!("{before}\n{number}\n{at}\n{operator}\n{operation}\n{status}\n{request_id}\n{fingerprint}")
}

fn operator_text(operator: Option<OperatorId>) -> String {
    operator.map_or_else(String::new, |operator| operator.to_string())
}

/// Appends an entry; concurrent ones take turns on the trail's head.
pub fn append(tx: &mut Tx<'_>, call: AuditedCall) -> Result<AuditEntry, StoreError> {
    let key = *tx.keyring().audit_key();
    let Head { number: last, hash: before } = head(tx)?;
    let number = last + 1;
    let hash = hmac_hex(&key, covered(number, &call, &before).as_bytes());
    let sql = "update audit_head set number = $1, hash = $2 where id = 1 and number = $3";
    tx.execute_one(sql, args![number, hash, last])?;
    let sql = "insert into audit_entries (number, at, operator_id, operation, status, request_id, fingerprint, hash) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let AuditedCall { at, operator, operation, status, request_id, fingerprint } = &call;
    let operator = operator_text(*operator);
    tx.execute(sql, args![number, *at, operator, *operation, *status, *request_id, *fingerprint, hash])?;
    Ok(AuditEntry { number, call, hash })
}

/// The head of the trail: the number and the code of its last entry.
pub fn head(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    let sql = "select number, hash from audit_head where id = 1";
    tx.query_one(sql, &[], |row| Ok(Head { number: row.get(0)?, hash: row.get(1)? }))
}

/// Whether the trail still holds a head that was published.
pub fn holds(tx: &mut Tx<'_>, published: &Head) -> Result<bool, StoreError> {
    if published.number == 0 {
        return Ok(true);
    }
    let sql = "select hash from audit_entries where number = $1";
    let hash: Option<String> = tx.query_opt(sql, args![published.number], |row| row.get(0))?;
    Ok(hash.as_ref() == Some(&published.hash))
}

const COLUMNS: &str = "number, at, operator_id, operation, status, request_id, fingerprint, hash";

/// A page of entries before number `before`, newest first.
pub fn list(tx: &mut Tx<'_>, before: i64, limit: Limit) -> Result<Page<AuditEntry>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from audit_entries where number < $1 order by number desc limit {}",
        limit.get() + 1
    );
    let mut rows = tx.query(&sql, args![before], |row| Ok((row.get::<i64>(0)?.to_string(), entry(row))))?;
    let has_more = rows.len() > limit.get();
    rows.truncate(limit.get());
    opened(tx, "audit_entries", rows, has_more, |entry, _tx| Ok(entry))
}

/// What a check of the trail found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// Every entry follows from the one before, and the head from the last.
    Whole {
        /// How many there are.
        entries: i64,
    },
    /// The entry with this number is missing or was changed.
    BrokenAt(i64),
    /// The entry that was published under this number is missing or differs.
    NotAsPublished(i64),
}

/// Checks the whole trail, and that it still holds a published head where one is given.
pub fn check(tx: &mut Tx<'_>, published: Option<&Head>) -> Result<Trail, StoreError> {
    let key = *tx.keyring().audit_key();
    let (mut number, mut hash) = (0, String::new());
    loop {
        let sql = format!("select {COLUMNS} from audit_entries where number > $1 order by number limit 1000");
        let entries = tx.query(&sql, args![number], |row| Ok(entry(row)))?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            number += 1;
            let Ok(entry) = entry else { return Ok(Trail::BrokenAt(number)) };
            let covered = covered(number, &entry.call, &hash);
            if entry.number != number || entry.hash != hmac_hex(&key, covered.as_bytes()) {
                return Ok(Trail::BrokenAt(number));
            }
            hash = entry.hash;
        }
    }
    if head(tx)? != (Head { number, hash }) {
        return Ok(Trail::BrokenAt(number + 1));
    }
    match published {
        Some(published) if !holds(tx, published)? => Ok(Trail::NotAsPublished(published.number)),
        _as_published => Ok(Trail::Whole { entries: number }),
    }
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let operator: String = row.get(2)?;
    let operator = match operator.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| StoreError::Corrupt("an operator's id that is none".into()))?),
    };
    let call = AuditedCall {
        at: row.get(1)?,
        operator,
        operation: row.get(3)?,
        status: row.get(4)?,
        request_id: row.get(5)?,
        fingerprint: row.get(6)?,
    };
    Ok(AuditEntry { number: row.get(0)?, call, hash: row.get(7)? })
}
