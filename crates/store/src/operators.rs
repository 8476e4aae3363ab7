//! Operators: the people and programs that decide for the lender.

use domain::id::OperatorId;
use domain::page::Page;
use domain::time::RealTime;

use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::seal::{DataKey, sha256_hex};
use crate::table::{row, table};
use crate::{StoreError, Tx, args};

table! {
    /// An operator as it is stored. The token is kept as a hash only.
    struct OperatorRow in "operators" by (id) {
        id: OperatorId,
        name: String,
        token_hash: String,
        data_key: Vec<u8>,
        created_at: RealTime,
        revoked_at: Option<RealTime>,
    }
}

row! {
    /// An operator without its secrets.
    struct OperatorAnswer of OperatorRow {
        id: OperatorId,
        name: String,
        created_at: RealTime,
        revoked_at: Option<RealTime>,
    }
}

impl From<OperatorAnswer> for Operator {
    fn from(row: OperatorAnswer) -> Self {
        let OperatorAnswer { id, name, created_at, revoked_at } = row;
        Self { id, name, created_at, revoked_at }
    }
}

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// The operator's id.
    pub id: OperatorId,
    /// The operator's name, for people.
    pub name: String,
    /// The time of its creation.
    pub created_at: RealTime,
    /// The time at which its token stopped working.
    pub revoked_at: Option<RealTime>,
}

/// Adds an operator with its token.
pub fn insert(tx: &mut Tx<'_>, name: &str, token: &str, now: RealTime) -> Result<Operator, StoreError> {
    let id: OperatorId = tx.new_id(now);
    let (nonce, key) = (tx.random_bytes(), tx.random_bytes());
    tx.insert_now(&OperatorRow {
        id,
        name: name.to_owned(),
        token_hash: sha256_hex(token.as_bytes()),
        data_key: tx.keyring().master().wrap(nonce, &id.to_string(), &key),
        created_at: now,
        revoked_at: None,
    })?;
    Ok(Operator { id, name: name.to_owned(), created_at: now, revoked_at: None })
}

/// The operator with this token, revoked or not.
pub fn find_by_token(tx: &mut Tx<'_>, token: &str) -> Result<Option<Operator>, StoreError> {
    let row = tx.find::<OperatorAnswer>("where token_hash = $1", args![sha256_hex(token.as_bytes())])?;
    Ok(row.map(Operator::from))
}

/// A page of the operators.
pub fn list(
    tx: &mut Tx<'_>, cursor: &Cursor<OperatorId>,
) -> Result<Result<Page<Operator>, UnknownCursor>, StoreError> {
    Listing::by(OperatorRow::created_at, OperatorRow::id)
        .page(tx, cursor, |row: OperatorAnswer, _tx| Ok(row.into()))
}

/// Ends an operator's token; `false` if there is no such operator, or its token has already ended.
pub fn revoke(tx: &mut Tx<'_>, id: OperatorId, now: RealTime) -> Result<bool, StoreError> {
    let sql = "update operators set revoked_at = $2 where id = $1 and revoked_at is null";
    Ok(tx.execute(sql, args![id, now])? == 1)
}

/// The key under which the operator's stored answers are sealed.
pub(crate) fn data_key(tx: &mut Tx<'_>, id: OperatorId) -> Result<DataKey, StoreError> {
    let sql = "select data_key from operators where id = $1";
    let wrapped: Vec<u8> = tx.fetch_one(sql, args![id])?;
    Ok(DataKey::new(tx.keyring().master().unwrap(&id.to_string(), &wrapped)?))
}
