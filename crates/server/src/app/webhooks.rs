//! Webhook endpoints, the fan-out of events, and what becomes of deliveries.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use domain::change::Change;
use domain::event::Event;
use domain::id::{DeliveryId, EndpointId, PartnerId};
use domain::page::Page;
use domain::time::Timestamp;
use domain::webhook::delivery::{Attempt, Delivery, DeliveryInput, DeliveryState};
use domain::webhook::endpoint::{Endpoint, EndpointInput, EndpointState, Generation, Secrets};
use domain::webhook::pattern::{Pattern, hears};
use domain::webhook::retry::DISABLE_AFTER;
use domain::webhook::signature::Secret;
use store::deliveries::{DeliveryFilter, LeasedDelivery, NewDelivery};
use store::{Cursor, StoreError, Tx};

use super::{Failed, ListRefused, NotFound, page_or_refused};

/// The most endpoints a partner may have.
pub const MOST_ENDPOINTS: i64 = 50;

/// An endpoint to make; its URL has been checked.
#[derive(Debug, Clone)]
pub struct CreateEndpoint {
    /// The generation it speaks.
    pub generation: Generation,
    /// Where deliveries go.
    pub url: String,
    /// Which events it hears.
    pub patterns: Vec<Pattern>,
    /// The partner's note.
    pub description: Option<String>,
}

/// The partner has as many endpoints as it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// Makes an endpoint with a secret of its own.
pub fn create(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    command: &CreateEndpoint,
) -> Result<Endpoint, Failed<TooMany>> {
    store::partners::touch(tx, tenant)?;
    if store::webhook_endpoints::count(tx, tenant)? >= MOST_ENDPOINTS {
        return Err(Failed::Refused(TooMany));
    }
    let endpoint = Endpoint {
        id: tx.new_id(now),
        partner: tenant,
        version: 1,
        generation: command.generation,
        url: command.url.clone(),
        patterns: command.patterns.clone(),
        description: command.description.clone(),
        state: EndpointState::Active,
        secrets: Secrets { current: Secret::new(tx.random_bytes()), previous: None },
        failing_since: None,
        created_at: now,
        updated_at: now,
    };
    store::webhook_endpoints::insert(tx, &endpoint)?;
    Ok(endpoint)
}

/// The partner's endpoint.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: EndpointId) -> Result<Endpoint, Failed<NotFound>> {
    store::webhook_endpoints::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A page of the partner's endpoints.
pub fn list(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    cursor: &Cursor<EndpointId>,
) -> Result<Page<Endpoint>, Failed<ListRefused>> {
    page_or_refused(store::webhook_endpoints::list(tx, tenant, cursor)?)
}

/// What is to be changed; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct UpdateEndpoint {
    /// A new target, checked.
    pub url: Option<String>,
    /// A new list of patterns.
    pub patterns: Option<Vec<Pattern>>,
    /// A new note, or none any more.
    pub description: Change<String>,
    /// Switched on or off.
    pub switch: Option<EndpointInput>,
}

/// Changes an endpoint. Switched on again, it receives what has waited.
pub fn update(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: EndpointId,
    command: &UpdateEndpoint,
) -> Result<Endpoint, Failed<NotFound>> {
    let mut endpoint = find(tx, tenant, id)?;
    if let Some(url) = &command.url {
        endpoint.url.clone_from(url);
    }
    if let Some(patterns) = &command.patterns {
        endpoint.patterns.clone_from(patterns);
    }
    command.description.apply(&mut endpoint.description);
    if let Some(input) = command.switch {
        let switched =
            endpoint.state.step(input).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
        if switched.next == EndpointState::Active && endpoint.state != EndpointState::Active {
            endpoint.failing_since = None;
            tx.wake(store::Wake::Deliveries);
        }
        endpoint.state = switched.next;
    }
    endpoint.updated_at = now;
    store::webhook_endpoints::update(tx, &mut endpoint)?;
    Ok(endpoint)
}

/// Removes an endpoint; what was on its way to it is given up.
pub fn delete(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: EndpointId,
) -> Result<(), Failed<NotFound>> {
    let endpoint = find(tx, tenant, id)?;
    store::deliveries::fail_pending(tx, tenant, id, now)?;
    store::webhook_endpoints::delete(tx, &endpoint)?;
    Ok(())
}

/// Gives an endpoint a new secret; the present one signs on for `grace`.
pub fn rotate_secret(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: EndpointId,
    grace: Duration,
) -> Result<Endpoint, Failed<NotFound>> {
    let mut endpoint = find(tx, tenant, id)?;
    endpoint.secrets.rotate(Secret::new(tx.random_bytes()), now.plus(grace));
    endpoint.updated_at = now;
    store::webhook_endpoints::update(tx, &mut endpoint)?;
    Ok(endpoint)
}

/// A delivery with its attempts, oldest first.
#[derive(Debug, Clone)]
pub struct DeliveryFile {
    /// The delivery.
    pub delivery: Delivery,
    /// Its attempts.
    pub attempts: Vec<Attempt>,
}

/// A page of an endpoint's deliveries.
pub fn deliveries(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    endpoint: EndpointId,
    filter: &DeliveryFilter,
    cursor: &Cursor<DeliveryId>,
) -> Result<Page<DeliveryFile>, Failed<ListRefused>> {
    find(tx, tenant, endpoint).map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
    let page = page_or_refused(store::deliveries::list(tx, tenant, endpoint, filter, cursor)?)?;
    let files = page.items.into_iter().map(|delivery| file_of(tx, tenant, delivery));
    Ok(Page { items: files.collect::<Result<_, _>>()?, has_more: page.has_more })
}

fn file_of(tx: &mut Tx<'_>, tenant: PartnerId, delivery: Delivery) -> Result<DeliveryFile, StoreError> {
    let attempts = store::deliveries::attempts(tx, tenant, delivery.id)?;
    Ok(DeliveryFile { delivery, attempts })
}

/// Makes a delivery due at once, whatever became of it: the same body under the same id. One that is under way goes
/// its way.
pub fn retry(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    endpoint: EndpointId,
    id: DeliveryId,
) -> Result<DeliveryFile, Failed<NotFound>> {
    find(tx, tenant, endpoint)?;
    let found = store::deliveries::find(tx, tenant, endpoint, id)?;
    let mut delivery = found.ok_or(Failed::Refused(NotFound))?;
    if delivery.leased_until <= now {
        let requested = delivery.state.step(DeliveryInput::Requested { at: now });
        store::deliveries::make_due(tx, tenant, &delivery, now)?;
        delivery.state = requested.map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?.next;
        delivery.updated_at = now;
    }
    Ok(file_of(tx, tenant, delivery)?)
}

/// Makes due at once everything that the endpoint has not taken since a moment; returns how much that is.
pub fn recover(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    endpoint: EndpointId,
    since: Timestamp,
) -> Result<u64, Failed<NotFound>> {
    find(tx, tenant, endpoint)?;
    Ok(store::deliveries::make_undelivered_due(tx, tenant, endpoint, since, now)?)
}

/// An event as one generation tells it: its name there and the body.
pub struct Rendered {
    /// The event's name in the generation.
    pub name: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// Renders an event for a generation; `None` where the generation does not tell it.
pub type Render<'a> = &'a dyn Fn(Generation, &Event, DeliveryId) -> Option<Rendered>;

/// Turns waiting events into deliveries, one per endpoint that hears the event; returns the events.
///
/// Disabled endpoints get theirs too: they wait until the endpoint is switched on.
pub fn fan_out(tx: &mut Tx<'_>, now: Timestamp, render: Render<'_>) -> Result<Vec<Event>, StoreError> {
    let events = store::outbox::waiting(tx, 200)?;
    let mut endpoints: HashMap<PartnerId, Vec<Endpoint>> = HashMap::new();
    let mut deliveries: HashMap<PartnerId, Vec<NewDelivery>> = HashMap::new();
    for event in &events {
        let listening = match endpoints.entry(event.partner) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(store::webhook_endpoints::all(tx, event.partner)?),
        };
        for endpoint in listening.iter() {
            let id = tx.new_id(now);
            let Some(rendered) = render(endpoint.generation, event, id) else { continue };
            if hears(&endpoint.patterns, rendered.name) {
                let delivery = NewDelivery {
                    id,
                    endpoint: endpoint.id,
                    event: event.id,
                    event_type: rendered.name,
                    body: rendered.body,
                };
                deliveries.entry(event.partner).or_default().push(delivery);
            }
        }
        store::outbox::fanned_out(tx, event)?;
    }
    for (partner, deliveries) in &deliveries {
        store::deliveries::insert_all(tx, *partner, deliveries, now)?;
    }
    Ok(events)
}

/// A leased delivery with its endpoint, ready to be sent.
pub struct Assignment {
    /// The delivery.
    pub delivery: LeasedDelivery,
    /// Where it goes and what signs it.
    pub endpoint: Endpoint,
}

/// Leases up to `limit` deliveries that are due, but for those of the `busy` endpoints.
pub fn lease(
    tx: &mut Tx<'_>,
    now: Timestamp,
    lease: Duration,
    limit: usize,
    busy: &[EndpointId],
) -> Result<Vec<Assignment>, StoreError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let leased = store::deliveries::lease(tx, now, now.plus(lease), limit, busy)?;
    let mut endpoints: HashMap<EndpointId, Endpoint> = HashMap::new();
    let mut assignments = Vec::with_capacity(leased.len());
    for delivery in leased {
        if !endpoints.contains_key(&delivery.endpoint)
            && let Some(endpoint) = store::webhook_endpoints::find(tx, delivery.partner, delivery.endpoint)?
        {
            endpoints.insert(delivery.endpoint, endpoint);
        }
        if let Some(endpoint) = endpoints.get(&delivery.endpoint) {
            assignments.push(Assignment { delivery, endpoint: endpoint.clone() });
        }
    }
    Ok(assignments)
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptResult {
    /// What the delivery's machine makes of it.
    pub input: DeliveryInput,
    /// Whether the endpoint said that it is gone for good.
    pub gone: bool,
    /// What the partner can read of it.
    pub attempt: Attempt,
}

/// Records an attempt; `None` where the lease had been lost, so that nothing changed.
pub fn record_attempt(
    tx: &mut Tx<'_>,
    now: Timestamp,
    delivery: &LeasedDelivery,
    result: &AttemptResult,
) -> Result<Option<DeliveryState>, StoreError> {
    let next =
        delivery.state.step(result.input).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?.next;
    if !store::deliveries::record(tx, delivery, next, &result.attempt, now)? {
        return Ok(None);
    }
    let endpoint = store::webhook_endpoints::find(tx, delivery.partner, delivery.endpoint)?;
    if let Some(mut endpoint) = endpoint
        && note_health(&mut endpoint, now, result)
    {
        endpoint.updated_at = now;
        store::webhook_endpoints::update(tx, &mut endpoint)?;
    }
    Ok(Some(next))
}

/// Keeps track of how long every attempt has failed; returns whether the endpoint changed.
fn note_health(endpoint: &mut Endpoint, now: Timestamp, result: &AttemptResult) -> bool {
    let input = match (result.input, result.gone, endpoint.failing_since) {
        (DeliveryInput::Succeeded, _, None) => return false,
        (DeliveryInput::Succeeded, _, Some(_)) => {
            endpoint.failing_since = None;
            return true;
        }
        (_, true, _) => EndpointInput::WentAway,
        (_, false, None) => {
            endpoint.failing_since = Some(now);
            return true;
        }
        (_, false, Some(since)) if now.since(since) >= DISABLE_AFTER => EndpointInput::KeptFailing,
        (_, false, Some(_)) => return false,
    };
    match endpoint.state.step(input) {
        Ok(disabled) => {
            endpoint.state = disabled.next;
            true
        }
        // It was disabled meanwhile.
        Err(_illegal) => false,
    }
}

/// When the next delivery is due that does not go to a `busy` endpoint.
pub fn next_due(tx: &mut Tx<'_>, busy: &[EndpointId]) -> Result<Option<Timestamp>, StoreError> {
    store::deliveries::next_due(tx, busy)
}

/// Events and deliveries that wait, for the metrics.
pub fn backlog(tx: &mut Tx<'_>) -> Result<(i64, i64), StoreError> {
    Ok((store::outbox::count_waiting(tx)?, store::deliveries::count_pending(tx)?))
}

/// Drops what is older than it is kept, and gives up what can no longer arrive; returns how many rows went.
pub fn purge(tx: &mut Tx<'_>, now: Timestamp, cutoff: Timestamp) -> Result<u64, StoreError> {
    store::deliveries::fail_orphans(tx, now)?;
    store::deliveries::purge(tx, cutoff)
}
