//! Operators: the people and programs that decide for the lender.

use domain::id::OperatorId;
use domain::page::Page;
use domain::time::RealTime;

use crate::db::Row;
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::seal::{DataKey, sha256_hex};
use crate::{StoreError, Tx, args};

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// Its id.
    pub id: OperatorId,
    /// What it is called.
    pub name: String,
    /// When it was made.
    pub created_at: RealTime,
    /// When its token stopped working.
    pub revoked_at: Option<RealTime>,
}

const COLUMNS: &str = "id, name, created_at, revoked_at";

/// Makes an operator with the token it shows.
pub fn insert(tx: &mut Tx<'_>, name: &str, token: &str, now: RealTime) -> Result<Operator, StoreError> {
    let id: OperatorId = tx.new_id(now);
    let (nonce, key) = (tx.random_bytes(), tx.random_bytes());
    let wrapped = tx.keyring().master().wrap(nonce, &id.to_string(), &key);
    let sql =
        "insert into operators (id, name, token_hash, data_key, created_at) values ($1, $2, $3, $4, $5)";
    tx.execute(sql, args![id, name, sha256_hex(token.as_bytes()), wrapped, now])?;
    Ok(Operator { id, name: name.to_owned(), created_at: now, revoked_at: None })
}

/// The operator who shows this token, revoked or not.
pub fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    let sql = format!("select {COLUMNS} from operators where token_hash = $1");
    tx.query_opt(&sql, args![sha256_hex(token.as_bytes())], operator)
}

/// A page of the operators.
pub fn list(
    tx: &mut Tx<'_>,
    cursor: &Cursor<OperatorId>,
) -> Result<Result<Page<Operator>, UnknownCursor>, StoreError> {
    Listing::across("operators", COLUMNS).rows(tx, cursor, operator)
}

/// Ends an operator's token; `false` where there is no such operator, or it has ended before.
pub fn revoke(tx: &mut Tx<'_>, id: OperatorId, now: RealTime) -> Result<bool, StoreError> {
    let sql = "update operators set revoked_at = $2 where id = $1 and revoked_at is null";
    Ok(tx.execute(sql, args![id, now])? == 1)
}

/// The key under which the operator's stored answers are sealed.
pub(crate) fn data_key(tx: &mut Tx<'_>, id: OperatorId) -> Result<DataKey, StoreError> {
    let sql = "select data_key from operators where id = $1";
    let wrapped: Vec<u8> = tx.query_one(sql, args![id], |row| row.get(0))?;
    Ok(DataKey::new(tx.keyring().master().unwrap(&id.to_string(), &wrapped)?))
}

fn operator(row: &Row<'_>) -> Result<Operator, StoreError> {
    Ok(Operator { id: row.get(0)?, name: row.get(1)?, created_at: row.get(2)?, revoked_at: row.get(3)? })
}
