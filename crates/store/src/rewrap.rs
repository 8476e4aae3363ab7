//! Wraps stored keys again, under another master key, some at a time. A key that another process has wrapped again
//! meanwhile loses its compare-and-set, and the step runs again.
//!
//! Reasons: docs/decisions/0045.

use zeroize::Zeroizing;

use crate::master_keys::{self, Wrapped};
use crate::{StoreError, Tx, args, data_keys};

/// Keys that are wrapped again in one transaction.
const BATCH: usize = 100;

/// Wraps some keys of one master key again, under another one. Returns their number; 0 if none is left.
pub fn rewrap(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<usize, StoreError> {
    let done = rewrap_system_keys(tx, from, to)?;
    if done > 0 { Ok(done) } else { rewrap_data_keys(tx, from, to) }
}

fn rewrap_system_keys(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<usize, StoreError> {
    let sql = format!("select id, material from system_keys where master_key = $1 order by id limit {BATCH}");
    let rows: Vec<(String, Vec<u8>)> = tx.fetch_all(&sql, args![*from])?;
    for (id, material) in &rows {
        let material = again(tx, (from, to), id, material)?;
        let sql = "update system_keys set master_key = $3, material = $4 where id = $1 and master_key = $2";
        tx.execute_one(sql, args![id, *from, *to, material])?;
    }
    Ok(rows.len())
}

fn rewrap_data_keys(tx: &mut Tx<'_>, from: &str, to: &str) -> Result<usize, StoreError> {
    let sql = format!(
        "select partner_id, number, material from data_keys where master_key = $1 \
         order by partner_id, number limit {BATCH}"
    );
    let rows: Vec<(String, u16, Vec<u8>)> = tx.fetch_all(&sql, args![*from])?;
    for (owner, number, material) in &rows {
        let material = again(tx, (from, to), &data_keys::name_of(owner, *number), material)?;
        let sql = "update data_keys set master_key = $4, material = $5 \
                   where partner_id = $1 and number = $2 and master_key = $3";
        tx.execute_one(sql, args![owner, *number, *from, *to, material])?;
    }
    Ok(rows.len())
}

fn again(
    tx: &mut Tx<'_>, (from, to): (&str, &str), name: &str, material: &[u8],
) -> Result<Vec<u8>, StoreError> {
    let wrapped = Wrapped { master_key: from.to_owned(), material: material.to_owned() };
    let key = Zeroizing::new(master_keys::unwrap(tx.keyring(), name, &wrapped)?);
    Ok(master_keys::wrap_under(tx, to.to_owned(), name, &key)?.material)
}
