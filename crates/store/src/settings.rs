//! Settings of the database itself.

use domain::time::RealTime;

use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A setting as it is stored.
    struct SettingRow in "settings" by (name) {
        name: String,
        value: String,
    }
}

/// The setting's value; the first caller decides it.
pub fn get_or_set(tx: &mut Tx<'_>, name: &str, value: &str) -> Result<String, StoreError> {
    let sql = "insert into settings (name, value) values ($1, $2) on conflict (name) do nothing";
    tx.execute(sql, args![name, value])?;
    tx.fetch_one("select value from settings where name = $1", args![name])
}

/// The setting's value, if it has one.
pub fn get(tx: &mut Tx<'_>, name: &str) -> Result<Option<String>, StoreError> {
    tx.fetch_opt("select value from settings where name = $1", args![name])
}

/// Writes one small row, the same row each time, to prove that the database accepts writes.
pub fn prove_write(tx: &mut Tx<'_>, at: RealTime) -> Result<(), StoreError> {
    let sql = "insert into settings (name, value) values ('ready', $1) \
               on conflict (name) do update set value = excluded.value";
    tx.execute(sql, args![at.micros().to_string()]).map(drop)
}
