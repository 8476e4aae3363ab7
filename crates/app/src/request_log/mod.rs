//! The request log: what partners called, and what they were answered. It is in a store of its own.
//!
//! Reasons: docs/decisions/0038.

mod figures;
mod keys;

use std::time::Duration;

use domain::credential::ClientId;
use domain::id::PartnerId;
use domain::page_visit::PageVisit;
use domain::request_log::{FoundRequests, LoggedBodies, LoggedRequest, RequestCursor, RequestFilter};
use domain::time::RealTime;
use store::db::discard_request_log;
pub use store::db::request_log_file;
pub use store::request_log::{Entry, UsedFrom};
use store::{Failed, OpenError, Store, StoreError, Tx};

pub use self::figures::{Figures, Habit, figures};
pub use self::keys::{UsedKey, first_use, used};
use crate::database::DatabaseUrl;
use crate::refused::NotFound;

/// Opens the log beside its database. A log that cannot be opened is thrown away and made anew. The second value says
/// why, if that happened.
pub fn open(database: &Store, url: &DatabaseUrl) -> Result<(Store, Option<OpenError>), OpenError> {
    match database.open_request_log(url) {
        Ok(log) => Ok((log, None)),
        Err(why) => {
            discard_request_log(url).map_err(|error| OpenError::Engine(error.to_string()))?;
            Ok((database.open_request_log(url)?, Some(why)))
        }
    }
}

/// Throws away a log whose store has found damage, and makes a new one.
pub fn open_anew(database: &Store, url: &DatabaseUrl) -> Result<Store, OpenError> {
    discard_request_log(url).map_err(|error| OpenError::Engine(error.to_string()))?;
    database.open_request_log(url)
}

/// Adds calls to the log.
pub fn enter(tx: &mut Tx<'_>, entries: &[Entry]) -> Result<(), StoreError> {
    store::request_log::insert(tx, entries)
}

/// Adds visits of borrowers' pages to the log.
pub fn enter_visits(tx: &mut Tx<'_>, visits: &[PageVisit]) -> Result<(), StoreError> {
    store::request_log::insert_visits(tx, visits)
}

/// A page of the calls that meet a filter.
pub fn search(
    tx: &mut Tx<'_>, filter: &RequestFilter, cursor: &RequestCursor,
) -> Result<FoundRequests, StoreError> {
    store::request_log::search(tx, filter, cursor)
}

/// The newest call with this request id, or the call with this id in the log, and its bodies. `None` as the partner
/// means all partners.
pub fn show(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, id: &str,
) -> Result<(LoggedRequest, Option<LoggedBodies>), Failed<NotFound>> {
    let call = store::request_log::find(tx, partner, id)?.ok_or(Failed::Refused(NotFound))?;
    let bodies = store::request_log::bodies(tx, &call)?;
    Ok((call, bodies))
}

/// The time for which the addresses of a credential are counted.
const MONTH: Duration = Duration::from_hours(30 * 24);

/// The addresses from which a credential of a partner was used in the 30 days before `now`, the latest first. It counts
/// the newest 5,000 calls of the partner.
pub fn used_from(
    tx: &mut Tx<'_>, partner: PartnerId, client: ClientId, now: RealTime,
) -> Result<Vec<UsedFrom>, StoreError> {
    store::request_log::used_from(tx, partner, client, now.minus(MONTH))
}

/// Deletes up to `rows` calls from before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::request_log::purge(tx, cutoff, rows)
}

/// Deletes up to `rows` pairs of bodies from before `cutoff`; returns their number.
pub fn purge_bodies(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::request_log::purge_bodies(tx, cutoff, rows)
}

/// Deletes up to `rows` visits from before `cutoff`; returns their number.
pub fn purge_visits(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::request_log::purge_visits(tx, cutoff, rows)
}
