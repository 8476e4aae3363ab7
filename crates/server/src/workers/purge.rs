//! Housekeeping: old answers and events, files that came to nothing, a new signing key, idle callers.

use std::time::Duration;

use store::StoreError;

use crate::app;
use crate::state::AppState;

/// How old a key that signs tokens may grow before the next one signs.
const KEY_AGE: Duration = Duration::from_secs(30 * 86_400);
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
            app::answers::purge(tx, now.minus(lifetimes.idempotency))?;
            app::webhooks::purge(tx, now, now.minus(lifetimes.events))?;
            app::letters::purge(tx, now.minus(lifetimes.events))?;
            app::signing_keys::rotate_old(tx, now, KEY_AGE)
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
