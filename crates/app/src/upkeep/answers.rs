//! Stored answers of requests with an idempotency key.

use domain::time::RealTime;
pub use store::idempotency::{Claim, Holder, StoredAnswer};
use store::{StoreError, Tx};

/// Claims a key for a request, or finds the request that has used it since `cutoff`.
pub fn claim(
    tx: &mut Tx<'_>, holder: Holder, now: RealTime, key: &str, fingerprint: &str, cutoff: RealTime,
) -> Result<Claim, StoreError> {
    store::idempotency::claim(tx, holder, key, fingerprint, now, cutoff)
}

/// Stores the answer of a key claimed at `now`.
pub fn keep(
    tx: &mut Tx<'_>, holder: Holder, now: RealTime, key: &str, answer: &StoredAnswer,
) -> Result<(), StoreError> {
    store::idempotency::store_answer(tx, holder, now, key, answer)
}

/// Drops up to `rows` keys whose retention has ended; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::idempotency::purge(tx, cutoff, rows)
}
