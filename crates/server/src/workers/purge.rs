//! Housekeeping: old answers and events, files that came to nothing, old signing keys, idle callers.

use std::time::Duration;

use domain::time::Timestamp;
use store::{StoreError, Tx};

use crate::app;
use crate::state::AppState;
use crate::tokens::KEY_AGE;

/// How often there is housekeeping.
const EVERY: Duration = Duration::from_secs(600);
/// After how long a file without a row is taken for an orphan: far longer than a request may take.
const ORPHAN_AGE: Duration = Duration::from_secs(3_600);

/// Keeps house now and then.
pub async fn run(state: AppState) {
    loop {
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "housekeeping failed; it is tried again later");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Keeps house once.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let (now, lifetimes) = (state.clock.now(), state.config.lifetimes);
    state
        .store
        .write(move |tx| {
            store::idempotency::purge(tx, now.minus(lifetimes.idempotency))?;
            app::webhooks::purge(tx, now.minus(lifetimes.events))?;
            rotate_old_key(tx, now)
        })
        .await?;
    let orphans = state.store.read(move |tx| app::kyc::orphaned_files(tx, now.minus(ORPHAN_AGE))).await?;
    for (partner, blob_key) in orphans {
        state.blobs.delete(&blob_key).await?;
        state.store.write(move |tx| app::kyc::forget_file(tx, partner, &blob_key)).await?;
    }
    state.limits.forget_idle();
    state.metrics.upkeep();
    Ok(())
}

/// Begins to sign with a new key once the present one is old.
fn rotate_old_key(tx: &mut Tx<'_>, now: Timestamp) -> Result<(), StoreError> {
    let newest = store::system_keys::signing_keys(tx)?.into_iter().next();
    if newest.is_some_and(|key| now.since(key.created_at) > KEY_AGE) {
        store::system_keys::add_signing_key(tx, now)?;
    }
    Ok(())
}
