//! The end of a hosted session.

use domain::id::{CustomerId, PartnerId};
use domain::kyc::BiometricsSession;
use domain::time::Timestamp;
use store::{StoreError, Stored, Tx};

pub(super) fn complete(tx: &mut Tx<'_>, session: Stored<BiometricsSession>) -> Result<(), StoreError> {
    let completed = session.change(BiometricsSession::complete)?;
    store::kyc::save_session(tx, completed).map(drop)
}

/// Ends the customer's open session, if there is one, because the review was requested.
pub(super) fn end_of(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId,
) -> Result<(), StoreError> {
    match store::kyc::newest_session(tx, tenant, customer)?.filter(|session| session.is_open(now)) {
        Some(session) => complete(tx, session),
        None => Ok(()),
    }
}
