//! Queries for the check of a whole database: every sealed value, every file that a row names, and the number of rows.
//!
//! Tables are read in pages by their primary keys, each page in a separate transaction. So a check beside a server
//! holds no snapshot for long.

use domain::id::{OperatorId, PartnerId};

use crate::db::{Arg, Row};
use crate::idempotency::Holder;
use crate::table::Selected;
use crate::{StoreError, Tx};

/// Rows of a page.
const PAGE: i64 = 500;

/// The names of all tables, in the order of the foundation.
pub fn tables() -> impl Iterator<Item = &'static str> {
    crate::tables::ALL.iter().map(|table| table.name)
}

/// A column of sealed values.
#[derive(Debug)]
pub struct SealedColumn {
    /// The column's table.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The primary key. Its first column names the owner of the key that opens the value.
    key: &'static [KeyPart],
    /// SQL for the context under which the value was sealed.
    context: &'static str,
    empty: Empty,
    opener: Opener,
}

/// The key that opens a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opener {
    /// The key of the owner, whom the first column of the primary key names.
    Owner,
    /// The key of the origins of calls.
    Trail,
}

/// The meaning of an empty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Empty {
    Damage,
    /// There was no value to seal.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum KeyPart {
    Text(&'static str),
    Number(&'static str),
}

impl KeyPart {
    const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }
}

use KeyPart::{Number, Text};

const BY_ID: &[KeyPart] = &[Text("partner_id"), Text("id")];

const fn sealed(table: &'static str, key: &'static [KeyPart], context: &'static str) -> SealedColumn {
    SealedColumn { table, column: "sealed", key, context, empty: Empty::Damage, opener: Opener::Owner }
}

impl SealedColumn {
    /// The same with another column.
    const fn named(self, column: &'static str) -> Self {
        Self { column, ..self }
    }

    /// The same with values of the audit trail.
    const fn of_trail(self) -> Self {
        Self { opener: Opener::Trail, ..self }
    }

    /// The same with values that may be empty.
    const fn or_nothing(self) -> Self {
        Self { empty: Empty::Nothing, ..self }
    }
}

/// Every column of sealed values. Keys that the master key wraps are in [`WRAPPED`].
pub const SEALED: &[SealedColumn] = &[
    sealed("customers", BY_ID, "'customers:' || id || '@' || cast(version as text)"),
    sealed(
        "customer_tags",
        &[Text("partner_id"), Text("customer_id"), Number("place")],
        "'customer_tags:' || customer_id || ':' || tag_hash",
    ),
    sealed("bank_accounts", BY_ID, "'bank_accounts:' || id || '@' || cast(version as text)"),
    sealed(
        "bank_account_changes",
        &[Text("partner_id"), Text("customer_id")],
        "'bank_account_changes:' || customer_id || '@' || cast(version as text)",
    ),
    sealed("credit_decisions", BY_ID, "'credit_decisions:' || id"),
    sealed("loans", BY_ID, "'loans:' || id || '@' || cast(version as text)"),
    sealed(
        "contracts",
        &[Text("partner_id"), Text("loan_id"), Text("copy")],
        "'contracts:' || loan_id || ':facts'",
    )
    .named("facts"),
    sealed(
        "signatures",
        &[Text("partner_id"), Text("loan_id"), Text("subject_id")],
        "'signatures:' || loan_id || ':' || subject_id",
    ),
    sealed("payments", BY_ID, "'payments:' || id"),
    sealed("webhook_endpoints", BY_ID, "'webhook_endpoints:' || id || '@' || cast(version as text)"),
    sealed("events", BY_ID, "'events:' || id"),
    sealed("delivery_bodies", BY_ID, "'delivery_bodies:' || id"),
    // A receiver's answer may be empty.
    sealed(
        "delivery_attempts",
        &[Text("partner_id"), Text("delivery_id"), Number("number")],
        "'delivery_attempts:' || delivery_id || '@' || cast(number as text)",
    )
    .or_nothing(),
    sealed(
        "idempotency_keys",
        &[Text("partner_id"), Text("key")],
        "'idempotency_keys:' || key || '@' || cast(created_at as text)",
    ),
    sealed("mails", BY_ID, "'mails:' || id"),
    sealed("notes", BY_ID, "'notes:' || id"),
    sealed("proposal_grounds", BY_ID, "'proposal_grounds:' || id"),
    sealed("people", &[Text("id")], "'people:' || id || '@' || cast(version as text)"),
    sealed("person_mails", &[Text("operator_id"), Text("id")], "'person_mails:' || id"),
    sealed("audit_entries", &[Number("number")], "'audit:' || request_id || '@' || cast(at as text)")
        .of_trail(),
    sealed("audit_calls", &[Text("id")], "'audit:' || request_id || '@' || cast(at as text)").of_trail(),
    sealed("challenges", &[Text("operator_id"), Text("session_id")], "'challenges:' || session_id"),
    sealed("sessions", &[Text("operator_id"), Text("id")], "'sessions:' || id"),
];

/// Columns of keys that the master key wraps, each under its row's id.
pub const WRAPPED: &[(&str, &str)] =
    &[("system_keys", "material"), ("partners", "data_key"), ("operators", "data_key")];

/// A place in a table.
#[derive(Debug, Clone)]
pub struct Place(Vec<KeyValue>);

#[derive(Debug, Clone)]
enum KeyValue {
    Text(String),
    Number(i64),
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |value: &KeyValue| match value {
            KeyValue::Text(text) => text.clone(),
            KeyValue::Number(number) => number.to_string(),
        };
        f.write_str(&self.0.iter().map(text).collect::<Vec<_>>().join("/"))
    }
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

/// Opens a page of sealed values.
pub fn open_page(tx: &mut Tx<'_>, of: &SealedColumn, after: Option<&Place>) -> Result<Opened, StoreError> {
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
    let mut page = Opened::default();
    let whole = rows.len() == usize::try_from(PAGE).expect("a page is small");
    let rows: Vec<(Place, String, Option<Vec<u8>>)> = rows;
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

fn argument(value: &KeyValue) -> Arg<'_> {
    match value {
        KeyValue::Text(text) => Arg::Text(text.as_str().into()),
        KeyValue::Number(number) => Arg::Int(*number),
    }
}

fn value(row: &Row<'_>, at: usize, part: KeyPart) -> Result<KeyValue, StoreError> {
    Ok(match part {
        Text(_) => KeyValue::Text(row.get(at)?),
        Number(_) => KeyValue::Number(row.get(at)?),
    })
}

fn opens(
    tx: &mut Tx<'_>, opener: Opener, place: &Place, (context, sealed): (&str, &[u8]),
) -> Result<(), StoreError> {
    if opener == Opener::Trail {
        return tx.keyring().origin_key().open(context, sealed).map(drop);
    }
    let Some(KeyValue::Text(owner)) = place.0.first() else {
        return Err(StoreError::Corrupt("a sealed row without an owner".into()));
    };
    let holder = match (owner.parse::<PartnerId>(), owner.parse::<OperatorId>()) {
        (Ok(partner), _) => Holder::Partner(partner),
        (_, Ok(operator)) => Holder::Operator(operator),
        _neither => return Err(StoreError::Corrupt("the owner of a sealed row is unknown".into())),
    };
    holder.data_key(tx)?.open(context, sealed).map(drop)
}

/// Unwraps every key that the master key wraps. Returns their number and the ids of those that do not open.
pub fn unwrap_keys(tx: &mut Tx<'_>) -> Result<(u64, Vec<String>), StoreError> {
    let (mut good, mut damaged) = (0, Vec::new());
    for (table, column) in WRAPPED {
        let sql = format!("select id, {column} from {table} order by id");
        let rows: Vec<(String, Vec<u8>)> = tx.fetch_all(&sql, &[])?;
        for (id, wrapped) in rows {
            if tx.keyring().master().unwrap(&id, &wrapped).is_ok() {
                good += 1;
            } else {
                damaged.push(format!("{table}/{id}"));
            }
        }
    }
    Ok((good, damaged))
}

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
        let count = count(tx, &format!("{table} where blob_key is not null"))?;
        all += u64::try_from(count).expect("rows are counted from zero");
    }
    Ok(all)
}

fn names_of(key: &[KeyPart]) -> String {
    key.iter().map(|part| part.name()).collect::<Vec<_>>().join(", ")
}

/// The condition of the rows after a place, with `word` in front.
fn after_clause(key: &[KeyPart], after: Option<&Place>, word: &str) -> String {
    let places = (1..=key.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    after.map_or_else(String::new, |_| format!("{word} ({}) > ({places})", names_of(key)))
}

fn arguments(place: Option<&Place>) -> Vec<Arg<'_>> {
    place.map_or(&[][..], |place| &place.0).iter().map(argument).collect()
}

fn place(row: &Row<'_>, key: &[KeyPart]) -> Result<Place, StoreError> {
    key.iter().enumerate().map(|(at, part)| value(row, at, *part)).collect::<Result<_, _>>().map(Place)
}

/// Number of rows of a table.
pub fn count(tx: &mut Tx<'_>, table: &str) -> Result<i64, StoreError> {
    tx.fetch_one(&format!("select count(*) from {table}"), &[])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FOUNDATION: &str = include_str!("../../../migrations/0001_foundation.sql");
    /// Columns of bytes that are not sealed: a packed document, and ids.
    const PACKED: &[&str] = &["customers.kyc", "search_codes.customer", "events.subject"];

    /// The lines of the foundation within tables, each with its table.
    fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
        let lines = FOUNDATION.lines().filter(|line| !line.starts_with("--"));
        lines.scan("", |table, line| {
            if let Some(name) = line.strip_prefix("create table ") {
                *table = name.trim_end_matches(" (");
            }
            Some((*table, line))
        })
    }

    #[test]
    fn every_column_of_bytes_is_opened() {
        let bytes = columns().filter(|(_, line)| line.contains("{blob}"));
        let bytes = bytes.map(|(table, line)| format!("{table}.{}", line.split_whitespace().next().unwrap()));
        let sealed = SEALED.iter().map(|of| format!("{}.{}", of.table, of.column));
        let wrapped = WRAPPED.iter().map(|(table, column)| format!("{table}.{column}"));
        let packed = PACKED.iter().map(|column| (*column).to_owned());
        assert_eq!(bytes.collect::<BTreeSet<_>>(), sealed.chain(wrapped).chain(packed).collect());
    }

    #[test]
    fn every_column_that_names_a_file_is_followed() {
        let named = columns().filter(|(_, line)| line.trim_start().starts_with("blob_key text"));
        let mut found: BTreeSet<_> = named.map(|(table, _)| table).collect();
        assert!(found.remove("blob_intents"));
        assert_eq!(found, FILES.iter().map(|of| of.table).collect());
    }
}
