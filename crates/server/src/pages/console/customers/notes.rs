//! The forms of a customer's notes.

use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::super::notes::{self, On};
use super::page::page;
use super::shown::{Place, Problem, Shown};
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Writes a note.
pub(in crate::pages::console) async fn write(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    match id.parse() {
        Ok(id) => notes::write(visit, On::customer(id), &headers, &body).await,
        Err(_no_id) => unknown(&headers),
    }
}

/// Strikes out one's own note.
pub(in crate::pages::console) async fn strike(
    visit: Visit, Path((id, note)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let Ok(customer) = id.parse() else { return unknown(&headers) };
    match notes::strike(visit, On::customer(customer), &note, &headers).await {
        Ok(answer) => answer,
        Err(visit) => {
            let place = Place { tab: "notes".to_owned(), ..Place::default() };
            let shown = Shown { problem: Some(Problem::Changed), ..Shown::masked(place) };
            page(visit, &headers, &id, shown, StatusCode::CONFLICT).await
        }
    }
}
