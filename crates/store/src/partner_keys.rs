//! The key of a partner's personal data, wrapped by the master key.

use domain::id::PartnerId;

use crate::args;
use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::seal::DataKey;

/// The partner's data key, from memory if it was read before.
pub(crate) fn data_key(tx: &mut Tx<'_>, id: PartnerId) -> Result<DataKey, StoreError> {
    if let Some(key) = tx.keyring().data_key(id) {
        return Ok(key);
    }
    let sql = "select data_key from partners where id = $1";
    let wrapped: Vec<u8> = tx.fetch_one(sql, args![id])?;
    let key = DataKey::new(tx.keyring().master().unwrap(&id.to_string(), &wrapped)?);
    tx.keyring().remember(id, key.clone());
    Ok(key)
}
