//! The permission and the query parameters of each operation. Both come from the OpenAPI document of the same
//! registration, so the check and the document cannot differ.
//!
//! An unknown parameter is refused. Otherwise a mistyped filter would show all rows.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::access::Permission;
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::Operation;
use wire::problem::{Code, FieldError, Problem};

use super::caller::OperatorCaller;
use crate::http::documented::{facts_of, permission_of, query_names};
use crate::http::extract::Query;
use crate::http::problem::Rejection;

/// The facts of all operations, by method and path.
pub(super) struct Known(HashMap<(Method, String), Facts>);

struct Facts {
    permission: Permission,
    parameters: Vec<String>,
}

impl Facts {
    fn of(operation: &Operation) -> Self {
        let permission =
            permission_of(operation).expect("every operation of operators declares a permission");
        Self { permission, parameters: query_names(operation) }
    }
}

impl Known {
    /// Reads the facts from a document.
    ///
    /// # Panics
    ///
    /// If an operation declares no permission. A server with it does not start, and no test passes.
    pub(super) fn of(document: OpenApi) -> Arc<Self> {
        Arc::new(Self(facts_of(document, Facts::of)))
    }

    fn facts(&self, request: &Request) -> &Facts {
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        let path = request.extensions().get::<MatchedPath>().expect("a handler's layer runs on its path");
        let path = path.as_str().trim_start_matches("/operator/v1").to_owned();
        self.0.get(&(method, path)).expect("every operation is documented")
    }
}

/// Lets only requests through that the operator may make, with known parameters.
pub(super) async fn checked(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    let facts = known.facts(&request);
    match permitted(facts.permission, &request).and_then(|()| takes(&facts.parameters, &request)) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.into_response(),
    }
}

fn permitted(permission: Permission, request: &Request) -> Result<(), Rejection> {
    let caller =
        request.extensions().get::<OperatorCaller>().expect("the caller is known before its permission");
    if caller.grants().allows(permission) {
        return Ok(());
    }
    let detail = format!(
        "this operation needs the permission {}, which no role of this operator has; an administrator can add a role",
        permission.name()
    );
    Err(Problem::new(Code::Forbidden, detail).into())
}

fn takes(known: &[String], request: &Request) -> Result<(), Rejection> {
    let Some(text) = request.uri().query() else { return Ok(()) };
    let unknown = |name: &String| {
        let detail = match known {
            [] => "this operation takes no query parameters".to_owned(),
            some => format!("is no parameter of this operation, which takes {}", some.join(", ")),
        };
        FieldError::new(name.clone(), Code::InvalidParameter, detail)
    };
    let names = Query::parse(text)?.names();
    let mut faults = Vec::new();
    for name in names.iter().filter(|name| !known.contains(name)) {
        if !faults.iter().any(|fault: &FieldError| fault.param == *name) {
            faults.push(unknown(name));
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::of_fields(faults).into()) }
}
