//! The volumes of partners, counted if nobody has counted them within a minute.

use std::collections::HashMap;

use app::{StoreError, Tx, partners};
use domain::id::PartnerId;

use crate::state::AppState;
use crate::volumes::Counted;

/// The volumes of these partners, at most a minute old.
pub(crate) async fn volumes_of(
    state: &AppState, partners: &[PartnerId],
) -> Result<HashMap<PartnerId, Counted>, StoreError> {
    let now = state.clock.now();
    let mut known = state.volumes.known(partners, now);
    let missing: Vec<PartnerId> = partners.iter().filter(|id| !known.contains_key(id)).copied().collect();
    if !missing.is_empty() {
        let count = move |tx: &mut Tx<'_>| partners::volumes(tx, &missing, now);
        let volumes = state.store.list(count).await?;
        let counted: HashMap<PartnerId, Counted> =
            volumes.into_iter().map(|(id, volumes)| (id, Counted { volumes, at: now })).collect();
        state.volumes.learn(&counted);
        known.extend(counted);
    }
    Ok(known)
}

/// The volumes of one partner, at most a minute old.
pub(crate) async fn volumes_of_one(state: &AppState, partner: PartnerId) -> Result<Counted, StoreError> {
    let counted = volumes_of(state, &[partner]).await?;
    counted.get(&partner).copied().ok_or(StoreError::NotFound)
}
