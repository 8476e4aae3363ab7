//! The schema of what an event says, for the OpenAPI documents.

use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

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
    pub(crate) fn of<T: ToSchema + PartialSchema>() -> Self {
        let mut nested = Vec::new();
        T::schemas(&mut nested);
        Self { component: T::name().into_owned(), schema: T::schema(), nested }
    }
}
