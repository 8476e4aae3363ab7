//! The note of a webhook endpoint.

use domain::change::Change;
use serde_json::Value;
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};

use crate::read::{self, Fields, Wrong};

/// The longest note, in characters.
const LONGEST: usize = 500;

/// A note in an answer. Null if there is none.
pub(super) type Note = Option<String>;

/// Renders a note.
pub(super) fn of(note: Option<&str>) -> Note {
    note.map(str::to_owned)
}

/// Reads a note of a new endpoint.
pub(super) fn read(value: &Value) -> Result<Option<String>, Wrong> {
    read::note(LONGEST)(value).map(Some)
}

/// Reads the change of a note.
pub(super) fn change(fields: &mut Fields<'_>) -> Change<String> {
    fields.nullable_change("description", read::note(LONGEST))
}

/// The schema of a note in a new endpoint.
pub(super) fn given() -> ObjectBuilder {
    nullable("A note for people.").min_length(Some(1)).max_length(Some(LONGEST))
}

/// The schema of a changed note.
pub(super) fn another() -> ObjectBuilder {
    nullable("Another note, or null for none.")
}

/// The schema of a note in an answer.
pub(super) fn shown() -> ObjectBuilder {
    nullable("The partner's note. Null if there is none.")
}

fn nullable(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(description))
}
