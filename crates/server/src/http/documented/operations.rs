//! The operations of a document, and the facts that decide the rest of their documentation.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn, PathItem, Paths};
use utoipa::openapi::{HttpMethod, RefOr, Schema};

use super::schemas::{Schemas, name_of};

/// The operations of a path, in the document's order.
pub(super) fn of_mut(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Patch, item.patch.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation?)))
}

/// The facts of an operation that decide its problems and headers.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// The operation's id.
    pub(super) id: String,
    /// The path with its parameters in braces.
    pub(super) path: String,
    /// The query parameters.
    pub(super) query: Vec<String>,
    /// Whether it needs a bearer token.
    pub(super) authenticated: bool,
    /// Whether it takes an idempotency key.
    pub(super) keyed: bool,
    /// The kind of body that it reads.
    pub(super) body: BodyKind,
    /// The first field of its body.
    pub(super) first_field: Option<String>,
}

impl Facts {
    /// The facts of an operation whose parameters are complete.
    pub(super) fn of(path: &str, operation: &Operation, schemas: &Schemas) -> Self {
        let id = operation.operation_id.clone().expect("every handler names its operation");
        let parameters = operation.parameters.as_deref().unwrap_or(&[]);
        let query = parameters.iter().filter_map(query_name).collect();
        Self {
            id,
            path: path.to_owned(),
            authenticated: operation.security.is_none(),
            query,
            keyed: parameters.iter().any(|parameter| refers_to(parameter, "IdempotencyKey")),
            body: body_kind(operation),
            first_field: first_field(operation, schemas),
        }
    }

    /// Whether it answers a list in pages.
    pub(super) fn lists(&self) -> bool {
        self.query.iter().any(|name| name == "starting_after")
    }

    /// Whether the path names a resource.
    pub(super) fn has_path_parameter(&self) -> bool {
        self.path.contains('{')
    }
}

/// The schemas of an operation's body, one for each media type.
pub(super) fn body_schemas(operation: &Operation) -> impl Iterator<Item = &RefOr<Schema>> {
    let body = match &operation.request_body {
        Some(RefOr::T(body)) => Some(body),
        Some(RefOr::Ref(_)) | None => None,
    };
    body.into_iter().flat_map(|body| body.content.values()).filter_map(|content| match content {
        RefOr::T(content) => content.schema.as_ref(),
        RefOr::Ref(_) => None,
    })
}

/// The schema of an operation's body.
fn body_schema(operation: &Operation) -> Option<&RefOr<Schema>> {
    body_schemas(operation).next()
}

fn first_field(operation: &Operation, schemas: &Schemas) -> Option<String> {
    let RefOr::Ref(reference) = body_schema(operation)? else { return None };
    match schemas.get(name_of(reference))? {
        RefOr::T(Schema::Object(object)) => {
            let required = || object.required.first().cloned();
            required().or_else(|| object.properties.keys().next().cloned())
        }
        _other => None,
    }
}

/// The kind of body that an operation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// The operation reads no body.
    None,
    /// A JSON body.
    Json,
    /// A form with a file.
    Upload,
    /// The form of the token endpoint.
    TokenForm,
}

fn body_kind(operation: &Operation) -> BodyKind {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return BodyKind::None;
    };
    let types: Vec<&str> = body.content.keys().map(String::as_str).collect();
    if types.contains(&"multipart/form-data") {
        BodyKind::Upload
    } else if types.contains(&"application/x-www-form-urlencoded") {
        BodyKind::TokenForm
    } else {
        BodyKind::Json
    }
}

/// Whether a parameter is the shared one of this name.
pub(super) fn refers_to(parameter: &RefOr<Parameter>, name: &str) -> bool {
    match parameter {
        RefOr::Ref(shared) => shared.ref_location.ends_with(&format!("/{name}")),
        RefOr::T(_) => false,
    }
}

/// The names of an operation's query parameters.
pub fn query_names(operation: &Operation) -> Vec<String> {
    operation.parameters.iter().flatten().filter_map(query_name).collect()
}

fn query_name(parameter: &RefOr<Parameter>) -> Option<String> {
    match parameter {
        RefOr::T(own) => (own.parameter_in == ParameterIn::Query).then(|| own.name.clone()),
        RefOr::Ref(shared) => match shared.ref_location.rsplit('/').next() {
            Some("Limit") => Some("limit".to_owned()),
            Some("Order") => Some("order".to_owned()),
            Some("StartingAfter") => Some("starting_after".to_owned()),
            _a_header => None,
        },
    }
}

/// The ids of all operations.
pub(super) fn ids(paths: &Paths) -> Vec<String> {
    let of_item = |item: &PathItem| {
        let all = [&item.post, &item.get, &item.patch, &item.delete];
        all.into_iter().flatten().filter_map(|operation| operation.operation_id.clone()).collect::<Vec<_>>()
    };
    paths.paths.values().flat_map(of_item).collect()
}
