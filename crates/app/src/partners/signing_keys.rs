//! The keys that sign access tokens.

use std::time::Duration;

use domain::time::RealTime;
pub use store::system_keys::SigningKey;
use store::{StoreError, Tx};

/// The keys that sign or still verify, newest first. In a new database this makes the first key.
pub fn all_or_first(tx: &mut Tx<'_>, now: RealTime) -> Result<Vec<SigningKey>, StoreError> {
    let keys = all(tx)?;
    if keys.is_empty() {
        return Ok(vec![rotate(tx, now)?]);
    }
    Ok(keys)
}

/// The keys that sign or still verify, newest first.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<SigningKey>, StoreError> {
    store::system_keys::signing_keys(tx)
}

/// Makes a key that signs from now on.
pub fn rotate(tx: &mut Tx<'_>, now: RealTime) -> Result<SigningKey, StoreError> {
    store::system_keys::add_signing_key(tx, now)
}

/// Makes a new signing key if the present one is older than `age`.
pub fn rotate_old(tx: &mut Tx<'_>, now: RealTime, age: Duration) -> Result<(), StoreError> {
    let newest = all(tx)?.into_iter().next();
    if newest.is_some_and(|key| now.since(key.created_at) > age) {
        rotate(tx, now)?;
    }
    Ok(())
}
