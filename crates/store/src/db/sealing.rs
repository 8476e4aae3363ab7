//! Personal data of a partner, sealed under the partner's key.

use domain::id::PartnerId;

use super::error::StoreError;
use super::tx::Tx;
use crate::data_keys;

impl Tx<'_> {
    /// Seals a partner's personal data. `context` names the row, so a sealed value cannot be moved to another row.
    pub fn seal(&mut self, partner: PartnerId, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let keys = data_keys::to_seal(self, partner)?;
        Ok(keys.seal(self.random_bytes(), context, plain))
    }

    /// Opens a value that [`Tx::seal`] sealed under the same partner and context.
    pub fn unseal(
        &mut self, partner: PartnerId, context: &str, sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        data_keys::to_open(self, partner, sealed)?.open(context, sealed)
    }
}
