//! A partner's registrations in the order of their places, for the index of searches.

use domain::customer::CustomerEvent;
use domain::event::DomainEvent;
use domain::id::{CustomerId, PartnerId};

use super::row::EventRow;
use crate::table::Projection as _;
use crate::{StoreError, Tx, args};

/// The stored kind of a registration.
pub(crate) const CREATED: &str = CustomerEvent::Created.name();

/// Whether this stored kind of event is a registration.
pub fn is_registration(kind: &str) -> bool {
    kind == CREATED
}

/// A registered customer with its tenant: the partner or one of its clocks.
pub(crate) type RegisteredCustomer = (PartnerId, CustomerId);

/// The customers that were registered after a place, at most `limit`, each with its place. A registration that cannot
/// be read has no customer.
pub(crate) fn created_after(
    tx: &mut Tx<'_>, partner: PartnerId, place: i64, limit: i64,
) -> Result<Vec<(i64, Option<RegisteredCustomer>)>, StoreError> {
    let sql = format!(
        "select place, {} from events where partner_id = $1 and kind = '{CREATED}' and place > $2 \
         order by place limit $3",
        EventRow::list()
    );
    let rows: Vec<(i64, Result<EventRow, StoreError>)> = tx.fetch_all(&sql, args![partner, place, limit])?;
    rows.into_iter().map(|(place, row)| Ok((place, customer_of(tx, row)?))).collect()
}

fn customer_of(
    tx: &mut Tx<'_>, row: Result<EventRow, StoreError>,
) -> Result<Option<RegisteredCustomer>, StoreError> {
    match row.and_then(|row| row.open(tx)) {
        Ok(event) => Ok(match event.domain_event {
            DomainEvent::Customer(_, file) => Some((event.partner, file.customer.id)),
            DomainEvent::Offer(..) | DomainEvent::Loan(..) | DomainEvent::BiometricsOpened(..) => None,
        }),
        Err(StoreError::Corrupt(reason)) => {
            tracing::error!(reason, "a registration cannot be read; its customer is not found by name");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
