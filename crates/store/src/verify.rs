//! Queries for the check of a whole database: every sealed value, every file that a row names, and the number of rows.
//!
//! Tables are read in pages by their primary keys, each page in a separate transaction. So a check beside a server
//! holds no snapshot for long.

use crate::master_keys::{self, Wrapped};
pub use crate::named_files::{NamedFile, count_files, files, is_named};
use crate::sealed_columns::{Empty, Opener, after_clause, argument, arguments, names_of, place};
pub use crate::sealed_columns::{Place, SEALED, SealedColumn, WRAPPED};
use crate::table::Selected;
use crate::{StoreError, Tx, args, data_keys};

/// Rows of a page.
const PAGE: i64 = 500;

/// The names of all tables, in the order of the foundation.
pub fn tables() -> impl Iterator<Item = &'static str> {
    crate::tables::ALL.iter().map(|table| table.name)
}

/// The result of a page of a column.
#[derive(Debug, Default)]
pub struct Opened {
    /// Number of values that opened.
    pub good: u64,
    /// Rows whose value did not open.
    pub damaged: Vec<Place>,
    /// The beginning of the next page; `None` at the end.
    pub next: Option<Place>,
}

/// A sealed value with its place and its context. A row may have no value.
pub(crate) type SealedValue = (Place, String, Option<Vec<u8>>);

/// A page of sealed values, and whether more may follow.
pub(crate) fn sealed_page(
    tx: &mut Tx<'_>, of: &SealedColumn, after: Option<&Place>,
) -> Result<(Vec<SealedValue>, bool), StoreError> {
    let (names, from) = (names_of(of.key), after_clause(of.key, after, "where"));
    let sql = format!(
        "select {names}, {}, {} from {} {from} order by {names} limit {PAGE}",
        of.context, of.column, of.table
    );
    let width = of.key.len();
    let rows = tx.query(&sql, &arguments(after), |row| {
        let (context, sealed) = Selected::read_at(row, width)?;
        Ok((place(row, of.key)?, context, sealed))
    })?;
    let whole = rows.len() == usize::try_from(PAGE).expect("a page is small");
    Ok((rows, whole))
}

/// Opens a page of sealed values.
pub fn open_page(tx: &mut Tx<'_>, of: &SealedColumn, after: Option<&Place>) -> Result<Opened, StoreError> {
    let (rows, whole) = sealed_page(tx, of, after)?;
    let mut page = Opened::default();
    for (place, context, sealed) in rows {
        // A key that is claimed and not answered yet has no value; neither has a copy without facts.
        if let Some(sealed) = sealed.filter(|sealed| !sealed.is_empty() || of.empty == Empty::Damage) {
            match opens(tx, of.opener, &place, (&context, &sealed)) {
                Ok(()) => page.good += 1,
                Err(StoreError::Corrupt(_) | StoreError::NotFound) => page.damaged.push(place.clone()),
                Err(other) => return Err(other),
            }
        }
        page.next = whole.then_some(place);
    }
    Ok(page)
}

/// The first values of a column, opened, each with its place. Values that do not open are left out.
#[cfg(feature = "test-support")]
pub fn plain_values(tx: &mut Tx<'_>, of: &SealedColumn) -> Result<Vec<(Place, Vec<u8>)>, StoreError> {
    let (rows, _more) = sealed_page(tx, of, None)?;
    let mut found = Vec::new();
    for (place, context, sealed) in rows {
        let Some(sealed) = sealed.filter(|sealed| !sealed.is_empty() && of.is_of_owners()) else { continue };
        if let Ok(plain) = data_keys::of_value(tx, place.owner()?, &sealed)?.open(&context, &sealed) {
            found.push((place, plain));
        }
    }
    Ok(found)
}

/// Replaces a sealed value, if it is still the one that was read. Returns whether it was.
pub(crate) fn replace(
    tx: &mut Tx<'_>, of: &SealedColumn, place: &Place, (before, after): (&[u8], &[u8]),
) -> Result<bool, StoreError> {
    let (table, column, key) = (of.table, of.column, of.key);
    let same: Vec<String> = (3..).zip(key).map(|(at, part)| format!("{} = ${at}", part.name())).collect();
    let sql = format!("update {table} set {column} = $2 where {column} = $1 and {}", same.join(" and "));
    let mut args = args![*before, *after].to_vec();
    args.extend(place.0.iter().map(argument));
    Ok(tx.execute(&sql, &args)? == 1)
}

fn opens(
    tx: &mut Tx<'_>, opener: Opener, place: &Place, (context, sealed): (&str, &[u8]),
) -> Result<(), StoreError> {
    if opener == Opener::Trail {
        return tx.keyring().origin_key().open(context, sealed).map(drop);
    }
    data_keys::of_value(tx, place.owner()?, sealed)?.open(context, sealed).map(drop)
}

/// Unwraps every key that a master key wraps. Returns their number and the ids of those that do not open.
pub fn unwrap_keys(tx: &mut Tx<'_>) -> Result<(u64, Vec<String>), StoreError> {
    let (mut good, mut damaged) = (0, Vec::new());
    let of_database = "select id, master_key, material from system_keys order by id";
    let rows: Vec<(String, String, Vec<u8>)> = tx.fetch_all(of_database, &[])?;
    let mut all: Vec<(&str, String, Wrapped)> = rows
        .into_iter()
        .map(|(id, master_key, material)| ("system_keys", id, Wrapped { master_key, material }))
        .collect();
    let of_owners =
        "select partner_id, number, master_key, material from data_keys order by partner_id, number";
    let rows: Vec<(String, u16, String, Vec<u8>)> = tx.fetch_all(of_owners, &[])?;
    all.extend(rows.into_iter().map(|(owner, number, master_key, material)| {
        ("data_keys", data_keys::name_of(&owner, number), Wrapped { master_key, material })
    }));
    for (table, name, wrapped) in all {
        match master_keys::unwrap(tx.keyring(), &name, &wrapped) {
            Ok(_key) => good += 1,
            Err(StoreError::Corrupt(_)) => damaged.push(format!("{table}/{name}")),
            // A token that does not answer says nothing about the keys.
            Err(other) => return Err(other),
        }
    }
    Ok((good, damaged))
}

/// Number of rows of a table.
pub fn count(tx: &mut Tx<'_>, table: &str) -> Result<i64, StoreError> {
    tx.fetch_one(&format!("select count(*) from {table}"), &[])
}
