//! Credentials. A secret is kept as its SHA-256 only, which suffices for 32 random bytes.

use domain::closed::Changed;
use domain::credential::{
    ClientId, Credential, CredentialRecord, CredentialState, CredentialTerms, Maker, Scope,
};
use domain::id::PartnerId;
use domain::page::Page;
use domain::time::RealTime;

use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::{Projection as _, table};
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A credential as it is stored.
    struct CredentialRow in "credentials" by (partner_id, client_id) {
        partner_id: PartnerId,
        client_id: ClientId,
        version: i64,
        name: String,
        scope: Scope,
        state: CredentialState,
        secret_hash: String,
        expires_at: Option<RealTime>,
        last_used_at: Option<RealTime>,
        created_at: RealTime,
        updated_at: RealTime,
        created_by: Option<Maker>,
    }
}

impl CredentialRow {
    fn of(credential: &Credential, version: i64, secret_hash: &str) -> Self {
        Self {
            partner_id: credential.partner,
            client_id: credential.client_id,
            version,
            name: credential.terms.name.clone(),
            scope: credential.terms.scope,
            state: credential.state,
            secret_hash: secret_hash.to_owned(),
            expires_at: credential.terms.expires_at,
            last_used_at: credential.last_used_at,
            created_at: credential.created_at,
            updated_at: credential.updated_at,
            created_by: credential.terms.created_by,
        }
    }

    fn read(self) -> Stored<Credential> {
        let record = CredentialRecord {
            partner: self.partner_id,
            client_id: self.client_id,
            terms: CredentialTerms {
                name: self.name,
                scope: self.scope,
                expires_at: self.expires_at,
                created_by: self.created_by,
            },
            state: self.state,
            last_used_at: self.last_used_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        };
        Stored::new(self.version, Credential::restored(record))
    }
}

/// Adds a credential with the hash of its secret.
pub fn insert(
    tx: &mut Tx<'_>, credential: Changed<Credential>, secret_hash: &str,
) -> Result<Credential, StoreError> {
    let credential = credential.into_value();
    tx.insert_now(&CredentialRow::of(&credential, Stored::<Credential>::FIRST, secret_hash))?;
    Ok(credential)
}

/// Saves a credential, if nobody else has changed its row since it was read.
pub fn save(
    tx: &mut Tx<'_>, credential: Stored<Changed<Credential>>,
) -> Result<Stored<Credential>, StoreError> {
    credential.save(|credential, before| {
        let changes = [
            CredentialRow::state.to(&credential.state),
            CredentialRow::expires_at.to(&credential.terms.expires_at),
            CredentialRow::updated_at.to(&credential.updated_at),
        ];
        tx.update(args![credential.partner, credential.client_id], before, &changes)
    })
}

/// Notes that a credential obtained a token. The version stays, because no decision depends on this time.
pub fn mark_used(
    tx: &mut Tx<'_>, partner: PartnerId, client: ClientId, now: RealTime,
) -> Result<(), StoreError> {
    let sql = "update credentials set last_used_at = $3 where partner_id = $1 and client_id = $2";
    tx.execute(sql, args![partner, client, now]).map(drop)
}

/// The partner's credential with this client id.
pub fn find(
    tx: &mut Tx<'_>, partner: PartnerId, client: ClientId,
) -> Result<Option<Stored<Credential>>, StoreError> {
    let row = tx.find("where partner_id = $1 and client_id = $2", args![partner, client])?;
    Ok(row.map(CredentialRow::read))
}

/// The partner's credential with this client id, and the limit on requests in ten seconds that operators have set for the
/// partner. It is one statement, because requests wait for it.
pub fn find_limited(
    tx: &mut Tx<'_>, partner: PartnerId, client: ClientId,
) -> Result<Option<(Credential, Option<u32>)>, StoreError> {
    let sql = format!(
        "select {}, (select p.requests_per_10s from partners p where p.id = $1) from credentials \
         where partner_id = $1 and client_id = $2",
        CredentialRow::list()
    );
    let row: Option<(CredentialRow, Option<u32>)> = tx.fetch_opt(&sql, args![partner, client])?;
    Ok(row.map(|(row, limit)| (row.read().into_value(), limit)))
}

/// The credential with this client id, of any partner, and the hash of its secret.
pub fn find_by_client(
    tx: &mut Tx<'_>, client: ClientId,
) -> Result<Option<(Stored<Credential>, String)>, StoreError> {
    let row = tx.find::<CredentialRow>("where client_id = $1", args![client])?;
    Ok(row.map(|row| {
        let secret_hash = row.secret_hash.clone();
        (row.read(), secret_hash)
    }))
}

/// The credentials that another credential of the partner has created, oldest first.
pub fn made_by(
    tx: &mut Tx<'_>, partner: PartnerId, maker: ClientId,
) -> Result<Vec<Stored<Credential>>, StoreError> {
    let made = "where partner_id = $1 and created_by = $2 order by created_at, client_id";
    let rows = tx.find_all(made, args![partner, maker])?;
    Ok(rows.into_iter().map(CredentialRow::read).collect())
}

/// A page of the partner's credentials.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, cursor: &Cursor<ClientId>,
) -> Result<Result<Page<Credential>, UnknownCursor>, StoreError> {
    Listing::by(CredentialRow::created_at, CredentialRow::client_id)
        .within(CredentialRow::partner_id, Some(&partner))
        .page(tx, cursor, |row: CredentialRow, _tx| Ok(row.read().into_value()))
}

/// Number of the partner's credentials that can obtain tokens at `now`.
pub fn count_active(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<i64, StoreError> {
    let sql = "select count(*) from credentials where partner_id = $1 and state = 'active' \
               and (expires_at is null or expires_at > $2)";
    tx.fetch_one(sql, args![partner, now])
}
