//! Deletes unused files: interrupted uploads, and replaced documents.

use std::time::Duration;

use app::StoreError;
use domain::time::RealTime;

use crate::state::AppState;

/// Longest time of an upload: four times a request's limit. Until then a file that is being written counts among its
/// customer's files.
const LONGEST_UPLOAD: Duration = Duration::from_secs(120);
/// The time for which a replaced document is kept that nobody has reviewed.
const REPLACED_FOR: Duration = Duration::from_secs(3_600);
/// Interval of the deletions.
const EVERY: Duration = Duration::from_secs(60);

/// Deletes files at intervals. `started` is the start of this server.
pub async fn run(state: AppState, started: RealTime) {
    // An SQLite file serves only one server, so the former server no longer writes files.
    if state.store.serves_alone()
        && let Err(error) = delete_announced(&state, started).await
    {
        tracing::warn!(%error, "files that the former server had begun could not be deleted; the server tries again later");
    }
    loop {
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "unused files could not be deleted; the server tries again later");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Deletes all unused files once.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let cutoff = now.minus(REPLACED_FOR);
    while state.store.write(move |tx| app::kyc::drop_replaced(tx, cutoff)).await? > 0 {}
    delete_announced(state, now.minus(LONGEST_UPLOAD)).await
}

/// Deletes files that were recorded before `cutoff` and have no row. Their records are given up first. Otherwise an
/// upload that still runs could end in a row without a file.
async fn delete_announced(state: &AppState, cutoff: RealTime) -> Result<(), StoreError> {
    loop {
        let given_up = state.store.write(move |tx| app::kyc::give_up_files(tx, cutoff)).await?;
        if given_up.is_empty() {
            return Ok(());
        }
        for (partner, blob_key) in given_up {
            state.blobs.delete(&blob_key).await?;
            state.store.write(move |tx| app::kyc::forget_file(tx, partner, &blob_key)).await?;
        }
    }
}
