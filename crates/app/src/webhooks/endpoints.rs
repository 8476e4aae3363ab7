//! Webhook endpoints, and the partners' view of deliveries.

use std::time::Duration;

use domain::id::{DeliveryId, EndpointId, PartnerId};
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use domain::webhook::delivery::{Attempt, Delivery, DeliveryStateKind};
use domain::webhook::endpoint::{Endpoint, EndpointState, EndpointUpdate, Generation, NewEndpoint};
use domain::webhook::pattern::Pattern;
use domain::webhook::signature::Secret;
use store::Failed;
pub use store::deliveries::SentBody;
use store::deliveries::{Attempts, DeliveryFilter};
use store::{Cursor, StoreError, Stored, Tx, Wake};

use crate::refused::{ListRefused, NotFound, page_or_refused};

/// Most endpoints of a partner.
pub const MOST_ENDPOINTS: i64 = 50;

/// An endpoint to make. The caller has checked its URL.
#[derive(Debug, Clone)]
pub struct CreateEndpoint {
    /// The generation of its deliveries.
    pub generation: Generation,
    /// The URL that receives deliveries.
    pub url: String,
    /// The subscribed events.
    pub patterns: Vec<Pattern>,
    /// The partner's note.
    pub description: Option<String>,
}

/// The partner already has [`MOST_ENDPOINTS`] endpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// Makes an endpoint with a new secret.
pub fn create(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &CreateEndpoint,
) -> Result<Endpoint, Failed<TooMany>> {
    store::partners::touch(tx, tenant)?;
    if store::webhook_endpoints::count(tx, tenant)? >= MOST_ENDPOINTS {
        return Err(Failed::Refused(TooMany));
    }
    let new = NewEndpoint {
        id: tx.new_id(now),
        partner: tenant,
        generation: command.generation,
        url: command.url.clone(),
        patterns: command.patterns.clone(),
        description: command.description.clone(),
        secret: Secret::new(tx.random_bytes()),
    };
    Ok(store::webhook_endpoints::insert(tx, Endpoint::create(new, now))?.into_value())
}

/// The partner's endpoint.
pub fn find(tx: &mut Tx<'_>, tenant: PartnerId, id: EndpointId) -> Result<Endpoint, Failed<NotFound>> {
    Ok(to_change(tx, tenant, id)?.into_value())
}

fn to_change(
    tx: &mut Tx<'_>, tenant: PartnerId, id: EndpointId,
) -> Result<Stored<Endpoint>, Failed<NotFound>> {
    store::webhook_endpoints::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))
}

/// A page of the partner's endpoints.
pub fn list(
    tx: &mut Tx<'_>, tenant: PartnerId, cursor: &Cursor<EndpointId>,
) -> Result<Page<Endpoint>, Failed<ListRefused>> {
    page_or_refused(store::webhook_endpoints::list(tx, tenant, cursor)?)
}

/// Makes up to `rows` waiting deliveries due at once, before their endpoint is switched on; returns their number.
/// Attempts use the `real` time, not the partner's clock. If the endpoint is active, there is nothing to do: its
/// deliveries wait for their planned times.
pub fn prepare(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: EndpointId, rows: i64,
) -> Result<u64, StoreError> {
    match store::webhook_endpoints::health(tx, tenant, id)?.map(|health| health.state) {
        Some(EndpointState::Disabled(_)) => store::lane_changes::resume_some(tx, tenant, id, real, rows),
        Some(EndpointState::Active) | None => Ok(0),
    }
}

/// Changes an endpoint. If it is switched on again, it receives the waiting deliveries, oldest first; [`prepare`] has
/// made them due.
pub fn update(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: EndpointId, update: &EndpointUpdate,
) -> Result<Endpoint, Failed<NotFound>> {
    let endpoint = to_change(tx, tenant, id)?;
    let updated = endpoint.change(|endpoint| endpoint.update(update, now)).map_err(StoreError::from)?;
    let endpoint = store::webhook_endpoints::save(tx, updated)?;
    // The sender still holds the endpoint's old state.
    tx.wake(Wake::Deliveries);
    Ok(endpoint.into_value())
}

/// Removes an endpoint. A worker then gives up its open deliveries, some rows at a time.
pub fn delete(tx: &mut Tx<'_>, tenant: PartnerId, id: EndpointId) -> Result<(), Failed<NotFound>> {
    let endpoint = to_change(tx, tenant, id)?;
    store::webhook_endpoints::delete(tx, &endpoint)?;
    store::lane_changes::give_up(tx, tenant, id)?;
    tx.wake(Wake::Deliveries);
    Ok(())
}

/// Gives an endpoint a new secret. The present one also signs for `grace`.
pub fn rotate_secret(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, id: EndpointId, grace: Duration,
) -> Result<Endpoint, Failed<NotFound>> {
    let endpoint = to_change(tx, tenant, id)?;
    let secret = Secret::new(tx.random_bytes());
    let rotated = endpoint.changed(|endpoint| endpoint.rotate_secret(secret, grace, real));
    let endpoint = store::webhook_endpoints::save(tx, rotated)?;
    tx.wake(Wake::Deliveries);
    Ok(endpoint.into_value())
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
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, filter: &DeliveryFilter,
    cursor: &Cursor<DeliveryId>, kept_since: RealTime,
) -> Result<Page<DeliveryFile>, Failed<ListRefused>> {
    if !store::webhook_endpoints::exists(tx, tenant, endpoint)? {
        return Err(Failed::Refused(ListRefused::NotFound));
    }
    let page = page_or_refused(store::deliveries::list(tx, tenant, endpoint, filter, cursor, kept_since)?)?;
    let ids: Vec<DeliveryId> = page.items.iter().map(|delivery| delivery.id).collect();
    let mut attempts = store::deliveries::attempts(tx, tenant, &ids)?;
    let mut files = Page::empty(page.has_more);
    for row in page.in_order(Ok, Err) {
        match row.map(|delivery| (delivery.id, file_of(&mut attempts, delivery))) {
            Ok((_, Ok(file))) => files.items.push(file),
            Ok((id, Err(StoreError::Corrupt(reason)))) => {
                tracing::error!(delivery.id = %id, reason, "the attempts of a delivery cannot be read; the list marks the delivery");
                files.push_unreadable(id.to_string());
            }
            Ok((_, Err(error))) => return Err(error.into()),
            Err(unreadable) => files.push_unreadable(unreadable.id),
        }
    }
    Ok(files)
}

/// A delivery with its attempts, which were read together with those of other deliveries.
fn file_of(attempts: &mut Attempts, delivery: Delivery) -> Result<DeliveryFile, StoreError> {
    let attempts = attempts.remove(&delivery.id).ok_or(StoreError::NotFound)??;
    Ok(DeliveryFile { delivery, attempts })
}

/// A delivery with its attempts, and the body that each of them sends, which may no longer be readable.
pub fn delivery(
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, id: DeliveryId,
) -> Result<(DeliveryFile, Option<SentBody>), Failed<NotFound>> {
    let found = store::deliveries::find(tx, tenant, endpoint, id)?;
    let delivery = found.ok_or(Failed::Refused(NotFound))?.into_value();
    let body = store::deliveries::body(tx, tenant, endpoint, id)?;
    Ok((with_attempts(tx, tenant, delivery)?, body))
}

/// A delivery with its attempts.
fn with_attempts(tx: &mut Tx<'_>, tenant: PartnerId, delivery: Delivery) -> Result<DeliveryFile, StoreError> {
    let mut attempts = store::deliveries::attempts(tx, tenant, &[delivery.id])?;
    file_of(&mut attempts, delivery)
}

/// The outcome of a delivery so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recent {
    /// When it was made.
    pub made_at: RealTime,
    /// Its state.
    pub state: DeliveryStateKind,
    /// The number of its attempts.
    pub attempts: u16,
}

/// Most deliveries that a picture of an endpoint counts.
const MOST_RECENT: i64 = 5_000;

/// The newest deliveries to an endpoint since a moment, newest first: at most 5,000.
pub fn recent(
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, since: RealTime,
) -> Result<Vec<Recent>, StoreError> {
    let rows = store::deliveries::recent(tx, tenant, endpoint, since, MOST_RECENT)?;
    let recent = |(made_at, state, attempts)| Recent { made_at, state, attempts };
    Ok(rows.into_iter().map(recent).collect())
}

/// Makes a delivery due at once, in whatever state it is, with the same body and the same id. A delivery that is being
/// sent does not change.
pub fn retry(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, endpoint: EndpointId, id: DeliveryId,
) -> Result<DeliveryFile, Failed<NotFound>> {
    find(tx, tenant, endpoint)?;
    let found = store::deliveries::find(tx, tenant, endpoint, id)?;
    let delivery = found.ok_or(Failed::Refused(NotFound))?;
    let delivery = if delivery.leased_until <= real {
        let requested = delivery.change(|delivery| delivery.request(real)).map_err(StoreError::from)?;
        store::deliveries::save_requested(tx, tenant, requested)?
    } else {
        delivery.into_value()
    };
    Ok(with_attempts(tx, tenant, delivery)?)
}

/// Number of deliveries since a time that a recovery would send: the endpoint has not accepted them, and they are not
/// being sent now.
pub fn count_undelivered(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, endpoint: EndpointId, since: RealTime,
) -> Result<u64, StoreError> {
    store::lane_changes::count_undelivered(tx, tenant, endpoint, since, real)
}

/// Orders a recovery of these deliveries. A worker makes them due, some rows at a time.
pub fn recover(
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, since: RealTime,
) -> Result<(), Failed<NotFound>> {
    find(tx, tenant, endpoint)?;
    Ok(store::lane_changes::recover(tx, tenant, endpoint, since)?)
}
