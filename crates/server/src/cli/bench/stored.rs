//! A database that already holds many deliveries, with their events and attempts, before it is measured.

use std::time::Duration;

use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::time::Timestamp;
use store::{StoreError, Tx, args};

use super::target::Target;
use crate::clock::real_now;

/// How many events one transaction adds, each heard by every endpoint.
const AT_ONCE: u64 = 100;
/// Over which time they lie.
const SPAN: Duration = Duration::from_secs(60 * 86_400);

/// Stops the server, adds `count` deliveries that have arrived, of the sizes that the server writes, and starts it
/// again.
pub(super) async fn fill(
    target: Target,
    partner: PartnerId,
    endpoints: Vec<EndpointId>,
    count: u64,
) -> anyhow::Result<Target> {
    let events = count / (endpoints.len() as u64).max(1);
    let (start, step) = (real_now().minus(SPAN), SPAN / u32::try_from(events.max(1))?);
    target
        .meanwhile(move |store| {
            for first in (0..events).step_by(usize::try_from(AT_ONCE)?) {
                let moments = first..events.min(first + AT_ONCE);
                let endpoints = endpoints.clone();
                let script = move |tx: &mut Tx<'_>| {
                    let moments =
                        moments.clone().map(|number| start.plus(step * u32::try_from(number).unwrap_or(0)));
                    insert(tx, partner, &endpoints, &moments.collect::<Vec<_>>())
                };
                store.write_blocking(script)?;
            }
            Ok(())
        })
        .await
}

fn insert(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    endpoints: &[EndpointId],
    moments: &[Timestamp],
) -> Result<(), StoreError> {
    let (snapshot, body, answer) = (vec![7_u8; 1_000], vec![7_u8; 900], Vec::<u8>::new());
    let mut events: Vec<(EventId, Timestamp)> = Vec::new();
    let mut deliveries: Vec<(EventId, DeliveryId, EndpointId, Timestamp)> = Vec::new();
    for moment in moments {
        let event = EventId::new(*moment, tx.random_bytes());
        events.push((event, *moment));
        for endpoint in endpoints {
            deliveries.push((event, DeliveryId::new(*moment, tx.random_bytes()), *endpoint, *moment));
        }
    }
    let rows = events
        .iter()
        .map(|(event, at)| args![partner, *event, *"customer_created", snapshot, *at, false].to_vec());
    let rows: Vec<_> = rows.collect();
    tx.insert_rows("insert into events (partner_id, id, kind, sealed, occurred_at, waiting)", &rows)?;
    let (version, attempts, none) = (3_i64, 1_i64, 0_i64);
    let rows = deliveries.iter().map(|(event, delivery, endpoint, at)| {
        args![
            partner,
            *endpoint,
            *delivery,
            version,
            *event,
            *"customer.created",
            *"delivered",
            attempts,
            *at,
            none,
            body,
            *at,
            *at
        ]
        .to_vec()
    });
    let rows: Vec<_> = rows.collect();
    let head = "insert into deliveries (partner_id, endpoint_id, id, version, event_id, event_type, state, attempts, \
                due_at, leased_until, sealed, created_at, updated_at)";
    tx.insert_rows(head, &rows)?;
    let (took, status) = (3_i64, 204_i64);
    let rows = deliveries.iter().map(|(_, delivery, _, at)| {
        args![partner, *delivery, attempts, *at, took, status, *"delivered", answer].to_vec()
    });
    let rows: Vec<_> = rows.collect();
    let head = "insert into delivery_attempts \
                (partner_id, delivery_id, number, started_at, duration_ms, status, outcome, sealed)";
    tx.insert_rows(head, &rows)
}
