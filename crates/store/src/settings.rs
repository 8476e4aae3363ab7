//! What the database remembers of itself.

use crate::{StoreError, Tx, args};

/// The setting's value; the first caller decides it.
pub fn get_or_set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<String, StoreError> {
    let sql = "insert into settings (name, value) values ($1, $2) on conflict (name) do nothing";
    tx.execute(sql, args![name, value])?;
    tx.query_one("select value from settings where name = $1", args![name], |row| row.get(0))
}
