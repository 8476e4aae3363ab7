//! The master keys of the database, by their fingerprints. Each stored key stands beside the fingerprint of the key that
//! wraps it.
//!
//! One master key is the current one: it wraps new keys. Its row changes with each new key, so no key is wrapped by a
//! master key that has just been replaced.
//!
//! Reasons: docs/decisions/0045.

use domain::time::RealTime;

use crate::args;
use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::seal::{Keyring, MasterKeys};
use crate::table::table;

table! {
    /// A master key as it is stored: its fingerprint, never the key.
    struct MasterKeyRow in "master_keys" by (fingerprint) {
        fingerprint: String,
        version: i64,
        role: MasterKeyRole,
        created_at: RealTime,
    }
}

/// What a master key does in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MasterKeyRole {
    /// A rotation has begun, and no key is wrapped by it. Each server must know it.
    Coming,
    /// It wraps new keys.
    Current,
    /// It wrapped keys before.
    Previous,
}

domain::spelled!(MasterKeyRole { Coming = "coming", Current = "current", Previous = "previous" });

crate::document::named_columns!(MasterKeyRole);

/// A wrapped key.
#[derive(Debug, Clone)]
pub(crate) struct Wrapped {
    /// The fingerprint of the master key.
    pub(crate) master_key: String,
    /// The key, sealed.
    pub(crate) material: Vec<u8>,
}

/// A master key, as the database knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownMasterKey {
    /// It distinguishes the key from others and reveals nothing.
    pub fingerprint: String,
    /// What it does.
    pub role: MasterKeyRole,
    /// The time of its first use, or of the beginning of its rotation.
    pub created_at: RealTime,
}

/// Wraps a new key under the current master key.
pub(crate) fn wrap(tx: &mut Tx<'_>, name: &str, key: &[u8; 32]) -> Result<Wrapped, StoreError> {
    // A rotation changes the same row, so one of the two waits for the other.
    let sql = "update master_keys set version = version + 1 where role = 'current' returning fingerprint";
    let current: Vec<String> = tx.fetch_written(sql, &[])?;
    let master_key = current.into_iter().next().ok_or(StoreError::Conflict)?;
    wrap_under(tx, master_key, name, key)
}

/// Wraps a key under this master key.
pub(crate) fn wrap_under(
    tx: &mut Tx<'_>, master_key: String, name: &str, key: &[u8; 32],
) -> Result<Wrapped, StoreError> {
    let nonce = tx.random_bytes();
    let known = tx.keyring().masters().find(&master_key).ok_or_else(|| unknown(&master_key))?;
    let material = known.wrap(nonce, name, key)?;
    Ok(Wrapped { master_key, material })
}

/// Unwraps a stored key, under the master key that stands beside it.
pub(crate) fn unwrap(keyring: &Keyring, name: &str, wrapped: &Wrapped) -> Result<[u8; 32], StoreError> {
    let Wrapped { master_key, material } = wrapped;
    keyring.masters().find(master_key).ok_or_else(|| unknown(master_key))?.unwrap(name, material)
}

fn unknown(fingerprint: &str) -> StoreError {
    StoreError::Corrupt(format!(
        "a stored key is wrapped by the master key {fingerprint}, which is not configured here"
    ))
}

/// The master keys that the database knows.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<KnownMasterKey>, StoreError> {
    let rows: Vec<MasterKeyRow> = tx.find_all("order by created_at, fingerprint limit 1000", &[])?;
    let known =
        |MasterKeyRow { fingerprint, role, created_at, .. }| KnownMasterKey { fingerprint, role, created_at };
    Ok(rows.into_iter().map(known).collect())
}

/// Checks that this process knows every master key that it needs. In a new database the first configured key becomes the
/// current one. The text of a refusal names the missing key.
pub fn check(tx: &mut Tx<'_>) -> Result<Result<(), String>, StoreError> {
    let stored = all(tx)?;
    if stored.is_empty() {
        let fingerprint = tx.keyring().masters().first().fingerprint();
        insert(tx, fingerprint, MasterKeyRole::Current, RealTime::from_seconds(0))?;
        return Ok(Ok(()));
    }
    let known = tx.keyring().masters().clone();
    for KnownMasterKey { fingerprint, role, .. } in stored {
        if known.find(&fingerprint).is_some() {
            continue;
        }
        let is_needed = match role {
            MasterKeyRole::Coming | MasterKeyRole::Current => true,
            MasterKeyRole::Previous => wraps_any(tx, &fingerprint)?,
        };
        if is_needed {
            return Ok(Err(missing(&fingerprint, &known)));
        }
    }
    Ok(Ok(()))
}

fn missing(fingerprint: &str, known: &MasterKeys) -> String {
    format!(
        "this database needs the master key with the fingerprint {fingerprint}; configured: {}",
        known.fingerprints().join(", ")
    )
}

fn insert(
    tx: &mut Tx<'_>, fingerprint: String, role: MasterKeyRole, now: RealTime,
) -> Result<(), StoreError> {
    let row = MasterKeyRow { fingerprint, version: 1, role, created_at: now };
    // Two nodes may open a new database at once.
    tx.insert_now(&row).map_err(StoreError::duplicate_as_conflict)
}

fn wraps_any(tx: &mut Tx<'_>, fingerprint: &str) -> Result<bool, StoreError> {
    let of_owners = "select number from data_keys where master_key = $1 limit 1";
    let of_database = "select created_at from system_keys where master_key = $1 limit 1";
    Ok(tx.fetch_opt::<i64>(of_owners, args![*fingerprint])?.is_some()
        || tx.fetch_opt::<i64>(of_database, args![*fingerprint])?.is_some())
}

/// Announces a master key. Servers that start from now on must know it. Returns its role; an announced key keeps its own.
pub fn announce(tx: &mut Tx<'_>, fingerprint: &str, now: RealTime) -> Result<MasterKeyRole, StoreError> {
    let sql = "select role from master_keys where fingerprint = $1";
    if let Some(role) = tx.fetch_opt(sql, args![*fingerprint])? {
        return Ok(role);
    }
    insert(tx, fingerprint.to_owned(), MasterKeyRole::Coming, now)?;
    Ok(MasterKeyRole::Coming)
}

/// Takes an announcement back. A key that has wrapped anything stays.
pub fn take_back(tx: &mut Tx<'_>, fingerprint: &str) -> Result<(), StoreError> {
    let sql = "delete from master_keys where fingerprint = $1 and role = 'coming'";
    tx.execute(sql, args![*fingerprint]).map(drop)
}

/// Makes an announced master key the current one, and returns the fingerprint of the one before. `Conflict` if another
/// rotation was faster.
pub fn make_current(tx: &mut Tx<'_>, fingerprint: &str) -> Result<String, StoreError> {
    let sql = "update master_keys set role = 'previous', version = version + 1 where role = 'current' \
               returning fingerprint";
    let before: Vec<String> = tx.fetch_written(sql, &[])?;
    let before = before.into_iter().next().ok_or(StoreError::Conflict)?;
    let sql = "update master_keys set role = 'current', version = version + 1 \
               where fingerprint = $1 and role = 'coming'";
    if tx.execute(sql, args![*fingerprint])? != 1 {
        return Err(StoreError::Conflict);
    }
    Ok(before)
}

/// Number of stored keys that each master key wraps: those of the database, and those of partners and operators.
pub fn counts(tx: &mut Tx<'_>) -> Result<Vec<(String, i64)>, StoreError> {
    let of_database = "select master_key, count(*) from system_keys group by master_key";
    let of_owners = "select master_key, count(*) from data_keys group by master_key";
    let mut counts: Vec<(String, i64)> = tx.fetch_all(of_database, &[])?;
    for (fingerprint, more) in tx.fetch_all::<(String, i64)>(of_owners, &[])? {
        match counts.iter_mut().find(|(of, _)| *of == fingerprint) {
            Some((_, count)) => *count += more,
            None => counts.push((fingerprint, more)),
        }
    }
    Ok(counts)
}
