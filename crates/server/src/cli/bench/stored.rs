//! What is written while no server runs: changes whose events wait, and many deliveries with their events and attempts.

use std::ops::Range;
use std::time::Duration;

use domain::credential::Environment;
use domain::id::{DeliveryId, EndpointId, EventId, PartnerId, ResourceId as _};
use domain::time::Timestamp;
use store::{Failed, Store, StoreError, Tx, args};
use wire::reference::customer::CreateCustomer;

use super::caller::registration;
use crate::app;
use crate::app::customers::{RegisterCustomer, Registered};
use crate::app::registry::CompanyRegistry;
use crate::clock::real_now;

/// How many changes one transaction makes.
const AT_ONCE: u64 = 100;
/// Over which time they lie.
const SPAN: Duration = Duration::from_secs(60 * 86_400);

/// Registers customers, many in one commit, as the API does one by one; returns their ids.
pub(super) fn register(
    store: &Store,
    partner: PartnerId,
    numbers: Range<u64>,
) -> anyhow::Result<Vec<String>> {
    let mut ids = Vec::new();
    let commands = numbers.map(|number| {
        let given = CreateCustomer::read(&registration(number, "manual"))
            .map_err(|problem| anyhow::anyhow!("a registration is refused: {problem:?}"))?;
        Ok(RegisterCustomer { registration: given.registration(), external_id: given.external_id })
    });
    let commands = commands.collect::<anyhow::Result<Vec<RegisterCustomer>>>()?;
    for commands in commands.chunks(usize::try_from(AT_ONCE)?) {
        let commands = commands.to_vec();
        let registered = store.write_blocking(move |tx: &mut Tx<'_>| {
            let registry = CompanyRegistry::of(Environment::Sandbox);
            let one = |command| match app::customers::register(tx, partner, real_now(), registry, command)? {
                Registered::New(file) | Registered::Existing(file) => Ok(file.customer.id.to_string()),
            };
            commands.iter().map(one).collect::<Result<Vec<String>, Failed<_>>>()
        });
        ids.extend(registered.map_err(|failed| anyhow::anyhow!("a registration failed: {failed:?}"))?);
    }
    Ok(ids)
}

/// Adds `count` deliveries that have arrived, of the sizes that the server writes.
pub(super) fn fill(
    store: &Store,
    partner: PartnerId,
    endpoints: &[EndpointId],
    count: u64,
) -> anyhow::Result<()> {
    let events = count / (endpoints.len() as u64).max(1);
    let (start, step) = (real_now().minus(SPAN), SPAN / u32::try_from(events.max(1))?);
    for first in (0..events).step_by(usize::try_from(AT_ONCE)?) {
        let moments = (first..events.min(first + AT_ONCE)).map(|number| {
            let number = u32::try_from(number).expect("the number of events was a u32 above");
            start.plus(step * number)
        });
        let (moments, endpoints) = (moments.collect::<Vec<_>>(), endpoints.to_vec());
        store.write_blocking(move |tx: &mut Tx<'_>| insert(tx, partner, &endpoints, &moments))?;
    }
    Ok(())
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
        .map(|(event, at)| args![partner, *event, *"customer_created", snapshot, *at, *at].to_vec());
    let rows: Vec<_> = rows.collect();
    tx.insert_rows("insert into events (partner_id, id, kind, sealed, occurred_at, place)", &rows)?;
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
