//! Partners: made by the operator's command, and once by a new sandbox.

use domain::id::PartnerId;
use domain::time::Timestamp;
use store::partners::Partner;
use store::{StoreError, Tx};

/// Makes a partner.
pub fn create(tx: &mut Tx<'_>, now: Timestamp, name: &str) -> Result<Partner, StoreError> {
    store::partners::insert(tx, name, now)
}

/// The partner with this id.
pub fn find(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    store::partners::find(tx, id)
}

/// Whether the platform has no partner yet.
pub fn none_yet(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    store::partners::any(tx).map(|any| !any)
}
