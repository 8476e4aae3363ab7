//! The partner to which a tenant belongs. A tenant is a partner, or a clock that a partner made in the sandbox.

use domain::id::PartnerId;

use crate::{StoreError, Tx, args};

/// The partner to which a tenant belongs: itself, or the owner of the clock. `NotFound` if the clock was deleted.
pub fn owner(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<PartnerId, StoreError> {
    if tenant.clock().is_none() {
        return Ok(tenant);
    }
    tx.fetch_one("select clock_of from partners where id = $1 and clock_of is not null", args![tenant])
}
