//! Deletes files that came to nothing: uploads that broke off, and documents that were replaced.

use std::time::Duration;

use app::StoreError;
use domain::time::RealTime;

use crate::state::AppState;

/// How long an upload may last: four times what a request may take. Until then an announced file counts among its
/// customer's.
const LONGEST_UPLOAD: Duration = Duration::from_secs(120);
/// How long a replaced document is kept that nobody has reviewed.
const REPLACED_FOR: Duration = Duration::from_secs(3_600);
/// How often it looks.
const EVERY: Duration = Duration::from_secs(60);

/// Deletes now and then. `started` is when this server started.
pub async fn run(state: AppState, started: RealTime) {
    // A file of SQLite serves one server, so an earlier writer of files has ended.
    if state.store.serves_alone()
        && let Err(error) = delete_announced(&state, started).await
    {
        tracing::warn!(%error, "files that the former server had begun could not be deleted; it is tried again later");
    }
    loop {
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "files that came to nothing could not be deleted; it is tried again later");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Deletes once.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let cutoff = now.minus(REPLACED_FOR);
    while state.store.write(move |tx| app::kyc::drop_replaced(tx, cutoff)).await? > 0 {}
    delete_announced(state, now.minus(LONGEST_UPLOAD)).await
}

/// Deletes files announced before `cutoff` that have no row. First they are given up, so that no upload that still runs
/// can end in a row without a file.
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
