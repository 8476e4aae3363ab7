//! Drops old deliveries, attempts and bodies, some rows at a time.

use domain::id::{DeliveryId, EndpointId, PartnerId, ResourceId as _};
use domain::time::RealTime;
use domain::webhook::delivery::DeliveryStateKind;

use crate::document::{corrupt, set_of};
use crate::{StoreError, Tx, args};

/// The endpoints with deliveries of the partner, also inactive and deleted ones.
pub fn endpoints_of(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Vec<EndpointId>, StoreError> {
    let sql = "select min(endpoint_id) from deliveries where partner_id = $1 and endpoint_id > $2";
    let (mut found, mut last) = (Vec::new(), String::new());
    while let Some(next) = tx.fetch_one::<Option<String>>(sql, args![partner, last])? {
        found.push(next.parse().map_err(corrupt)?);
        last = next;
    }
    Ok(found)
}

/// Whether a delivery is still to be sent.
fn waits(state: DeliveryStateKind) -> bool {
    match state {
        DeliveryStateKind::Pending => true,
        DeliveryStateKind::Delivered | DeliveryStateKind::Failed => false,
    }
}

/// Drops up to `rows` of an endpoint's deliveries from before `cutoff`; returns their number. Deliveries that an active
/// endpoint is still to receive stay.
pub fn purge(
    tx: &mut Tx<'_>, partner: PartnerId, endpoint: EndpointId, cutoff: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    let sql = format!(
        "delete from deliveries where partner_id = $1 and endpoint_id = $2 and id in (\
         select id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 and (\
         state not in {} or not exists (select 1 from webhook_endpoints e \
         where e.partner_id = $1 and e.id = $2 and e.state = 'active')) order by id limit {rows})",
        set_of(waits)
    );
    let first_kept = DeliveryId::new(cutoff, [0; 10]);
    tx.execute(&sql, args![partner, endpoint, first_kept])
}

/// Drops up to `rows` attempts of deliveries from before `cutoff`; returns their number.
pub fn purge_attempts(
    tx: &mut Tx<'_>, partner: PartnerId, cutoff: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    let sql = format!(
        "delete from delivery_attempts where partner_id = $1 and (delivery_id, number) in (\
         select delivery_id, number from delivery_attempts where partner_id = $1 and delivery_id < $2 \
         order by delivery_id, number limit {rows})"
    );
    let first_kept = DeliveryId::new(cutoff, [0; 10]);
    tx.execute(&sql, args![partner, first_kept])
}

/// The first body from before `cutoff` that a remaining delivery from before `cutoff` still needs. Call it after
/// [`purge`] of all the partner's endpoints.
fn first_needed_body(
    tx: &mut Tx<'_>, partner: PartnerId, cutoff: DeliveryId,
) -> Result<DeliveryId, StoreError> {
    // An endpoint's bodies are in the order of its deliveries.
    let sql = "select body_id from deliveries where partner_id = $1 and endpoint_id = $2 and id < $3 \
               order by id limit 1";
    let mut first = cutoff;
    for endpoint in endpoints_of(tx, partner)? {
        let needed: Option<DeliveryId> = tx.fetch_opt(sql, args![partner, endpoint, cutoff])?;
        first = needed.map_or(first, |needed| first.min(needed));
    }
    Ok(first)
}

/// Drops up to `rows` bodies from before `cutoff` that no delivery needs any more; returns their number.
pub fn purge_bodies(
    tx: &mut Tx<'_>, partner: PartnerId, cutoff: RealTime, rows: i64,
) -> Result<u64, StoreError> {
    let first_kept = first_needed_body(tx, partner, DeliveryId::new(cutoff, [0; 10]))?;
    let sql = format!(
        "delete from delivery_bodies where partner_id = $1 and id in (\
         select id from delivery_bodies where partner_id = $1 and id < $2 order by id limit {rows})"
    );
    tx.execute(&sql, args![partner, first_kept])
}
