//! The database and the files for callers of use cases: open, lock, probe and close them.
//!
//! Servers depend on this crate alone, so they cannot name a query of `store`.
//! Reasons: docs/decisions/0019.

use domain::credential::Environment;
use domain::time::RealTime;

pub use store::blob::{Blobs, PutError, sha256_of};
pub use store::db::{Claim, DatabaseUrl, Deadlines};
pub use store::file_store::{AccessKey, Bucket, FileStore};
pub use store::kms::{KmsError, TokenPlace};
pub use store::migrations::{Schema, TREE, Tree};
pub use store::random::Random;
pub use store::seal::{MasterKey, MasterKeys, hex, sha256_hex};
pub use store::shares::{ShareError, combined};

use store::OpenError;
use store::migrations::{self, Unserved};

use crate::{Store, StoreError, Tx};

/// The setting with the id of the file store.
const FILE_STORE: &str = "file_store";

/// The name of the environment that a database serves. The first caller's environment is stored.
pub fn environment(tx: &mut Tx<'_>, environment: Environment) -> Result<String, StoreError> {
    store::settings::get_or_set(tx, "environment", environment.name())
}

/// The id of the store that has the database's files; `None` if it has none yet.
pub fn known_file_store(tx: &mut Tx<'_>) -> Result<Option<String>, StoreError> {
    store::settings::get(tx, FILE_STORE)
}

/// Gives the database the store with this id, unless it has one. Returns the id of the database's store.
pub fn take_file_store(tx: &mut Tx<'_>, id: &str) -> Result<String, StoreError> {
    store::settings::get_or_set(tx, FILE_STORE, id)
}

/// Whether a server can open the database with this key. Changes nothing, and takes as long as the database does. An empty
/// database, and a file of SQLite that this program would bring up to date, are no errors: a server does that at its start.
pub fn look(url: &DatabaseUrl, keys: MasterKeys, tree: Tree) -> Result<(), OpenError> {
    let is_made_by_the_server = |unserved: &Unserved| match unserved {
        Unserved::Empty => true,
        Unserved::Behind { .. } | Unserved::Unfinished { .. } => matches!(url, DatabaseUrl::Sqlite(_)),
        Unserved::Ahead { .. } | Unserved::Foreign => false,
    };
    if migrations::status(url, keys.clone(), tree)?.version == 0 {
        return Ok(());
    }
    match Store::open_as_it_is(url, keys, tree) {
        Err(OpenError::Unserved(unserved)) if is_made_by_the_server(&unserved) => Ok(()),
        opened => opened.map(drop),
    }
}

/// Writes to the database as a probe and returns its schema.
pub fn prove_write(tx: &mut Tx<'_>, real: RealTime) -> Result<Schema, StoreError> {
    store::settings::prove_write(tx, real)?;
    store::migrations::schema(tx)
}

/// Notes that a server lives, and the master keys that it knows.
pub fn note_node(tx: &mut Tx<'_>, id: &str, started_at: RealTime, now: RealTime) -> Result<(), StoreError> {
    store::nodes::note(tx, id, started_at, now)
}

/// Removes a server that ends from the list.
pub fn remove_node(tx: &mut Tx<'_>, id: &str) -> Result<(), StoreError> {
    store::nodes::remove(tx, id)
}

/// Removes the servers that were last seen before a moment from the list.
pub fn forget_nodes(tx: &mut Tx<'_>, cutoff: RealTime) -> Result<(), StoreError> {
    store::nodes::forget(tx, cutoff)
}

/// Checks that this process knows each master key that the database needs. Otherwise the text says which one is missing.
pub fn check_master_keys(tx: &mut Tx<'_>) -> Result<Result<(), String>, StoreError> {
    store::master_keys::check(tx)
}
