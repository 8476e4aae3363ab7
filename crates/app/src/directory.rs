//! Finds the partner of a resource. Operators name resources by their ids alone.

use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};
use store::Failed;
use store::Tx;
pub use store::directory::Owned;

use crate::clock;
use crate::refused::NotFound;

/// The partner of a resource, and the partner's time at the real time `real`.
pub fn place<I: Owned, R: From<NotFound>>(
    tx: &mut Tx<'_>, real: RealTime, id: &I,
) -> Result<(PartnerId, Timestamp), Failed<R>> {
    let partner = store::directory::owner(tx, id)?.ok_or_else(|| Failed::Refused(NotFound.into()))?;
    Ok((partner, clock::at(tx, partner, real)?))
}
