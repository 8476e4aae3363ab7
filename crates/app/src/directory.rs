//! Finds whose a resource is, for operators, who name resources by their ids alone.

use domain::id::PartnerId;
use domain::time::Timestamp;
use store::Tx;
use store::directory::Owned;

use super::credentials::RevokeRefused;
use super::loans::StepRefused;
use super::offers::WithdrawRefused;
use super::payments::{QuoteRefused, RecordRefused, ReverseRefused};
use super::{Failed, ListRefused, NotFound, clock};

/// The partner of a resource, and the partner's time at the real moment `real`.
pub fn place<I: Owned, R: From<NotFound>>(
    tx: &mut Tx<'_>,
    real: Timestamp,
    id: &I,
) -> Result<(PartnerId, Timestamp), Failed<R>> {
    let partner = store::directory::owner(tx, id)?.ok_or_else(|| Failed::Refused(NotFound.into()))?;
    Ok((partner, clock::at(tx, partner, real)?))
}

/// What is not found is not found, whatever was to be done with it.
macro_rules! not_found_in {
    ($($refused:ty),* $(,)?) => {$(
        impl From<NotFound> for $refused {
            fn from(_: NotFound) -> Self {
                Self::NotFound
            }
        }
    )*};
}

not_found_in!(
    ListRefused,
    QuoteRefused,
    RecordRefused,
    ReverseRefused,
    RevokeRefused,
    StepRefused,
    WithdrawRefused,
);
