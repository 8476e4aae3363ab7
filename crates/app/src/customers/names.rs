//! The names of customers for lists of other things.

use std::collections::HashMap;

use domain::customer::CustomerFile;
use domain::id::{CustomerId, PartnerId};
use store::{StoreError, Tx};

/// The names under which customers do business. Those without a name, and those whose rows are damaged, are missing.
pub(crate) fn names(
    tx: &mut Tx<'_>, partner: Option<PartnerId>, ids: &[CustomerId],
) -> Result<HashMap<CustomerId, String>, StoreError> {
    let named = |file: &CustomerFile| {
        let name = file.customer.registration.known_as()?;
        Some((file.customer.id, name.to_string()))
    };
    Ok(store::customers::find_all(tx, partner, ids)?.iter().filter_map(named).collect())
}
