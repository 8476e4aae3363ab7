//! The events of a generation: the name of each, when it is sent, and the schema of its data.

use domain::event::EventKind;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// An event that a generation sends.
#[derive(Clone, Copy)]
pub struct Sent {
    /// Its name in the generation.
    pub name: &'static str,
    /// The sentence that says when it is sent.
    pub meaning: &'static str,
    data: fn() -> DataSchema,
}

impl Sent {
    /// An event whose data is a `T`.
    pub(crate) fn of<T: ToSchema + PartialSchema>(name: &'static str, meaning: &'static str) -> Self {
        Self { name, meaning, data: DataSchema::of::<T> }
    }

    /// The schema of its data.
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
    /// Its name among the components of a document.
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
