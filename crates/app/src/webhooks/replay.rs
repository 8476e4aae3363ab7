//! The replay of a range: the events that were delivered to one endpoint become new deliveries to another one.
//!
//! The events are rendered again for the target, so the two endpoints may have different generations. Each new delivery
//! has the event's id as its `webhook-id`, so the receiver recognises an event that it has seen.

use std::collections::HashMap;
use std::time::Duration;

use domain::event::{Event, EventKind};
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::endpoint::{Endpoint, EndpointState, Generation};
use domain::webhook::pattern::{Pattern, subscribes_to};
use store::deliveries::NewDelivery;
use store::{Failed, StoreError, Tx, Wake};

use super::endpoints;
use super::fan_out::Rendered;
use crate::refused::NotFound;
use crate::upkeep::answers::{Claim, Holder, StoredAnswer, claim, keep};

/// Most deliveries of the source that one replay reads. The caller continues after the last of them.
pub const MOST_REPLAYED: usize = 256;
/// Longest range of a replay.
pub const LONGEST_RANGE: Duration = Duration::from_hours(31 * 24);

/// A range to replay.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The endpoint whose deliveries are replayed.
    pub source: EndpointId,
    /// The endpoint that receives the new deliveries.
    pub target: EndpointId,
    /// Creation of the deliveries: from `since`, before `until`. Both are required.
    pub since: RealTime,
    /// The end of the range.
    pub until: RealTime,
    /// Only events that one of these matches, in the names of the source's generation. Empty: all.
    pub patterns: Vec<Pattern>,
    /// The last delivery that an earlier replay of the same range has read.
    pub after: Option<DeliveryId>,
}

/// The reason why nothing was replayed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayRefused {
    /// There is no such source.
    NotFound,
    /// There is no such target.
    UnknownTarget,
    /// The target is the source.
    SameEndpoint,
    /// The target is disabled.
    Disabled,
    /// The range ends before it begins, or at the same moment.
    Reversed,
    /// The range is longer than [`LONGEST_RANGE`].
    TooLong,
}

/// The functions of the caller that know the generations.
pub struct Rendering<'a> {
    /// Renders an event for a generation; `None` if the generation does not send it.
    pub render: &'a dyn Fn(Generation, &Event, DeliveryId) -> Option<Rendered>,
    /// A generation's name for a kind of event; `None` if the generation does not send it.
    pub name_of: &'a dyn Fn(Generation, EventKind) -> Option<&'static str>,
}

/// The result of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// The number of new deliveries.
    pub deliveries: usize,
    /// The last delivery of the source that was read; `None` if there was none.
    pub last: Option<DeliveryId>,
    /// Whether the range has more deliveries.
    pub has_more: bool,
}

/// Replays a part of a range. Only events to which the target subscribes are replayed. Samples, and events whose
/// retention has ended, are left out.
pub fn replay(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, command: &Replay, with: &Rendering<'_>,
) -> Result<Replayed, Failed<ReplayRefused>> {
    let (source, target) = checked(tx, tenant, command)?;
    let (made, most) = ((command.since, command.until), MOST_REPLAYED);
    let mut rows = store::deliveries::made_between(tx, tenant, source.id, made, command.after, most + 1)?;
    let has_more = rows.len() > most;
    rows.truncate(most);
    let ids: Vec<EventId> = rows.iter().map(|(_, event)| *event).collect();
    let events: HashMap<EventId, Event> =
        store::outbox::some(tx, tenant, &ids)?.into_iter().map(|event| (event.id, event)).collect();
    let mut feed = store::outbox::feed(tx, tenant)?.ok_or(StoreError::Conflict)?;
    let made_at = feed.making(real);
    let mut deliveries: Vec<NewDelivery> = Vec::new();
    for event in ids.iter().filter_map(|id| events.get(id)) {
        let kind = event.domain_event.kind();
        let wanted = |endpoint: &Endpoint, patterns: &[Pattern]| {
            (with.name_of)(endpoint.generation, kind).is_some_and(|name| subscribes_to(patterns, name))
        };
        if !wanted(&source, &command.patterns) || !wanted(&target, &target.patterns) {
            continue;
        }
        let id = store::deliveries::ordered_id(tx, made_at, deliveries.len());
        let Some(rendered) = (with.render)(target.generation, event, id) else { continue };
        deliveries.push(NewDelivery {
            id,
            endpoint: target.id,
            event: event.id,
            event_type: rendered.name,
            body: Some(rendered.body),
            leased_until: None,
            cause: tx.cause().clone(),
        });
    }
    store::deliveries::insert_all(tx, tenant, &deliveries, made_at, real)?;
    store::outbox::end(tx, feed)?;
    tx.wake(Wake::Deliveries);
    Ok(Replayed { deliveries: deliveries.len(), last: rows.last().map(|(id, _)| *id), has_more })
}

/// The two endpoints of a replay, if it is possible.
fn checked(
    tx: &mut Tx<'_>, tenant: PartnerId, command: &Replay,
) -> Result<(Endpoint, Endpoint), Failed<ReplayRefused>> {
    let refused = |why: ReplayRefused| move |failed: Failed<NotFound>| failed.map_refused(|NotFound| why);
    let source = endpoints::find(tx, tenant, command.source).map_err(refused(ReplayRefused::NotFound))?;
    let target =
        endpoints::find(tx, tenant, command.target).map_err(refused(ReplayRefused::UnknownTarget))?;
    let why = if source.id == target.id {
        Some(ReplayRefused::SameEndpoint)
    } else if command.until <= command.since {
        Some(ReplayRefused::Reversed)
    } else if command.until.since(command.since) > LONGEST_RANGE {
        Some(ReplayRefused::TooLong)
    } else if target.state != EndpointState::Active {
        Some(ReplayRefused::Disabled)
    } else {
        None
    };
    why.map_or(Ok((source, target)), |why| Err(Failed::Refused(why)))
}

/// The key under which a form replays once, and the hash of the form.
#[derive(Debug, Clone)]
pub struct FormKey {
    /// A key in the partner's idempotency keys.
    pub key: String,
    /// The hash of the form.
    pub fingerprint: String,
    /// Keys that were used earlier are free again.
    pub cutoff: RealTime,
}

/// [`replay`] under the key of a form. `None` if the key was used: the form has done its work.
pub fn replay_once(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, key: &FormKey, command: &Replay, with: &Rendering<'_>,
) -> Result<Option<Replayed>, Failed<ReplayRefused>> {
    let holder = Holder::Partner(tenant);
    if claim(tx, holder, real, &key.key, &key.fingerprint, key.cutoff)? != Claim::Ours {
        return Ok(None);
    }
    let replayed = replay(tx, tenant, real, command, with)?;
    let body = format!("{{\"deliveries\":{}}}", replayed.deliveries).into_bytes();
    keep(tx, holder, real, &key.key, &StoredAnswer { status: 200, location: None, body })?;
    Ok(Some(replayed))
}

/// A new key for a form.
pub fn form_key(tx: &mut Tx<'_>, real: RealTime) -> String {
    let id = DeliveryId::new(real, tx.random_bytes());
    format!("replay-{id}")
}
