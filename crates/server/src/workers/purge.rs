//! Housekeeping: old answers and events, future months, a new signing key, idle callers.

use std::time::Duration;

use app::upkeep::months::{Outcome, Part};
use app::upkeep::steps::in_steps;
use app::{Cursor, Failed, StoreError, Tx};
use domain::id::PartnerId;
use domain::page::{Limit, Order};
use domain::time::RealTime;

use crate::state::AppState;

/// Longest age of the signing key before a new one is created.
const KEY_AGE: Duration = Duration::from_secs(30 * 86_400);
/// Interval of the housekeeping.
const EVERY: Duration = Duration::from_secs(600);

/// Runs the housekeeping at intervals.
pub async fn run(state: AppState) {
    let mut dropped_before = None;
    loop {
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "housekeeping failed; the server tries again later");
        }
        // The cutoff changes once a day, when another day's events are too old to keep.
        let cutoff = start_of_day(state.clock.now().minus(state.config.lifetimes.events));
        if dropped_before != Some(cutoff) {
            match drop_events(&state, cutoff).await {
                Ok(rows) => {
                    tracing::info!(rows, "old events and deliveries were dropped");
                    dropped_before = Some(cutoff);
                }
                Err(error) => {
                    tracing::warn!(%error, "old events could not be dropped; the server tries again later");
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// The start of the moment's day, in UTC.
fn start_of_day(at: RealTime) -> RealTime {
    RealTime::from_seconds(at.seconds().div_euclid(86_400) * 86_400)
}

/// Deletes every partner's events and deliveries before `cutoff`. Returns the number of rows that were deleted in
/// steps. If the tables are divided into months, whole months are dropped first. The steps delete the rest, and the
/// rows of months with unsent deliveries.
pub async fn drop_events(state: &AppState, cutoff: RealTime) -> Result<u64, StoreError> {
    let cutoff =
        state.store.read(move |tx| Ok::<_, StoreError>(app::upkeep::months::first_kept(tx, cutoff))).await?;
    drop_months(state, cutoff).await?;
    let (mut rows, mut after) = (0, None);
    loop {
        let cursor = Cursor { after, limit: Limit::MOST, order: Order::Ascending };
        let page = state.store.read(move |tx| app::partners::list(tx, &cursor)).await;
        let page = page.map_err(|failed| match failed {
            Failed::Store(error) => error,
            Failed::Refused(_lost_its_place) => StoreError::Conflict,
        })?;
        let has_more = page.has_more;
        // Events of a partner with a damaged row are deleted too.
        let ids = page.in_order(|partner| Some(partner.id), |mark| mark.id.parse::<PartnerId>().ok());
        for id in ids.iter().copied().flatten() {
            let retained = state.store.read(move |tx| app::webhooks::deliveries::retained(tx, id)).await?;
            for kind in retained {
                let step =
                    move |tx: &mut Tx<'_>, rows| app::webhooks::deliveries::purge(tx, id, cutoff, kind, rows);
                rows += in_steps(&state.store, step).await?;
            }
        }
        after = ids.last().copied().flatten();
        if !has_more || after.is_none() {
            return_space(state).await?;
            return Ok(rows);
        }
    }
}

/// Most tries for a month that others have locked.
const MOST_TRIES: u32 = 50;
/// The pause between two tries, in which others can work.
const TRY_PAUSE: Duration = Duration::from_millis(200);

/// Makes future months, if the tables are divided into months.
async fn make_months(state: &AppState, now: RealTime) -> Result<(), StoreError> {
    for part in state.store.read(move |tx| app::upkeep::months::missing(tx, now)).await? {
        match settled(state, part, app::upkeep::months::make).await? {
            Outcome::Done => tracing::info!(%part, "a future month was made"),
            Outcome::Locked => tracing::info!(%part, "a future month is made later: others use its table"),
            Outcome::Held => {
                tracing::warn!(%part, "a future month cannot be made: the part for the rest is too large");
            }
        }
    }
    Ok(())
}

/// Drops the months that ended before `cutoff` and have nothing left to send.
async fn drop_months(state: &AppState, cutoff: RealTime) -> Result<(), StoreError> {
    for part in state.store.read(move |tx| app::upkeep::months::expired(tx, cutoff)).await? {
        match settled(state, part, app::upkeep::months::drop_part).await? {
            Outcome::Done => tracing::info!(%part, "an old month was dropped"),
            Outcome::Held => {
                tracing::info!(%part, "an old month is kept: some of its deliveries are not sent yet");
            }
            // Its rows are not deleted one by one, because the whole month can be dropped soon.
            Outcome::Locked => {
                return Err(StoreError::Unavailable(format!("others use {part}, which is to be dropped")));
            }
        }
    }
    Ok(())
}

/// Tries until nobody else locks the part.
async fn settled(
    state: &AppState, part: Part, change: fn(&mut Tx<'_>, &Part) -> Result<Outcome, StoreError>,
) -> Result<Outcome, StoreError> {
    let mut tries = 1;
    loop {
        let outcome = state.store.write(move |tx| change(tx, &part)).await?;
        if outcome != Outcome::Locked || tries == MOST_TRIES {
            return Ok(outcome);
        }
        tokio::time::sleep(TRY_PAUSE).await;
        tries += 1;
    }
}

/// Runs the housekeeping once.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let (now, lifetimes) = (state.clock.now(), state.config.lifetimes);
    let free = now.minus(lifetimes.idempotency);
    in_steps(&state.store, move |tx: &mut Tx<'_>, rows| app::upkeep::answers::purge(tx, free, rows)).await?;
    let old = now.minus(lifetimes.events);
    in_steps(&state.store, move |tx: &mut Tx<'_>, rows| app::mails::purge(tx, old, rows)).await?;
    in_steps(&state.store, move |tx: &mut Tx<'_>, rows| app::mails::people::purge(tx, old, rows)).await?;
    in_steps(&state.store, move |tx: &mut Tx<'_>, rows| app::people::sign_in::purge(tx, old, rows)).await?;
    let day_ago = now.minus(app::queues::ENDS_KEPT);
    in_steps(&state.store, move |tx: &mut Tx<'_>, rows| app::queues::purge(tx, day_ago, rows)).await?;
    empty_orphaned_lanes(state, now).await?;
    state.store.write(move |tx| app::partners::signing_keys::rotate_old(tx, now, KEY_AGE)).await?;
    state.limits.forget_idle();
    make_months(state, now).await?;
    return_space(state).await
}

/// Gives up deliveries whose endpoint was deleted while the fan-out created them.
async fn empty_orphaned_lanes(state: &AppState, now: RealTime) -> Result<(), StoreError> {
    let mut last = None;
    loop {
        let lanes = state.store.read(move |tx| app::webhooks::deliveries::waiting_lanes(tx, last)).await?;
        for lane in lanes.orphaned {
            let step =
                move |tx: &mut Tx<'_>, rows| app::webhooks::deliveries::empty_lane(tx, now, lane, rows);
            in_steps(&state.store, step).await?;
        }
        last = lanes.last;
        if last.is_none() {
            return Ok(());
        }
    }
}

/// Returns the space of deleted rows to the file system, if the engine does not do so itself.
async fn return_space(state: &AppState) -> Result<(), StoreError> {
    in_steps(&state.store, |tx: &mut Tx<'_>, pages| tx.release_space(pages)).await.map(drop)
}
