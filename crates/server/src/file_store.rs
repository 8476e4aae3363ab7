//! The store of the files at a server's start: it must be the one that has the files of this database.
//!
//! A store has an id in its file `store-id`, and the database notes the id of its store. A node with a folder of its own,
//! beside nodes with another one, would answer 404 for their files.
//!
//! Reasons: docs/decisions/0047.

use anyhow::{Context as _, bail};
use app::Store;
use app::database::{Blobs, FileStore, Random, hex};

use crate::private;

/// Opens the store of a database's files. The first server gives it an id. Fails if the database's files are in another one.
pub async fn open_for(store: &Store, place: FileStore) -> anyhow::Result<Blobs> {
    let named = place.to_string();
    let blobs = Blobs::open(place).with_context(|| named.clone())?;
    if let FileStore::Folder(folder) = blobs.place() {
        private::file_folder(folder).with_context(|| named.clone())?;
    }
    let found = blobs.store_id().await.with_context(|| named.clone())?;
    let known = store.read(app::database::known_file_store).await?;
    let id = match (found, known) {
        (Some(found), _) => found,
        (None, Some(known)) => bail!(elsewhere(&named, &known, "none")),
        (None, None) => {
            let id: [u8; 16] = Random::open().bytes();
            blobs.identify(&hex(&id)).await.with_context(|| named.clone())?
        }
    };
    let taken = id.clone();
    let known = store.write(move |tx| app::database::take_file_store(tx, &taken)).await?;
    if known != id {
        bail!(elsewhere(&named, &known, &id));
    }
    Ok(blobs)
}

fn elsewhere(named: &str, known: &str, found: &str) -> String {
    format!(
        "the files of this database are elsewhere: its file store has the id {known}, and the id of {named} is {found}. All \
         nodes of a database need the same folder or the same bucket ([bucket]). If the files were moved, their file \
         store-id must be moved with them; its one line is the id"
    )
}
