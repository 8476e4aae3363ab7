//! Every column of sealed values, and places in their tables.
//!
//! A check opens what is listed here, and a new data key seals it again. A test compares the list with the schema.

use crate::StoreError;
use crate::db::{Arg, Row};
use crate::holder::Holder;

/// A column of sealed values.
#[derive(Debug)]
pub struct SealedColumn {
    /// The column's table.
    pub table: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// The primary key. Its first column names the owner of the key that opens the value.
    pub(crate) key: &'static [KeyPart],
    /// SQL for the context under which the value was sealed.
    pub(crate) context: &'static str,
    pub(crate) empty: Empty,
    pub(crate) opener: Opener,
}

/// The key that opens a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opener {
    /// The key of the owner, whom the first column of the primary key names.
    Owner,
    /// The key of the origins of calls.
    Trail,
}

/// The meaning of an empty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Empty {
    Damage,
    /// There was no value to seal.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyPart {
    Text(&'static str),
    Number(&'static str),
}

impl KeyPart {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Text(name) | Self::Number(name) => name,
        }
    }
}

use KeyPart::{Number, Text};

pub(crate) const BY_ID: &[KeyPart] = &[Text("partner_id"), Text("id")];

const fn sealed(table: &'static str, key: &'static [KeyPart], context: &'static str) -> SealedColumn {
    SealedColumn { table, column: "sealed", key, context, empty: Empty::Damage, opener: Opener::Owner }
}

impl SealedColumn {
    /// Whether its values are under the keys of their owners.
    pub(crate) fn is_of_owners(&self) -> bool {
        self.opener == Opener::Owner
    }

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

/// Columns of keys that a master key wraps.
pub const WRAPPED: &[(&str, &str)] = &[("system_keys", "material"), ("data_keys", "material")];

/// A place in a table.
#[derive(Debug, Clone)]
pub struct Place(pub(crate) Vec<KeyValue>);

impl Place {
    /// The place before every row of an owner. `None` if the owner is the whole key, or the rows are of other owners.
    pub(crate) fn before(of: &SealedColumn, owner: Holder) -> Option<Self> {
        let is_of_partners = of.key.first().is_some_and(|part| part.name() == "partner_id");
        (is_of_partners && of.opener == Opener::Owner).then(|| Self::beginning(of.key, owner))
    }

    pub(crate) fn beginning(key: &[KeyPart], owner: Holder) -> Self {
        let first = |part: &KeyPart| match part {
            Text(_) => KeyValue::Text(String::new()),
            Number(_) => KeyValue::Number(i64::MIN),
        };
        let mut place: Vec<KeyValue> = key.iter().map(first).collect();
        place[0] = KeyValue::Text(owner.to_string());
        Self(place)
    }

    /// The owner of the row.
    pub(crate) fn owner(&self) -> Result<Holder, StoreError> {
        match self.0.first() {
            Some(KeyValue::Text(owner)) => owner.parse(),
            _other => Err(StoreError::Corrupt("a sealed row without an owner".into())),
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) enum KeyValue {
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

pub(crate) fn argument(value: &KeyValue) -> Arg<'_> {
    match value {
        KeyValue::Text(text) => Arg::Text(text.as_str().into()),
        KeyValue::Number(number) => Arg::Int(*number),
    }
}

pub(crate) fn value(row: &Row<'_>, at: usize, part: KeyPart) -> Result<KeyValue, StoreError> {
    Ok(match part {
        Text(_) => KeyValue::Text(row.get(at)?),
        Number(_) => KeyValue::Number(row.get(at)?),
    })
}

pub(crate) fn names_of(key: &[KeyPart]) -> String {
    key.iter().map(|part| part.name()).collect::<Vec<_>>().join(", ")
}

/// The condition of the rows after a place, with `word` in front.
pub(crate) fn after_clause(key: &[KeyPart], after: Option<&Place>, word: &str) -> String {
    let places = (1..=key.len()).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
    after.map_or_else(String::new, |_| format!("{word} ({}) > ({places})", names_of(key)))
}

pub(crate) fn arguments(place: Option<&Place>) -> Vec<Arg<'_>> {
    place.map_or(&[][..], |place| &place.0).iter().map(argument).collect()
}

pub(crate) fn place(row: &Row<'_>, key: &[KeyPart]) -> Result<Place, StoreError> {
    key.iter().enumerate().map(|(at, part)| value(row, at, *part)).collect::<Result<_, _>>().map(Place)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const FOUNDATION: &str = include_str!("../../../migrations/0001_foundation.sql");
    /// Columns of bytes that are not sealed: a packed document, ids, and halves of keys.
    const PACKED: &[&str] =
        &["customers.kyc", "search_codes.customer", "events.subject", "file_secrets.secret"];

    /// The lines of the foundation within tables, each with its table.
    pub(crate) fn columns() -> impl Iterator<Item = (&'static str, &'static str)> {
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
}
