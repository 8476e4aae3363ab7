//! Partners: operators make them; a new sandbox makes one by itself.

use domain::id::PartnerId;
use domain::page::Page;
use domain::time::RealTime;
use store::Failed;
use store::partners::Partner;
use store::{Cursor, StoreError, Tx};

use crate::refused::{ListRefused, page_or_refused};

/// Makes a partner.
pub fn create(tx: &mut Tx<'_>, now: RealTime, name: &str) -> Result<Partner, StoreError> {
    store::partners::insert(tx, name, now)
}

/// The partner with this id.
pub fn find(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    store::partners::find(tx, id)
}

/// The name of a partner, or its id if the partner cannot be read.
pub fn name(tx: &mut Tx<'_>, id: PartnerId) -> Result<String, StoreError> {
    let name = store::partners::names(tx, &[id])?.remove(&id);
    Ok(name.unwrap_or_else(|| id.to_string()))
}

/// A page of the partners.
pub fn list(tx: &mut Tx<'_>, cursor: &Cursor<PartnerId>) -> Result<Page<Partner>, Failed<ListRefused>> {
    page_or_refused(store::partners::list(tx, cursor)?)
}

/// A page of the partners and their clocks, for checks of everything.
pub fn list_tenants(
    tx: &mut Tx<'_>, cursor: &Cursor<PartnerId>,
) -> Result<Page<Partner>, Failed<ListRefused>> {
    page_or_refused(store::partners::list_tenants(tx, cursor)?)
}

/// Whether the platform has no partner yet.
pub fn none_yet(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    store::partners::any(tx).map(|any| !any)
}
