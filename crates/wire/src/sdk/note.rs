//! The note of a webhook endpoint.

use domain::change::Change;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::read::{self, Fields, Wrong, string};

/// The longest note, in characters.
const LONGEST: usize = 500;

/// A note in an answer. Empty if there is none.
pub(super) type Note = String;

/// Renders a note.
pub(super) fn of(note: Option<&str>) -> Note {
    note.map_or_else(String::new, str::to_owned)
}

/// Reads a note. An empty text means no note.
pub(super) fn read(value: &Value) -> Result<Option<String>, Wrong> {
    if string(value)?.is_empty() { Ok(None) } else { read::note(LONGEST)(value).map(Some) }
}

/// Reads the change of a note.
pub(super) fn change(fields: &mut Fields<'_>) -> Change<String> {
    match fields.nullable_change("description", read) {
        Change::Keep => Change::Keep,
        Change::Clear | Change::Set(None) => Change::Clear,
        Change::Set(Some(note)) => Change::Set(note),
    }
}

/// The schema of a note in a new endpoint.
pub(super) fn given() -> ObjectBuilder {
    nullable("A note for people. Empty or absent: none.").max_length(Some(LONGEST))
}

/// The schema of a changed note.
pub(super) fn another() -> ObjectBuilder {
    nullable("Another note. Empty or null: none.")
}

/// The schema of a note in an answer.
pub(super) fn shown() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The partner's note. Empty if there is none."))
}

fn nullable(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(description))
}
