//! The database's own keys, wrapped by the master key: the look-up key, the audit trail's key and those that sign
//! tokens.

use domain::id::{ResourceId, SigningKeyId};
use domain::time::RealTime;

use crate::args;
use crate::db::error::StoreError;
use crate::db::link::Link;
use crate::db::tx::Tx;
use crate::master_keys::{self, Wrapped};
use crate::table::table;

table! {
    /// A key as it is stored.
    struct SystemKeyRow in "system_keys" by (id) {
        id: String,
        purpose: String,
        master_key: String,
        material: Vec<u8>,
        created_at: RealTime,
    }
}

pub(crate) const LOOKUP: &str = "lookup";
pub(crate) const AUDIT: &str = "audit";
const SIGNING: &str = "token_signing";

/// A key that signs access tokens.
#[derive(Clone)]
pub struct SigningKey {
    /// The `kid` of its tokens.
    pub id: SigningKeyId,
    /// The key.
    pub bytes: [u8; 32],
    /// The time from which it signs. The newest key signs.
    pub created_at: RealTime,
}

/// Loads the keys of a database that may already have some, for a migration. A new database has none and needs none.
pub(crate) fn load_on(link: &mut Link<'_>) -> Result<(), StoreError> {
    if let Some(key) = stored(&mut link.tx(), LOOKUP)? {
        link.keyring().set_lookup_key(key);
    }
    if let Some(key) = stored(&mut link.tx(), AUDIT)? {
        link.keyring().set_audit_key(key);
    }
    Ok(())
}

fn stored(tx: &mut Tx<'_>, id: &str) -> Result<Option<[u8; 32]>, StoreError> {
    let sql = "select master_key, material from system_keys where id = $1";
    let wrapped: Option<(String, Vec<u8>)> = tx.fetch_opt(sql, args![*id])?;
    let opened =
        |(master_key, material)| master_keys::unwrap(tx.keyring(), id, &Wrapped { master_key, material });
    wrapped.map(opened).transpose()
}

/// A key that exists once in a database. The first node makes it.
pub(crate) fn load_or_create(tx: &mut Tx<'_>, id: &str) -> Result<[u8; 32], StoreError> {
    if let Some(key) = stored(tx, id)? {
        return Ok(key);
    }
    let key = tx.random_bytes();
    // Two nodes may open a new database at once.
    insert(tx, id, id, &key, RealTime::from_seconds(0)).map_err(StoreError::duplicate_as_conflict)?;
    Ok(key)
}

fn insert(tx: &mut Tx<'_>, id: &str, purpose: &str, key: &[u8; 32], now: RealTime) -> Result<(), StoreError> {
    let Wrapped { master_key, material } = master_keys::wrap(tx, id, key)?;
    tx.insert_now(&SystemKeyRow {
        id: id.to_owned(),
        purpose: purpose.to_owned(),
        master_key,
        material,
        created_at: now,
    })
}

/// Adds a key that signs from now on.
pub fn add_signing_key(tx: &mut Tx<'_>, now: RealTime) -> Result<SigningKey, StoreError> {
    let id = SigningKeyId::new(now, tx.random_bytes());
    let bytes = tx.random_bytes();
    insert(tx, &id.to_string(), SIGNING, &bytes, now)?;
    Ok(SigningKey { id, bytes, created_at: now })
}

/// The keys that sign or still verify, newest first.
pub fn signing_keys(tx: &mut Tx<'_>) -> Result<Vec<SigningKey>, StoreError> {
    let sql = "select id, master_key, material, created_at from system_keys where purpose = $1 \
               order by created_at desc, id desc limit 10";
    let rows = tx.fetch_all(sql, args![SIGNING])?;
    let key = |(id, master_key, material, created_at): (SigningKeyId, String, Vec<u8>, RealTime)| {
        let wrapped = Wrapped { master_key, material };
        let bytes = master_keys::unwrap(tx.keyring(), &id.to_string(), &wrapped)?;
        Ok(SigningKey { id, bytes, created_at })
    };
    rows.into_iter().map(key).collect()
}
