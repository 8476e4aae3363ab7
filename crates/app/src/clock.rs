//! The partners' clocks. In the sandbox each partner can let time pass, for its own resources only.
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

/// Moves the partner's clock to `until`, or to an earlier moment at which something falls due. A clock that is already
/// there does not move. Returns the partner's time.
pub fn step(
    tx: &mut Tx<'_>, tenant: PartnerId, real: RealTime, until: Timestamp,
) -> Result<Timestamp, StoreError> {
    let now = at(tx, tenant, real)?;
    // A deadline has passed only after its last microsecond.
    let passed = |due: Timestamp| due.plus(Duration::from_micros(1));
    let next = store::clocks::next_due(tx, tenant, now)?.map_or(until, |due| passed(due).min(until));
    if next <= now {
        return Ok(now);
    }
    store::clocks::advance(tx, tenant, next.since(real.unmoved()))?;
    Ok(next)
}
