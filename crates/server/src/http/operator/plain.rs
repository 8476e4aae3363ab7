//! Answers that are texts for people and spreadsheets. They are never cached.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse as _, Response};

fn text_of(kind: &'static str, content: String) -> Response {
    let headers = [(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-store"), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    (headers, content).into_response()
}

/// A plain text.
pub(super) fn text(content: String) -> Response {
    text_of("text/plain; charset=utf-8", content)
}

/// A table for a spreadsheet.
pub(super) fn csv(content: String) -> Response {
    text_of("text/csv; charset=utf-8", content)
}
