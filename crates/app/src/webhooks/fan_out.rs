//! The fan-out: one delivery of an event for each endpoint that subscribes to it.

use std::collections::HashMap;

use bytes::Bytes;
use domain::cause::Cause;
use domain::event::Event;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::Generation;
use domain::webhook::pattern::subscribes_to;
use store::deliveries::{FirstDelivery, LeasedDelivery, NewDelivery};
use store::outbox::{Feed, Waiting};
use store::spans::{Named, SpanKind};
use store::webhook_endpoints::Listener;
use store::{StoreError, Tx, Wake, row_count};

/// An event in the form of one generation: its name and its body.
pub struct Rendered {
    /// The event's name in the generation.
    pub name: &'static str,
    /// The body.
    pub body: Bytes,
    /// Whether the body is the same for every delivery of the event in this generation.
    pub shared: bool,
}

/// Most deliveries that one fan-out makes for a partner. Other writes wait for it on SQLite. A partner has at most
/// fifty endpoints.
const MOST_DELIVERIES: i64 = 512;

/// The caller's part of a fan-out.
pub struct FanOut<'a> {
    /// Renders an event for a generation; `None` if the generation does not send it.
    pub render: &'a dyn Fn(Generation, &Event, DeliveryId) -> Option<Rendered>,
    /// A generation's name for an event of a stored kind; `None` if the generation does not send it.
    pub name_of: &'a dyn Fn(Generation, &str) -> Option<&'static str>,
    /// Whether the caller reads events of this stored kind even if no endpoint subscribes to them.
    pub reads_without_listener: &'a dyn Fn(&str) -> bool,
    /// Number of deliveries that the sender accepts at once for an endpoint.
    pub room: &'a dyn Fn(EndpointId) -> usize,
    /// End of the lease of these deliveries.
    pub lease_end: RealTime,
}

/// The result of a fan-out.
#[derive(Debug, Default)]
pub struct FannedOut {
    /// The opened events: an endpoint subscribes to them, or the caller wants them. Unreadable events are missing.
    pub events: Vec<Event>,
    /// Number of all events, opened or not.
    pub seen: usize,
    /// Number of partners that had their turn.
    pub served: usize,
    /// Whether another node is fanning out for one of the partners.
    pub elsewhere: bool,
    /// Deliveries that were leased for the sender when they were made, each with its endpoint's version.
    pub leased: Vec<(LeasedDelivery, i64)>,
    /// Endpoints with more deliveries that are due now.
    pub more: Vec<(PartnerId, EndpointId)>,
}

/// Partners with waiting events, at most `limit`, after the partner `after`.
pub fn waiting_partners(
    tx: &mut Tx<'_>, after: Option<PartnerId>, limit: usize,
) -> Result<Vec<PartnerId>, StoreError> {
    store::outbox::waiting_partners(tx, after, limit)
}

/// Turns at most `limit` waiting events of these partners into deliveries: one for each endpoint that subscribes to the
/// event. The events also get their places, so lists show them from now on.
///
/// Disabled endpoints get deliveries too, which wait until the endpoint is switched on. An event is opened only if an
/// endpoint subscribes to it or the caller wants it. An unreadable event becomes a failed delivery to each subscribed
/// endpoint.
pub fn fan_out(
    tx: &mut Tx<'_>, now: RealTime, partners: &[PartnerId], limit: i64, with: &FanOut<'_>,
) -> Result<FannedOut, StoreError> {
    let mut done = FannedOut::default();
    for partner in partners {
        let left = limit - row_count(done.seen);
        if left <= 0 {
            break;
        }
        done.served += 1;
        let owner = store::tenants::owner(tx, *partner)?;
        match store::outbox::feed(tx, owner)? {
            Some(feed) => fan_out_of(tx, now, (*partner, feed), left, with, &mut done)?,
            None => done.elsewhere = true,
        }
    }
    Ok(done)
}

/// Fans out the waiting events of a tenant: a partner, or one of its clocks. Both have the partner's feed.
fn fan_out_of(
    tx: &mut Tx<'_>, now: RealTime, (tenant, mut feed): (PartnerId, Feed), limit: i64, with: &FanOut<'_>,
    done: &mut FannedOut,
) -> Result<(), StoreError> {
    let partner = feed.partner;
    let mut share = Share::new(store::webhook_endpoints::listeners(tx, partner)?, with);
    let at_once = MOST_DELIVERIES / row_count(share.listeners.len()).max(1);
    let waiting = store::outbox::waiting(tx, tenant, limit.min(at_once))?;
    if waiting.is_empty() {
        return Ok(());
    }
    done.seen += waiting.len();
    let made_at = feed.making(now);
    for waiting in &waiting {
        share.events.push(store::outbox::FannedOut {
            id: waiting.id,
            occurred_at: waiting.occurred_at,
            first_delivery: FirstDelivery::of(made_at, share.deliveries.len()),
        });
        let subscribers = share.subscribers(&waiting.kind, with);
        if subscribers.is_empty() && !(with.reads_without_listener)(&waiting.kind) {
            continue;
        }
        let event = waiting.open(tx)?;
        let listened = ListenedEvent {
            event: waiting.id,
            made_at,
            listeners: &subscribers,
            read: event.as_ref().ok(),
            cause: in_fan_out(tx, waiting),
        };
        share.add_deliveries(tx, &listened, with);
        match event {
            Ok(event) => done.events.push(event),
            Err(error) => {
                let request = waiting.cause().request;
                tracing::error!(%error, event.id = %waiting.id, request.id = request, waiting.kind, "an event cannot be read; it is given up");
                metrics::counter!("dinie_webhook_unreadable_events_total").increment(1);
            }
        }
    }
    if tenant != partner {
        let stored = store::outbox::hand_over(tx, tenant, partner, &waiting)?;
        share.events.retain(|event| stored.contains(&event.id));
    }
    store::deliveries::insert_all(tx, partner, &share.deliveries, made_at, now)?;
    store::outbox::fanned_out(tx, feed, &share.events)?;
    if waiting.iter().any(|waiting| store::outbox::is_registration(&waiting.kind)) {
        tx.wake(Wake::Search);
    }
    done.more.extend(share.more().map(|endpoint| (partner, endpoint)));
    done.leased.extend(share.leased(partner));
    Ok(())
}

/// The cause of an event's deliveries.
fn in_fan_out(tx: &mut Tx<'_>, waiting: &Waiting) -> Cause {
    let named = || Named::new(SpanKind::Consumer, "fan-out").text("dinie.event.id", waiting.id.to_string());
    tx.in_span(&waiting.cause(), named)
}

/// A partner's share of a fan-out.
struct Share {
    listeners: Vec<Lane>,
    /// The events that were fanned out.
    events: Vec<store::outbox::FannedOut>,
    deliveries: Vec<NewDelivery>,
}

/// An event to be turned into deliveries.
struct ListenedEvent<'a> {
    event: EventId,
    /// Creation time of its deliveries.
    made_at: RealTime,
    /// The positions of the listeners that subscribe to it, each with the event's name in its generation.
    listeners: &'a [(usize, &'static str)],
    /// The event; `None` if it cannot be read.
    read: Option<&'a Event>,
    /// What caused the deliveries.
    cause: Cause,
}

/// A listener, and the number of deliveries that the sender still accepts for it.
struct Lane {
    listener: Listener,
    room: usize,
    more: bool,
}

impl Share {
    fn new(listeners: Vec<Listener>, with: &FanOut<'_>) -> Self {
        let lane = |listener: Listener| {
            let room = if listener.active { (with.room)(listener.id) } else { 0 };
            Lane { listener, room, more: false }
        };
        let listeners = listeners.into_iter().map(lane).collect();
        Self { listeners, events: Vec::new(), deliveries: Vec::new() }
    }

    /// The positions of the listeners that subscribe to events of this kind, each with the event's name in its
    /// generation.
    fn subscribers(&self, kind: &str, with: &FanOut<'_>) -> Vec<(usize, &'static str)> {
        let name = |(place, lane): (usize, &Lane)| {
            let name = (with.name_of)(lane.listener.generation, kind)?;
            subscribes_to(&lane.listener.patterns, name).then_some((place, name))
        };
        self.listeners.iter().enumerate().filter_map(name).collect()
    }

    /// Makes the deliveries of an event: one for each endpoint that subscribes to it, or a failed one if the event
    /// cannot be read.
    fn add_deliveries(&mut self, tx: &mut Tx<'_>, listened: &ListenedEvent<'_>, with: &FanOut<'_>) {
        let ListenedEvent { event, made_at, listeners, read, ref cause } = *listened;
        // Most events have several listeners of one generation, so the body is rendered once.
        let mut shared: Option<(Generation, Bytes)> = None;
        for (place, name) in listeners {
            let lane = &mut self.listeners[*place];
            let id = store::deliveries::ordered_id(tx, made_at, self.deliveries.len());
            let generation = lane.listener.generation;
            let body = match (&shared, read) {
                (Some((of, body)), Some(_)) if *of == generation => Some(body.clone()),
                (_, Some(event)) => {
                    let Some(rendered) = (with.render)(generation, event, id) else { continue };
                    if rendered.shared {
                        shared = Some((generation, rendered.body.clone()));
                    }
                    Some(rendered.body)
                }
                (_, None) => None,
            };
            let leased_until = (body.is_some() && lane.room > 0).then_some(with.lease_end);
            if body.is_some() {
                lane.more |= lane.room == 0 && lane.listener.active;
                lane.room -= usize::from(lane.room > 0);
            }
            let (endpoint, event_type) = (lane.listener.id, *name);
            let cause = cause.clone();
            self.deliveries.push(NewDelivery { id, endpoint, event, event_type, body, leased_until, cause });
        }
    }

    fn more(&self) -> impl Iterator<Item = EndpointId> {
        self.listeners.iter().filter(|lane| lane.more).map(|lane| lane.listener.id)
    }

    fn leased(self, partner: PartnerId) -> impl Iterator<Item = (LeasedDelivery, i64)> {
        let versions: HashMap<EndpointId, i64> =
            self.listeners.iter().map(|lane| (lane.listener.id, lane.listener.version)).collect();
        self.deliveries.into_iter().filter_map(move |delivery| {
            let (Some(body), Some(leased_until)) = (delivery.body, delivery.leased_until) else {
                return None;
            };
            let version = versions.get(&delivery.endpoint)?;
            let leased = LeasedDelivery {
                partner,
                endpoint: delivery.endpoint,
                id: delivery.id,
                version: 1,
                event: delivery.event,
                made: 0,
                leased_until,
                body,
                cause: delivery.cause,
            };
            Some((leased, *version))
        })
    }
}
