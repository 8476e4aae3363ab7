//! Turns events into deliveries, and into the jobs of what is decided without a person.
//!
//! Partners take turns. A read that locks nothing names those with waiting events; each of their feeds is then one node's
//! at a time, so that its events get their places one batch after another.
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

/// How many events are fanned out in one transaction; fewer where each has several endpoints.
const MOST_AT_ONCE: i64 = 128;
/// How many partners one look names.
const MOST_PARTNERS: usize = 64;
/// How long to wait for another node that is fanning out for the only partners that are left.
const ELSEWHERE: Duration = Duration::from_millis(5);

/// The partner whose turn it is.
#[derive(Debug, Default)]
pub struct Turns {
    /// Partners of the last look who have not had their turn.
    partners: VecDeque<PartnerId>,
    /// The partner behind whom the next look begins; from the first where `None`.
    after: Option<PartnerId>,
}

impl Turns {
    /// The partners who are next, none where no event waits.
    async fn next(&mut self, state: &AppState) -> Result<Arc<[PartnerId]>, StoreError> {
        if self.partners.is_empty() {
            let mut found = look(state, self.after).await?;
            if found.is_empty() && self.after.is_some() {
                found = look(state, None).await?;
            }
            // A short look has come to the last partner.
            self.after = if found.len() < MOST_PARTNERS { None } else { found.last().copied() };
            self.partners = found.into();
        }
        Ok(self.partners.iter().copied().collect())
    }
}

async fn look(state: &AppState, after: Option<PartnerId>) -> Result<Vec<PartnerId>, StoreError> {
    state.store.read(move |tx| app::webhooks::fan_out::waiting_partners(tx, after, MOST_PARTNERS)).await
}

/// Fans out whenever events wait, to the sender of this desk.
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

/// Fans out some events, for whatever sender there is; returns how many. None are left when that is 0: what another node
/// has in hand is waited for.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    take_turn(state, &mut Turns::default()).await
}

/// A tick in which the partners who are next have their turn.
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
    /// So many events were fanned out.
    Some(usize),
    /// None, but another node is at it, or not all partners had their turn.
    Elsewhere,
    /// None wait.
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
        // A partner whose turn failed is not in the way of the others.
        let served = done.as_ref().map_or(1, |done| done.served);
        turns.partners.drain(..served.min(turns.partners.len()));
        let mut done = done?;
        elsewhere |= done.elsewhere;
        if let Some(desk) = desk {
            desk.hand_over(&mut done, state.clock.now());
        }
        if done.seen > 0 {
            return Ok(Done::Some(done.seen));
        }
        if turns.partners.is_empty() {
            // A full look may have left partners out.
            let more = elsewhere || turns.after.is_some();
            return Ok(if more { Done::Elsewhere } else { Done::Nothing });
        }
    }
}

async fn fan_out_to(
    state: &AppState,
    desk: Option<&Desk>,
    partners: &Arc<[PartnerId]>,
) -> Result<FannedOut, StoreError> {
    match fan_out_some(state, desk, partners, MOST_AT_ONCE).await {
        // One of them cannot be fanned out. Alone it shows which, and the others are not held up.
        Err(StoreError::Corrupt(reason) | StoreError::Defect(reason)) => {
            tracing::error!(reason, "events could not be fanned out together");
            fan_out_some(state, desk, partners, 1).await
        }
        done => done,
    }
}

async fn fan_out_some(
    state: &AppState,
    desk: Option<&Desk>,
    partners: &Arc<[PartnerId]>,
    limit: i64,
) -> Result<FannedOut, StoreError> {
    let (now, partners) = (state.clock.now(), Arc::clone(partners));
    let (links, rules, desk) = (state.lender.links.clone(), autopilot::rules(state), desk.cloned());
    let script = move |tx: &mut Tx<'_>| {
        let with = FanOut {
            render: &|generation, event, delivery| generations::render(generation, event, delivery, &links),
            name_of: &wire::generations::event_name,
            wanted: &|kind| app::autopilot::plans_after(&rules, kind),
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
