//! Idempotency keys that expired long ago, for the bench of the purge.

use std::time::Duration;

use domain::id::PartnerId;
use domain::time::Timestamp;
use server::clock::real_now;
use store::idempotency::{StoredAnswer, claim, store_answer};
use store::{Store, StoreError, Tx, args};

/// Age of the keys: they expired long ago.
const AGE: Duration = Duration::from_secs(30 * 86_400);
/// Keys that one transaction makes.
const AT_ONCE: u64 = 2_000;
/// Bytes of an answer, as many as in a customer's answer.
const ANSWER: usize = 1_000;

/// Makes keys that expired long ago.
pub(super) fn keep_old(store: &Store, partner: PartnerId, count: u64) -> anyhow::Result<()> {
    let made = real_now().minus(AGE);
    let answer = StoredAnswer { status: 201, location: None, body: vec![b'x'; ANSWER] };
    for first in (0..count).step_by(usize::try_from(AT_ONCE)?) {
        let answer = answer.clone();
        let some = move |tx: &mut Tx<'_>| {
            for number in first..count.min(first + AT_ONCE) {
                let key = format!("bench-{number}");
                claim(tx, partner.into(), &key, "bench", made, made)?;
                store_answer(tx, partner.into(), made, &key, &answer)?;
            }
            Ok::<_, StoreError>(())
        };
        store.write_blocking(some)?;
    }
    Ok(())
}

/// Whether one of these keys is left.
pub(super) async fn any_left(store: &Store) -> Result<bool, StoreError> {
    let free: Timestamp = real_now().minus(AGE / 2).unmoved();
    let left = move |tx: &mut Tx<'_>| {
        let sql = "select status from idempotency_keys where created_at < $1 limit 1";
        Ok::<_, StoreError>(tx.query_opt(sql, args![free], |_row| Ok(()))?.is_some())
    };
    store.read(left).await
}
