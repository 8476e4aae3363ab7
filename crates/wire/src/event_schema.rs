//! The events of a generation: the name, the occasion and the data schema of each.

use domain::event::EventKind;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An event that a generation sends.
#[derive(Clone, Copy)]
pub struct Sent {
    /// The event's name in the generation.
    pub name: &'static str,
    /// The occasion of the event, as the rest of a sentence that begins with "Sent when".
    pub meaning: &'static str,
    data: fn() -> DataSchema,
}

impl Sent {
    /// Describes an event whose data is a `T`.
    pub(crate) fn of<T: ToSchema + PartialSchema>(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, data: DataSchema::of::<T> }
    }

    /// The schema of the event's data.
    pub fn data(&self) -> DataSchema {
        (self.data)()
    }
}

/// The names of all events that a generation sends, in the order of their kinds.
pub(crate) fn names(sent: impl Fn(EventKind) -> Option<Sent>) -> Vec<&'static str> {
    EventKind::all().filter_map(sent).map(|sent| sent.name).collect()
}

/// The schema of an event's `data`.
pub struct DataSchema {
    /// The schema's name among the components of an OpenAPI document.
    pub component: String,
    /// The schema.
    pub schema: RefOr<Schema>,
    /// The schemas that it refers to, with their names.
    pub nested: Vec<(String, RefOr<Schema>)>,
}

impl DataSchema {
    /// The schema of a type.
    fn of<T: ToSchema + PartialSchema>() -> Self {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        Self { component: T::name().into_owned(), schema: T::schema(), nested }
    }
}
