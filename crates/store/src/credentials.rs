//! Credentials; of a secret only its SHA-256 is kept, which suffices for 32 random bytes.

use domain::closed::Changed;
use domain::credential::{ClientId, Credential, CredentialRecord};
use domain::id::PartnerId;
use domain::page::Page;
use domain::time::RealTime;

use crate::db::Row;
use crate::document::{self, corrupt};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::{StoreError, Stored, Tx, args};

const COLUMNS: &str = "partner_id, client_id, version, name, scope, state, expires_at, last_used_at, created_at, \
                       updated_at, created_by";

/// Adds a credential with the hash of its secret.
pub fn insert(
    tx: &mut Tx<'_>,
    credential: Changed<Credential>,
    secret_hash: &str,
) -> Result<Credential, StoreError> {
    let credential = credential.into_value();
    let sql = "insert into credentials (partner_id, client_id, version, name, scope, state, secret_hash, \
               expires_at, last_used_at, created_at, updated_at, created_by) \
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    tx.execute(
        sql,
        args![
            credential.partner,
            credential.client_id,
            Stored::<Credential>::FIRST,
            credential.name,
            credential.scope.name(),
            credential.state.name(),
            secret_hash,
            credential.expires_at,
            credential.last_used_at,
            credential.created_at,
            credential.updated_at,
            credential.created_by.map(|maker| maker.to_string()),
        ],
    )?;
    Ok(credential)
}

/// Writes a changed credential, if nobody else has changed it since it was read.
pub fn save(
    tx: &mut Tx<'_>,
    credential: Stored<Changed<Credential>>,
) -> Result<Stored<Credential>, StoreError> {
    let (version, changed) = credential.into_parts();
    let credential = changed.into_value();
    let sql = "update credentials set version = version + 1, state = $4, updated_at = $5 \
               where partner_id = $1 and client_id = $2 and version = $3";
    let (state, updated_at) = (credential.state.name(), credential.updated_at);
    tx.execute_one(sql, args![credential.partner, credential.client_id, version, state, updated_at])?;
    Ok(Stored::new(version + 1, credential))
}

/// Notes that a credential obtained a token; no version, as it decides nothing.
pub fn mark_used(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    client: ClientId,
    now: RealTime,
) -> Result<(), StoreError> {
    let sql = "update credentials set last_used_at = $3 where partner_id = $1 and client_id = $2";
    tx.execute(sql, args![partner, client, now]).map(drop)
}

/// The partner's credential with this client id.
pub fn find(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    client: ClientId,
) -> Result<Option<Stored<Credential>>, StoreError> {
    let sql = format!("select {COLUMNS} from credentials where partner_id = $1 and client_id = $2");
    tx.query_opt(&sql, args![partner, client], credential)
}

/// The credential with this client id, whoever's it is, and the hash of its secret.
pub fn find_by_client(
    tx: &mut Tx<'_>,
    client: ClientId,
) -> Result<Option<(Stored<Credential>, String)>, StoreError> {
    let sql = format!("select {COLUMNS}, secret_hash from credentials where client_id = $1");
    tx.query_opt(&sql, args![client], |row| Ok((credential(row)?, row.get(11)?)))
}

/// The credentials that one of the partner's has made, oldest first.
pub fn made_by(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    maker: ClientId,
) -> Result<Vec<Stored<Credential>>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from credentials where partner_id = $1 and created_by = $2 order by created_at, client_id"
    );
    tx.query(&sql, args![partner, maker], credential)
}

/// A page of the partner's credentials.
pub fn list(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    cursor: &Cursor<ClientId>,
) -> Result<Result<Page<Credential>, UnknownCursor>, StoreError> {
    Listing::of("credentials", COLUMNS, &partner)
        .id_column("client_id")
        .rows(tx, cursor, |row| Ok(credential(row)?.into_value()))
}

/// How many of the partner's credentials obtain tokens at `now`.
pub fn count_active(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<i64, StoreError> {
    let sql = "select count(*) from credentials where partner_id = $1 and state = 'active' \
               and (expires_at is null or expires_at > $2)";
    tx.query_one(sql, args![partner, now], |row| row.get(0))
}

fn credential(row: &Row<'_>) -> Result<Stored<Credential>, StoreError> {
    let (scope, state): (String, String) = (row.get(4)?, row.get(5)?);
    let created_by: Option<String> = row.get(10)?;
    let created_by = created_by.map(|maker| maker.parse()).transpose();
    let record = CredentialRecord {
        partner: row.get(0)?,
        client_id: row.get(1)?,
        name: row.get(3)?,
        scope: document::parsed(&scope)?,
        state: document::parsed(&state)?,
        expires_at: row.get(6)?,
        last_used_at: row.get(7)?,
        created_at: row.get(8)?,
        updated_at: row.get(9)?,
        created_by: created_by.map_err(|_| corrupt("unknown maker of a credential"))?,
    };
    Ok(Stored::new(row.get(2)?, Credential::restored(record)))
}
