//! Housekeeping: old answers and events, files that came to nothing, a new signing key, idle callers.

use std::time::Duration;

use domain::id::PartnerId;
use domain::page::{Limit, Order};
use domain::time::Timestamp;
use store::{Cursor, Failed, StoreError};

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
    let mut dropped_before = None;
    loop {
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "housekeeping failed; it is tried again later");
        }
        // Once for each day that leaves the time for which events are kept.
        let cutoff = start_of_day(state.clock.now().minus(state.config.lifetimes.events));
        if dropped_before != Some(cutoff) {
            match drop_events(&state, cutoff).await {
                Ok(rows) => {
                    tracing::info!(rows, "old events and deliveries were dropped");
                    dropped_before = Some(cutoff);
                }
                Err(error) => {
                    tracing::warn!(%error, "old events could not be dropped; it is tried again later");
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The beginning of a moment's day, in UTC.
fn start_of_day(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds().div_euclid(86_400) * 86_400)
}

/// Drops every partner's events and deliveries from before `cutoff`, some at a time; returns how many rows went.
pub async fn drop_events(state: &AppState, cutoff: Timestamp) -> Result<u64, StoreError> {
    let (mut rows, mut after) = (0, None);
    loop {
        let cursor = Cursor { after, limit: Limit::MOST, order: Order::Ascending };
        let page = state.store.read(move |tx| app::partners::list(tx, &cursor)).await;
        let page = page.map_err(|failed| match failed {
            Failed::Store(error) => error,
            Failed::Refused(_lost_its_place) => StoreError::Conflict,
        })?;
        let has_more = page.has_more;
        // The events of a partner whose row is damaged end too.
        let ids = page.in_order(|partner| Some(partner.id), |mark| mark.id.parse::<PartnerId>().ok());
        for id in ids.iter().copied().flatten() {
            loop {
                let dropped = state.store.write(move |tx| app::deliveries::purge(tx, id, cutoff)).await?;
                if dropped == 0 {
                    break;
                }
                rows += dropped;
            }
        }
        after = ids.last().copied().flatten();
        if !has_more || after.is_none() {
            return Ok(rows);
        }
    }
}

/// Keeps house once.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let (now, lifetimes) = (state.clock.now(), state.config.lifetimes);
    state
        .store
        .write(move |tx| {
            app::answers::purge(tx, now.minus(lifetimes.idempotency))?;
            app::deliveries::give_up_orphans(tx, now)?;
            app::letters::purge(tx, now.minus(lifetimes.events))?;
            app::signing_keys::rotate_old(tx, now, KEY_AGE)
        })
        .await?;
    drop_replaced(state, now.minus(ORPHAN_AGE)).await?;
    loop {
        let orphans = state.store.read(move |tx| app::kyc::orphaned_files(tx, now.minus(ORPHAN_AGE))).await?;
        if orphans.is_empty() {
            break;
        }
        for (partner, blob_key) in orphans {
            state.blobs.delete(&blob_key).await?;
            state.store.write(move |tx| app::kyc::forget_file(tx, partner, &blob_key)).await?;
        }
    }
    state.limits.forget_idle();
    Ok(())
}

/// Drops the documents that were replaced before `cutoff` and that nobody has reviewed, some at a time.
async fn drop_replaced(state: &AppState, cutoff: Timestamp) -> Result<(), StoreError> {
    while state.store.write(move |tx| app::kyc::drop_replaced(tx, cutoff)).await? > 0 {}
    Ok(())
}
