//! Adds new entries of the journal to the sums behind the trial balance, in small steps.
//!
//! Reasons: docs/decisions/0033.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use app::upkeep::steps::Pace;
use app::{StoreError, Tx, Wake, books};
use domain::id::PartnerId;

use super::rest::{rest_after, sleep_until};
use crate::state::AppState;

/// Time in which entries collect after the first one. One step then changes the sums of many entries at once.
const GATHERING: Duration = Duration::from_secs(1);

/// Entries that cannot be read: the partner and the id.
type Unreadable = BTreeSet<(PartnerId, String)>;

/// Adds entries whenever some are new.
pub async fn run(state: AppState) {
    let mut unreadable = Unreadable::new();
    loop {
        match pass(&state, &mut unreadable).await {
            Ok(_entries) => {
                sleep_until(&state, Some(Wake::Journal), Ok(None)).await;
                tokio::time::sleep(GATHERING).await;
            }
            Err(error) => rest_after("journal", &error).await,
        }
    }
}

/// Adds entries until none waits, or another node adds the rest. Returns their number.
pub async fn tick(state: &AppState) -> Result<u64, StoreError> {
    pass(state, &mut Unreadable::new()).await
}

/// Adds every waiting entry. Those that cannot be read are skipped and tried again in the next pass, because somebody may
/// repair them. `unreadable`: those of the pass before, which are in the log already.
async fn pass(state: &AppState, unreadable: &mut Unreadable) -> Result<u64, StoreError> {
    let mut entries = 0;
    loop {
        let (mut added, mut found) = (0, Unreadable::new());
        let behind = state.store.read(books::behind).await?;
        // The id after which the next step of each partner begins.
        let mut places: BTreeMap<PartnerId, String> =
            behind.into_iter().map(|partner| (partner, String::new())).collect();
        let mut pace = Pace::default();
        while !places.is_empty() {
            added += turn(state, &mut pace, &mut places, &mut found).await?;
        }
        for (partner, entry) in found.difference(unreadable) {
            tracing::error!(partner.id = %partner, entry.id = entry, "an entry cannot be read; no sum has it");
        }
        metrics::gauge!("dinie_journal_unreadable_entries").set(count(found.len()));
        *unreadable = found;
        entries += added;
        if added == 0 {
            return Ok(entries);
        }
    }
}

/// Takes a step of each partner in turn, and removes the partners without further entries. Returns the number of added
/// entries.
async fn turn(
    state: &AppState, pace: &mut Pace, places: &mut BTreeMap<PartnerId, String>, found: &mut Unreadable,
) -> Result<u64, StoreError> {
    let mut added = 0;
    for (partner, after) in std::mem::take(places) {
        let step = move |tx: &mut Tx<'_>, rows| {
            let step = books::advance(tx, partner, &after, rows)?;
            Ok((step.read, step))
        };
        let (stepped, step) = match pace.step_with(&state.store, step).await {
            Ok(stepped) => stepped,
            // The rows of one partner keep no other partner from its sums.
            Err(StoreError::Corrupt(reason)) => {
                tracing::error!(partner.id = %partner, reason, "entries of a partner cannot be added to the sums");
                continue;
            }
            Err(error) => return Err(error),
        };
        added += step.added;
        found.extend(step.unreadable.into_iter().map(|entry| (partner, entry)));
        if let Some(last) = step.last.filter(|_| !stepped.last) {
            places.insert(partner, last);
            tokio::time::sleep(stepped.pause).await;
        }
    }
    Ok(added)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
fn count(entries: usize) -> f64 {
    entries as f64
}
