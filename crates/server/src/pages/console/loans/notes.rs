//! The forms of a loan's notes.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::notes::{self, On};
use super::page::changed;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Writes a note.
pub(in crate::pages::console) async fn write(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    match id.parse() {
        Ok(id) => notes::write(visit, On::loan(id), &headers, &body).await,
        Err(_no_id) => unknown(&headers),
    }
}

/// Strikes out one's own note.
pub(in crate::pages::console) async fn strike(
    visit: Visit, Path((id, note)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse() else { return unknown(&headers) };
    match notes::strike(visit, On::loan(id), &note, &headers).await {
        Ok(answer) => answer,
        Err(visit) => changed(visit, &headers, id).await,
    }
}
