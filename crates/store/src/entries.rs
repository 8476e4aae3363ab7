//! Links that sign a person in once. A link's secret is kept as a hash only.

use domain::access::{Entry, EntryPurpose, EntryRecord};
use domain::closed::Changed;
use domain::id::OperatorId;
use domain::time::RealTime;

use crate::seal::sha256_hex;
use crate::table::table;
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A link as it is stored.
    struct EntryRow in "entries" by (secret_hash) {
        secret_hash: String,
        operator_id: OperatorId,
        version: i64,
        purpose: EntryPurpose,
        created_at: RealTime,
        expires_at: RealTime,
        used_at: Option<RealTime>,
    }
}

impl EntryRow {
    fn read(self) -> Stored<Entry> {
        let record = EntryRecord {
            operator: self.operator_id,
            purpose: self.purpose,
            created_at: self.created_at,
            expires_at: self.expires_at,
            used_at: self.used_at,
        };
        Stored::new(self.version, Entry::restored(record))
    }
}

/// Adds a link. The person's earlier links with this purpose no longer work.
pub fn insert(tx: &mut Tx<'_>, entry: Changed<Entry>, secret: &str) -> Result<Entry, StoreError> {
    let entry = entry.into_value();
    let EntryRecord { operator, purpose, created_at, expires_at, used_at } = entry.record().clone();
    let earlier = "delete from entries where operator_id = $1 and purpose = $2 and used_at is null";
    tx.execute(earlier, args![operator, purpose])?;
    tx.insert_now(&EntryRow {
        secret_hash: sha256_hex(secret.as_bytes()),
        operator_id: operator,
        version: Stored::<Entry>::FIRST,
        purpose,
        created_at,
        expires_at,
        used_at,
    })?;
    Ok(entry)
}

/// The link with this secret.
pub fn find(tx: &mut Tx<'_>, secret: &str) -> Result<Option<Stored<Entry>>, StoreError> {
    let hash = sha256_hex(secret.as_bytes());
    Ok(tx.find::<EntryRow>("where secret_hash = $1", args![hash])?.map(EntryRow::read))
}

/// The newest link of a person with this purpose, used or not.
pub fn newest(
    tx: &mut Tx<'_>, operator: OperatorId, purpose: EntryPurpose,
) -> Result<Option<Entry>, StoreError> {
    let newest = "where operator_id = $1 and purpose = $2 order by created_at desc limit 1";
    let row = tx.find::<EntryRow>(newest, args![operator, purpose])?;
    Ok(row.map(|row| row.read().into_value()))
}

/// Saves the use of a link, if nobody else has used it since it was read.
pub fn save(tx: &mut Tx<'_>, secret: &str, entry: Stored<Changed<Entry>>) -> Result<(), StoreError> {
    let hash = sha256_hex(secret.as_bytes());
    let write =
        |entry: &Entry, before| tx.update(args![hash], before, &[EntryRow::used_at.to(&entry.used_at)]);
    entry.save(write).map(drop)
}

/// Drops up to `rows` links that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "delete from entries where secret_hash in \
               (select secret_hash from entries where expires_at < $1 order by expires_at limit $2)";
    tx.execute(sql, args![cutoff, rows])
}
