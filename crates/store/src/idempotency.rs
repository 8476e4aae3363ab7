//! Stored answers: the first use of an idempotency key, committed with its effect.

use domain::time::RealTime;

use crate::data_keys;
use crate::db::{Deletable, delete_listed};
use crate::document::versioned;
pub use crate::holder::Holder;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A key as it is stored. The holder may be a partner or an operator.
    struct KeyRow in "idempotency_keys" by (partner_id, key) {
        partner_id: String,
        key: String,
        fingerprint: String,
        status: u16,
        location: Option<String>,
        sealed: Option<Vec<u8>>,
        created_at: RealTime,
    }
}

const TABLE: &str = "idempotency_keys";

/// An answer as the caller received it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The `Location` header, if there was one.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// The result of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// The key was free, or its use is so long ago that it is free again. This transaction now has it.
    Ours,
    /// The key was used before.
    Used {
        /// The fingerprint of its first use.
        fingerprint: String,
        /// The answer of its first use.
        answer: StoredAnswer,
    },
}

/// Claims a key. A concurrent transaction with the same key waits here until the first has committed.
pub fn claim(
    tx: &mut Tx<'_>, holder: Holder, key: &str, fingerprint: &str, now: RealTime, cutoff: RealTime,
) -> Result<Claim, StoreError> {
    let sql = "insert into idempotency_keys (partner_id, key, fingerprint, status, created_at) \
               values ($1, $2, $3, 0, $4) on conflict (partner_id, key) do update \
               set fingerprint = $3, status = 0, location = null, sealed = null, created_at = $4 \
               where idempotency_keys.created_at < $5";
    // Only the row's key decides the outcome.
    if tx.beside(|tx| tx.execute(sql, args![holder, key, fingerprint, now, cutoff]))? == 1 {
        return Ok(Claim::Ours);
    }
    let used = "where partner_id = $1 and key = $2";
    let KeyRow { fingerprint, status, location, sealed, created_at, .. } =
        tx.find(used, args![holder, key])?.ok_or(StoreError::NotFound)?;
    // No other transaction can see a row without an answer, because one transaction writes both.
    let sealed = sealed.ok_or(StoreError::Conflict)?;
    let body = data_keys::of_value(tx, holder, &sealed)?
        .open(&versioned(TABLE, key, created_at.micros()), &sealed)?;
    Ok(Claim::Used { fingerprint, answer: StoredAnswer { status, location, body } })
}

/// A key that was used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedKey {
    /// The time of its first use.
    pub used_at: RealTime,
    /// The stored answer.
    pub answer: StoredAnswer,
}

/// The use of a holder's key; `None` if the key is not stored.
pub fn used(tx: &mut Tx<'_>, holder: Holder, key: &str) -> Result<Option<UsedKey>, StoreError> {
    let row: Option<KeyRow> = tx.find("where partner_id = $1 and key = $2", args![holder, key])?;
    // One transaction writes a row and its answer.
    let Some(KeyRow { status, location, sealed: Some(sealed), created_at, .. }) = row else {
        return Ok(None);
    };
    let body = data_keys::of_value(tx, holder, &sealed)?
        .open(&versioned(TABLE, key, created_at.micros()), &sealed)?;
    Ok(Some(UsedKey { used_at: created_at, answer: StoredAnswer { status, location, body } }))
}

/// Stores the answer of a key claimed at `now`. Answers are sealed, because they hold personal data and secrets. A key
/// may be claimed again once it is free, so the moment of the claim is its version.
pub fn store_answer(
    tx: &mut Tx<'_>, holder: Holder, now: RealTime, key: &str, answer: &StoredAnswer,
) -> Result<(), StoreError> {
    let nonce = tx.random_bytes();
    let sealed =
        data_keys::of_owner(tx, holder)?.seal(nonce, &versioned(TABLE, key, now.micros()), &answer.body);
    let sql = "update idempotency_keys set status = $3, location = $4, sealed = $5 \
               where partner_id = $1 and key = $2";
    // This transaction has claimed the row and has waited for the answer of that statement.
    tx.execute_apart(sql, args![holder, key, answer.status, answer.location, sealed])
}

/// Drops up to `rows` keys that have become free, oldest first; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql =
        "select partner_id, key from idempotency_keys where created_at < $1 order by created_at limit $2";
    let free: Vec<(String, String)> = tx.fetch_all(sql, args![cutoff, rows])?;
    // A key that was claimed again meanwhile stays.
    let free_keys = Deletable { table: "idempotency_keys", key: "key", still: "created_at < $2" };
    delete_listed(tx, &free_keys, &free, cutoff)
}
