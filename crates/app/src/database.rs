//! The database and the files for callers of use cases: open, lock, probe and close them.
//!
//! Servers depend on this crate alone, so they cannot name a query of `store`.
//! Reasons: docs/decisions/0019.

use domain::credential::Environment;
use domain::time::RealTime;

pub use store::blob::{Blobs, PutError, sha256_of};
pub use store::db::{Claim, DatabaseUrl, Deadlines};
pub use store::migrations::{Schema, TREE, Tree};
pub use store::random::Random;
pub use store::seal::{MasterKey, hex, sha256_hex};

use crate::{StoreError, Tx};

/// The name of the environment that a database serves. The first caller's environment is stored.
pub fn environment(tx: &mut Tx<'_>, environment: Environment) -> Result<String, StoreError> {
    store::settings::get_or_set(tx, "environment", environment.name())
}

/// Writes to the database as a probe and returns its schema.
pub fn prove_write(tx: &mut Tx<'_>, real: RealTime) -> Result<Schema, StoreError> {
    store::settings::prove_write(tx, real)?;
    store::migrations::schema(tx)
}
