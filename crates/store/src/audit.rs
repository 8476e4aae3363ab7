//! The audit trail of operators: append-only, each entry's hash covering the one before, so that nothing can be
//! changed or left out unnoticed.

use domain::id::OperatorId;
use domain::time::Timestamp;

use crate::db::Row;
use crate::seal::sha256_hex;
use crate::{StoreError, Tx, args};

/// A call of an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditedCall {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator: OperatorId,
    /// Method and path: what, and to which resource.
    pub operation: String,
    /// What was answered.
    pub status: u16,
    /// Under which request id.
    pub request_id: String,
    /// The SHA-256 of operation and body where the call changed something; empty elsewhere.
    pub fingerprint: String,
}

/// An entry of the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Counted from 1, without gaps.
    pub number: i64,
    /// The call.
    pub call: AuditedCall,
    /// The SHA-256 of the hash before and of everything above.
    pub hash: String,
}

impl AuditEntry {
    fn chained(number: i64, call: AuditedCall, before: &str) -> Self {
        let AuditedCall { at, operator, operation, status, request_id, fingerprint } = &call;
        let at = at.micros();
        let text = format!(
            "{before}\n{number}\n{at}\n{operator}\n{operation}\n{status}\n{request_id}\n{fingerprint}"
        );
        Self { number, hash: sha256_hex(text.as_bytes()), call }
    }
}

/// Appends an entry; concurrent ones take turns on the trail's head.
pub fn append(tx: &mut Tx<'_>, call: AuditedCall) -> Result<AuditEntry, StoreError> {
    let head = "select number, hash from audit_head where id = 1";
    let (number, before): (i64, String) = tx.query_one(head, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let entry = AuditEntry::chained(number + 1, call, &before);
    let sql = "update audit_head set number = $1, hash = $2 where id = 1 and number = $3";
    tx.execute_one(sql, args![entry.number, entry.hash, number])?;
    let sql = "insert into audit_entries (number, at, operator_id, operation, status, request_id, fingerprint, hash) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    let AuditedCall { at, operator, operation, status, request_id, fingerprint } = &entry.call;
    tx.execute(
        sql,
        args![entry.number, *at, *operator, *operation, *status, *request_id, *fingerprint, entry.hash],
    )?;
    Ok(entry)
}

const COLUMNS: &str = "number, at, operator_id, operation, status, request_id, fingerprint, hash";

/// Up to `limit` entries before number `before`, newest first.
pub fn list(tx: &mut Tx<'_>, before: i64, limit: i64) -> Result<Vec<AuditEntry>, StoreError> {
    let sql = format!("select {COLUMNS} from audit_entries where number < $1 order by number desc limit $2");
    tx.query(&sql, args![before, limit], entry)
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
}

/// Checks the whole trail.
pub fn check(tx: &mut Tx<'_>) -> Result<Trail, StoreError> {
    let (mut number, mut hash) = (0, String::new());
    loop {
        let sql = format!("select {COLUMNS} from audit_entries where number > $1 order by number limit 1000");
        let entries = tx.query(&sql, args![number], entry)?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            number += 1;
            if entry != AuditEntry::chained(number, entry.call.clone(), &hash) {
                return Ok(Trail::BrokenAt(number));
            }
            hash = entry.hash;
        }
    }
    let head = "select number, hash from audit_head where id = 1";
    let (last, last_hash): (i64, String) = tx.query_one(head, &[], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(if (last, last_hash) == (number, hash) {
        Trail::Whole { entries: number }
    } else {
        Trail::BrokenAt(number + 1)
    })
}

fn entry(row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let call = AuditedCall {
        at: row.get(1)?,
        operator: row.get(2)?,
        operation: row.get(3)?,
        status: row.get(4)?,
        request_id: row.get(5)?,
        fingerprint: row.get(6)?,
    };
    Ok(AuditEntry { number: row.get(0)?, call, hash: row.get(7)? })
}
