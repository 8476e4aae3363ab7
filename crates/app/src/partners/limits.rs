//! The limits that operators set for a partner.

use domain::credential::{ClientId, Credential};
use domain::id::PartnerId;
pub use store::partners::OwnLimits;
use store::{Failed, StoreError, Tx};

use crate::refused::not_found_in;

/// The largest limit on requests in ten seconds that can be set.
pub const MOST_REQUESTS: u32 = 100_000;

/// New limits of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetLimits {
    /// Most requests of each credential in ten seconds, from 1 to [`MOST_REQUESTS`]; `None` for the configuration's.
    pub requests_per_10s: Option<u32>,
    /// The version of the limits as the operator knows them.
    pub version: i64,
}

/// The reason why limits were not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetLimitsRefused {
    /// There is no such partner.
    NotFound,
    /// Somebody else has changed them.
    Changed,
}

not_found_in!(SetLimitsRefused);

/// Sets a partner's limits. Every node applies them within a second, because it reads a credential again so often.
pub fn set(tx: &mut Tx<'_>, id: PartnerId, command: &SetLimits) -> Result<(), Failed<SetLimitsRefused>> {
    let limits = store::partners::limits(tx, id)?.ok_or(Failed::Refused(SetLimitsRefused::NotFound))?;
    if limits.version != command.version {
        return Err(Failed::Refused(SetLimitsRefused::Changed));
    }
    Ok(store::partners::set_limits(tx, id, command.version, command.requests_per_10s)?)
}

/// The credential behind a token, whatever its state, and the limit on requests that operators have set for its partner.
pub fn of_token(
    tx: &mut Tx<'_>, tenant: PartnerId, client: ClientId,
) -> Result<Option<(Credential, Option<u32>)>, StoreError> {
    store::credentials::find_limited(tx, tenant, client)
}

/// The limits of a partner in words, for the audit trail.
pub(crate) fn in_words(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<String>, StoreError> {
    let words = |limits: OwnLimits| match limits.requests_per_10s {
        Some(most) => format!("requests_per_10s {most}"),
        None => "requests_per_10s default".to_owned(),
    };
    Ok(store::partners::limits(tx, id)?.map(words))
}
