//! Turns events into deliveries, and into jobs for decisions without a person.
//!
//! Partners take turns. A read without locks names the partners with waiting events. Then one node at a time works on
//! a partner's feed, so that its events get their places one batch after another.
//!
//! Reasons: docs/decisions/0011.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use app::webhooks::fan_out::{FanOut, FannedOut};
use app::{StoreError, Tx, Wake};
use domain::id::PartnerId;

use super::autopilot;
use super::deliver::{Desk, LEASE};
use super::rest::{rest_after, sleep_until};
use crate::generations;
use crate::state::AppState;

/// Most events that are fanned out in one transaction. The number is smaller if each event has several endpoints.
const MOST_AT_ONCE: i64 = 128;
/// Most partners that one look returns.
const MOST_PARTNERS: usize = 64;
/// The wait for another node that works on the only partners left.
const ELSEWHERE: Duration = Duration::from_millis(5);

/// The order of the partners' turns.
#[derive(Debug, Default)]
pub struct Turns {
    /// Partners of the last look that have not had their turn.
    partners: VecDeque<PartnerId>,
    /// The partner after which the next look begins; `None` means at the first.
    after: Option<PartnerId>,
}

impl Turns {
    /// The next partners; none if no event waits.
    async fn next(&mut self, state: &AppState) -> Result<Arc<[PartnerId]>, StoreError> {
        if self.partners.is_empty() {
            let mut found = look(state, self.after).await?;
            if found.is_empty() && self.after.is_some() {
                found = look(state, None).await?;
            }
            // A short look has reached the last partner.
            self.after = if found.len() < MOST_PARTNERS { None } else { found.last().copied() };
            self.partners = found.into();
        }
        Ok(self.partners.iter().copied().collect())
    }
}

async fn look(state: &AppState, after: Option<PartnerId>) -> Result<Vec<PartnerId>, StoreError> {
    state.store.read(move |tx| app::webhooks::fan_out::waiting_partners(tx, after, MOST_PARTNERS)).await
}

/// Fans out whenever events wait, for the sender of this desk.
pub async fn run(state: AppState, desk: Desk) {
    let mut turns = Turns::default();
    loop {
        match fan_out(&state, Some(&desk), &mut turns).await {
            Ok(Done::Some(_more_may_wait)) => {}
            Ok(Done::Elsewhere) => tokio::time::sleep(ELSEWHERE).await,
            Ok(Done::Nothing) => sleep_until(&state, Some(Wake::Events), Ok(None)).await,
            Err(error) => rest_after("fan_out", &error).await,
        }
    }
}

/// Fans out some events without a sender's desk. Returns their number. Zero means that no event is left, because it
/// waits for events that another node works on.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    take_turn(state, &mut Turns::default()).await
}

/// A tick for the partners whose turn is next.
pub async fn take_turn(state: &AppState, turns: &mut Turns) -> Result<usize, StoreError> {
    loop {
        match fan_out(state, None, turns).await? {
            Done::Some(seen) => return Ok(seen),
            Done::Elsewhere => tokio::time::sleep(ELSEWHERE).await,
            Done::Nothing => return Ok(0),
        }
    }
}

/// The outcome of a fan-out.
enum Done {
    /// This number of events was fanned out.
    Some(usize),
    /// No event was fanned out, but another node is at work, or not all partners had their turn.
    Elsewhere,
    /// No event waits.
    Nothing,
}

async fn fan_out(state: &AppState, desk: Option<&Desk>, turns: &mut Turns) -> Result<Done, StoreError> {
    let mut elsewhere = false;
    loop {
        let partners = turns.next(state).await?;
        if partners.is_empty() {
            return Ok(Done::Nothing);
        }
        let done = fan_out_to(state, desk, &partners).await;
        // A partner whose turn failed does not delay the others.
        let served = done.as_ref().map_or(1, |done| done.served);
        turns.partners.drain(..served.min(turns.partners.len()));
        let mut done = done?;
        elsewhere |= done.elsewhere;
        if let Some(desk) = desk {
            desk.enqueue(&mut done, state.clock.now());
        }
        if done.seen > 0 {
            return Ok(Done::Some(done.seen));
        }
        if turns.partners.is_empty() {
            // A full look may have omitted partners.
            let more = elsewhere || turns.after.is_some();
            return Ok(if more { Done::Elsewhere } else { Done::Nothing });
        }
    }
}

async fn fan_out_to(
    state: &AppState, desk: Option<&Desk>, partners: &Arc<[PartnerId]>,
) -> Result<FannedOut, StoreError> {
    match fan_out_some(state, desk, partners, MOST_AT_ONCE).await {
        // One of the events cannot be fanned out. Alone, it is identified and does not delay the others.
        Err(StoreError::Corrupt(reason) | StoreError::Defect(reason)) => {
            tracing::error!(reason, "events could not be fanned out together");
            fan_out_some(state, desk, partners, 1).await
        }
        done => done,
    }
}

async fn fan_out_some(
    state: &AppState, desk: Option<&Desk>, partners: &Arc<[PartnerId]>, limit: i64,
) -> Result<FannedOut, StoreError> {
    let (now, partners) = (state.clock.now(), Arc::clone(partners));
    let rules = autopilot::planning_rules(state).await?;
    let (signing_page, desk) = (state.signing_page.clone(), desk.cloned());
    let script = move |tx: &mut Tx<'_>| {
        let with = FanOut {
            render: &|generation, event, delivery| {
                generations::render(generation, event, delivery, &signing_page)
            },
            name_of: &wire::generations::event_name,
            reads_without_listener: &|kind| app::autopilot::plans_after(&rules, kind),
            room: &|endpoint| desk.as_ref().map_or(0, |desk| desk.room(endpoint)),
            lease_end: now.plus(LEASE),
        };
        let done = app::webhooks::fan_out::fan_out(tx, now, &partners, limit, &with)?;
        app::autopilot::plan(tx, &rules, &done.events)?;
        if desk.is_none() && !done.more.is_empty() {
            tx.wake(Wake::Deliveries);
        }
        Ok(done)
    };
    state.store.write(script).await
}
