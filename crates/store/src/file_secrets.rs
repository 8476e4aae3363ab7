//! The secret of each file: half of its key. Without it nobody opens the file, wherever a copy of the file is.
//!
//! Reasons: docs/decisions/0049.

use domain::id::PartnerId;

use crate::table::table;
use crate::{StoreError, Tx, args};

/// Bytes of a secret.
pub(crate) const SECRET: usize = 32;

table! {
    /// A secret as it is stored.
    struct SecretRow in "file_secrets" by (partner_id, file) {
        partner_id: PartnerId,
        file: String,
        secret: Vec<u8>,
    }
}

/// Gives a file its secret. `file` is its name without the number of its key.
pub(crate) fn make(tx: &mut Tx<'_>, partner: PartnerId, file: &str) -> Result<[u8; SECRET], StoreError> {
    let secret = tx.random_bytes();
    tx.insert(&SecretRow { partner_id: partner, file: file.to_owned(), secret: secret.to_vec() })?;
    Ok(secret)
}

/// The secret of a file; `None` once it is destroyed.
pub(crate) fn find(
    tx: &mut Tx<'_>, partner: PartnerId, file: &str,
) -> Result<Option<[u8; SECRET]>, StoreError> {
    let sql = "select secret from file_secrets where partner_id = $1 and file = $2";
    let found: Option<Vec<u8>> = tx.fetch_opt(sql, args![partner, *file])?;
    let wrong = |_| StoreError::Corrupt(format!("the secret of the file {file} has the wrong length"));
    found.map(|secret| secret.try_into().map_err(wrong)).transpose()
}

/// Destroys the secret of a file.
pub(crate) fn destroy(tx: &mut Tx<'_>, partner: PartnerId, file: &str) -> Result<(), StoreError> {
    let sql = "delete from file_secrets where partner_id = $1 and file = $2";
    tx.execute_later(sql, args![partner, *file])
}
