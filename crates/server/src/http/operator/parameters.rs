//! Refuses query parameters that an operation does not have. Otherwise a mistyped filter would show all rows.
//!
//! The known parameters come from the OpenAPI document of the same registration, so the two cannot differ.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use utoipa::openapi::OpenApi;
use wire::problem::{Code, FieldError, Problem};

use crate::http::documented::query_names;
use crate::http::extract::Query;
use crate::http::problem::Rejection;

/// The query parameters of each operation, by method and path.
pub(super) struct Known(HashMap<(Method, String), Vec<String>>);

impl Known {
    /// Reads the parameters from a document.
    pub(super) fn of(document: OpenApi) -> Arc<Self> {
        Arc::new(Self(query_names(document)))
    }

    fn check(&self, request: &Request) -> Result<(), Rejection> {
        let Some(text) = request.uri().query() else { return Ok(()) };
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        let path = request.extensions().get::<MatchedPath>().expect("a handler's layer runs on its path");
        let path = path.as_str().trim_start_matches("/operator/v1").to_owned();
        let known = self.0.get(&(method, path)).expect("every operation is documented");
        let unknown = |name: &String| {
            let detail = match &known[..] {
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
}

/// Lets only requests with known parameters through.
pub(super) async fn checked(State(known): State<Arc<Known>>, request: Request, next: Next) -> Response {
    match known.check(&request) {
        Ok(()) => next.run(request).await,
        Err(rejection) => rejection.into_response(),
    }
}
