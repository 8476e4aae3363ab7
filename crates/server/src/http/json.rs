//! A JSON answer, written into one buffer that seldom has to grow.

use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use wire::problem::{Code, Problem};

use super::problem::Rejection;

/// Initial capacity in bytes, enough for one resource. A page contains several.
const ROOM: usize = 2_048;

/// A body for an answer with 200.
#[derive(Debug, Clone, Copy)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(ROOM);
        if let Err(error) = serde_json::to_writer(&mut bytes, &self.0) {
            tracing::error!(%error, "an answer does not render");
            return Rejection::from(Problem::new(Code::InternalError, "the server failed")).into_response();
        }
        let mut response = Response::new(bytes.into());
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}
