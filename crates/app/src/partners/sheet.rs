//! A partner's volumes and limits, and whether its events arrive.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::{EndpointId, PartnerId};
use domain::page::Page;
use domain::time::RealTime;
use domain::webhook::endpoint::EndpointState;
use store::partners::Partner;
use store::volumes::Volumes;
use store::webhook_endpoints::{Failing, MOST_COUNTED, Waiting};
use store::{Cursor, Failed, StoreError, Tx};

use super::registration::list;
use crate::refused::{ListRefused, NotFound};
use crate::webhooks::history::address;

/// The period of a partner's disbursed amount.
pub const PERIOD: Duration = Duration::from_secs(30 * 86_400);

/// A partner in the list, with its failing endpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The partner.
    pub partner: Partner,
    /// Its failing endpoints, if it has any.
    pub failing: Option<Failing>,
}

/// A page of the partners with their failing endpoints.
pub fn listed(tx: &mut Tx<'_>, cursor: &Cursor<PartnerId>) -> Result<Page<Listed>, Failed<ListRefused>> {
    let page = list(tx, cursor)?;
    let ids: Vec<PartnerId> = page.items.iter().map(|partner| partner.id).collect();
    let failing = store::webhook_endpoints::failing_of(tx, &ids)?;
    let of = |id| failing.iter().find(|one| one.partner == id).copied();
    Ok(page.filter_map(|partner| Some(Listed { failing: of(partner.id), partner })))
}

/// The volumes of these partners at `now`. Counting reads an index entry for each customer, so a caller keeps the answer
/// for a while.
pub fn volumes(
    tx: &mut Tx<'_>, partners: &[PartnerId], now: RealTime,
) -> Result<HashMap<PartnerId, Volumes>, StoreError> {
    let mut found = store::volumes::of(tx, partners, now, PERIOD)?;
    // A partner without customers has volumes too: zeros.
    for partner in partners {
        found.entry(*partner).or_default();
    }
    Ok(found)
}

/// A webhook endpoint as operators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndpointHealth {
    /// The endpoint.
    pub id: EndpointId,
    /// The URL for deliveries without its query, in which partners put secrets.
    pub address: String,
    /// The state of its machine.
    pub state: EndpointState,
    /// The beginning of the present series of failed attempts.
    pub failing_since: Option<RealTime>,
    /// The number of waiting deliveries.
    pub waiting: Count,
    /// The creation of the oldest of the hundred that are due next.
    pub oldest: Option<RealTime>,
}

/// A number of rows that are not counted to their end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// Exactly so many.
    Exactly(i64),
    /// So many or more.
    AtLeast(i64),
}

/// A partner beside its volumes and credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The partner.
    pub partner: Partner,
    /// The number of its active credentials.
    pub active_credentials: i64,
    /// Its webhook endpoints, oldest first.
    pub endpoints: Vec<EndpointHealth>,
}

/// The sheet of a partner.
pub fn sheet(tx: &mut Tx<'_>, now: RealTime, id: PartnerId) -> Result<Sheet, Failed<NotFound>> {
    let partner = store::partners::find(tx, id)?.ok_or(Failed::Refused(NotFound))?;
    let endpoints = store::webhook_endpoints::waiting(tx, id)?;
    Ok(Sheet {
        partner,
        active_credentials: store::credentials::count_active(tx, id, now)?,
        endpoints: endpoints.into_iter().map(health).collect(),
    })
}

fn health(waiting: Waiting) -> EndpointHealth {
    let Waiting { endpoint, url, state, failing_since, deliveries, oldest } = waiting;
    EndpointHealth {
        id: endpoint,
        address: address(&url),
        state,
        failing_since,
        waiting: if deliveries < MOST_COUNTED {
            Count::Exactly(deliveries)
        } else {
            Count::AtLeast(MOST_COUNTED)
        },
        oldest,
    }
}
