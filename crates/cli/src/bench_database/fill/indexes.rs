//! The indexes of a database that is filled. To build one at the end from sorted keys takes a small part of the time
//! that its random pages take while rows are written.

use store::{Store, StoreError, Tx};

/// An index that was dropped.
pub(super) struct Dropped {
    statement: String,
}

/// Drops every index, except those of keys.
pub(super) fn drop_all(store: &Store) -> Result<Vec<Dropped>, StoreError> {
    store.write_blocking(|tx: &mut Tx<'_>| {
        let sql = tx.dialect().indexes;
        let indexes = tx.query(sql, &[], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?)))?;
        let mut dropped = Vec::with_capacity(indexes.len());
        for (name, statement) in indexes {
            tx.execute(&format!("drop index {name}"), &[])?;
            dropped.push(Dropped { statement });
        }
        Ok(dropped)
    })
}

/// Builds the dropped indexes, each in its own transaction.
pub(super) fn build(store: &Store, dropped: Vec<Dropped>) -> Result<(), StoreError> {
    for Dropped { statement } in dropped {
        store.write_blocking(move |tx: &mut Tx<'_>| tx.execute(&statement, &[]).map(drop))?;
    }
    Ok(())
}
