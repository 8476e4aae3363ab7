//! The files that rows name, by the rows.

use domain::id::PartnerId;

use crate::sealed_columns::{
    BY_ID, KeyPart, KeyPart::Text, Place, after_clause, argument, arguments, names_of, place,
};
use crate::table::Selected;
use crate::{StoreError, Tx, args};

/// Rows of a page.
const PAGE: i64 = 500;

/// A table whose rows name files: the column `blob_key`, and the hash of the content in `sha256`.
struct FileTable {
    table: &'static str,
    key: &'static [KeyPart],
}

/// Tables whose rows name files. An intent names a file that may not exist, so it is not here.
const FILES: &[FileTable] = &[
    FileTable { table: "kyc_documents", key: BY_ID },
    FileTable { table: "contracts", key: &[Text("partner_id"), Text("loan_id"), Text("copy")] },
];

/// A file that a row names.
#[derive(Debug, Clone)]
pub struct NamedFile {
    /// The partner whose key opens it.
    pub partner: PartnerId,
    /// Name in the file store.
    pub name: String,
    /// The SHA-256 of its content, in hex.
    pub sha256: String,
    table: usize,
    row: Place,
}

impl NamedFile {
    /// The number of the table whose row names it.
    pub(crate) fn table(&self) -> usize {
        self.table
    }
}

/// The next files that rows name, after the file `after`. Empty at the end.
pub fn files(tx: &mut Tx<'_>, after: Option<&NamedFile>) -> Result<Vec<NamedFile>, StoreError> {
    let mut table = after.map_or(0, |file| file.table);
    let mut place = after.map(|file| &file.row);
    loop {
        let page = files_of(tx, table, place)?;
        if !page.is_empty() || table + 1 == FILES.len() {
            return Ok(page);
        }
        (table, place) = (table + 1, None);
    }
}

/// The tables whose rows name files.
pub(crate) const FILE_TABLES: usize = FILES.len();

/// The next files of a partner in one table, after the file `after`. Empty at the end.
pub(crate) fn files_of_partner(
    tx: &mut Tx<'_>, at: usize, partner: PartnerId, after: Option<&NamedFile>,
) -> Result<Vec<NamedFile>, StoreError> {
    let beginning = Place::beginning(FILES[at].key, partner.into());
    let mut page = files_of(tx, at, Some(after.map_or(&beginning, |file| &file.row)))?;
    page.retain(|file| file.partner == partner);
    Ok(page)
}

/// Names another file in the row of a file, if the row still names this one. Returns whether it did.
pub(crate) fn rename(tx: &mut Tx<'_>, file: &NamedFile, name: &str) -> Result<bool, StoreError> {
    let FileTable { table, key } = &FILES[file.table];
    let same: Vec<String> = (3..).zip(*key).map(|(at, part)| format!("{} = ${at}", part.name())).collect();
    let sql = format!("update {table} set blob_key = $2 where blob_key = $1 and {}", same.join(" and "));
    let mut args = args![file.name, *name].to_vec();
    args.extend(file.row.0.iter().map(argument));
    Ok(tx.execute(&sql, &args)? == 1)
}

fn files_of(tx: &mut Tx<'_>, at: usize, after: Option<&Place>) -> Result<Vec<NamedFile>, StoreError> {
    let FileTable { table, key } = &FILES[at];
    let (names, from) = (names_of(key), after_clause(key, after, "and"));
    let sql = format!(
        "select {names}, blob_key, sha256 from {table} where blob_key is not null {from} order by {names} limit {PAGE}"
    );
    tx.query(&sql, &arguments(after), |row| {
        let (name, sha256) = Selected::read_at(row, key.len())?;
        // The partner is the first column of every key.
        let partner = Selected::read_at(row, 0)?;
        Ok(NamedFile { partner, name, sha256, table: at, row: place(row, key)? })
    })
}

/// Whether the file's row still names it.
pub fn is_named(tx: &mut Tx<'_>, file: &NamedFile) -> Result<bool, StoreError> {
    let FileTable { table, key } = &FILES[file.table];
    let same: Vec<String> = (1..).zip(*key).map(|(at, part)| format!("{} = ${at}", part.name())).collect();
    let sql = format!("select blob_key from {table} where {}", same.join(" and "));
    let found: Option<Option<String>> = tx.fetch_opt(&sql, &arguments(Some(&file.row)))?;
    Ok(found.flatten().as_ref() == Some(&file.name))
}

/// Number of files that rows name.
pub fn count_files(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    let mut all = 0;
    for FileTable { table, .. } in FILES {
        let count =
            tx.fetch_one::<i64>(&format!("select count(*) from {table} where blob_key is not null"), &[])?;
        all += u64::try_from(count).expect("rows are counted from zero");
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sealed_columns::tests::columns;

    #[test]
    fn every_column_that_names_a_file_is_followed() {
        let named = columns().filter(|(_, line)| line.trim_start().starts_with("blob_key text"));
        let mut found: BTreeSet<_> = named.map(|(table, _)| table).collect();
        assert!(found.remove("blob_intents"));
        assert_eq!(found, FILES.iter().map(|of| of.table).collect());
    }
}
