//! Partners and their data keys.

use domain::id::PartnerId;
use domain::page::Page;
use domain::time::RealTime;

use crate::args;
use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::listing::{Cursor, Listing, UnknownCursor};

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// Its id.
    pub id: PartnerId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created_at: RealTime,
}

/// Makes a partner with a data key of its own.
pub fn insert(tx: &mut Tx<'_>, name: &str, now: RealTime) -> Result<Partner, StoreError> {
    let id: PartnerId = tx.new_id(now);
    let (nonce, key) = (tx.random_bytes(), tx.random_bytes());
    let wrapped = tx.keyring().master().wrap(nonce, &id.to_string(), &key);
    let sql = "insert into partners (id, name, data_key, version, created_at) values ($1, $2, $3, 1, $4)";
    tx.execute(sql, args![id, name, wrapped, now])?;
    crate::outbox::open_feed(tx, id)?;
    Ok(Partner { id, name: name.to_owned(), created_at: now })
}

/// The partner with this id.
pub fn find(tx: &mut Tx<'_>, id: PartnerId) -> Result<Option<Partner>, StoreError> {
    let sql = "select name, created_at from partners where id = $1";
    tx.query_opt(sql, args![id], |row| Ok(Partner { id, name: row.get(0)?, created_at: row.get(1)? }))
}

/// A page of the partners.
pub fn list(
    tx: &mut Tx<'_>,
    cursor: &Cursor<PartnerId>,
) -> Result<Result<Page<Partner>, UnknownCursor>, StoreError> {
    Listing::across("partners", "id, name, created_at")
        .rows(tx, cursor, |row| Ok(Partner { id: row.get(0)?, name: row.get(1)?, created_at: row.get(2)? }))
}

/// Whether there is any partner at all.
pub fn any(tx: &mut Tx<'_>) -> Result<bool, StoreError> {
    Ok(tx.query_opt("select id from partners limit 1", &[], |row| row.get::<PartnerId>(0))?.is_some())
}

/// Makes transactions that count a partner's resources take turns: whoever commits second starts again.
pub fn touch(tx: &mut Tx<'_>, id: PartnerId) -> Result<(), StoreError> {
    tx.execute_one("update partners set version = version + 1 where id = $1", args![id])
}
