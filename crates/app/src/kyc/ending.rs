//! The end of a hosted session.

use domain::id::{CustomerId, PartnerId};
use domain::kyc::{BiometricsSession, SessionState};
use domain::time::Timestamp;
use store::{StoreError, Tx};

pub(super) fn complete(tx: &mut Tx<'_>, session: &mut BiometricsSession) -> Result<(), StoreError> {
    session.state = SessionState::Completed;
    store::kyc::update_session(tx, session)
}

/// Ends the customer's session, if one is going on: its review has been asked for.
pub(super) fn end_of(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
) -> Result<(), StoreError> {
    match store::kyc::newest_session(tx, tenant, customer)?.filter(|session| session.is_open(now)) {
        Some(mut session) => complete(tx, &mut session),
        None => Ok(()),
    }
}
