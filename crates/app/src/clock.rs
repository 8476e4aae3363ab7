//! The clocks of the tenants. In the sandbox a partner can let time pass, for its own resources only. It can also make
//! further clocks, each of which is a tenant (`app::sandbox`). So a tenant has one clock, and no use case chooses one.
//!
//! Things that a contract counts in days use the partner's clock: offers, links, loans, installments, events. Things
//! that involve other machines use the real time: tokens, credentials, keys, limits, webhook attempts.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};
use store::{StoreError, Tx};

/// The partner's time at the real time `real`.
pub fn at(tx: &mut Tx<'_>, partner: PartnerId, real: RealTime) -> Result<Timestamp, StoreError> {
    Ok(real.on_clock(store::clocks::offset(tx, partner)?))
}

/// The real time at which the partner's clock shows `now`.
pub fn real(tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp) -> Result<RealTime, StoreError> {
    Ok(now.off_clock(store::clocks::offset(tx, partner)?))
}

/// The offsets of the moved clocks.
pub fn moved(tx: &mut Tx<'_>) -> Result<HashMap<PartnerId, Duration>, StoreError> {
    Ok(store::clocks::moved(tx)?.into_iter().collect())
}
