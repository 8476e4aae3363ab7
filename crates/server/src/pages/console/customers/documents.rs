//! A customer's file in a page: shown, never run and never cached. Photographs and pages of PDFs are images of the page.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::DocumentId;
use wire::problem::Code;

use crate::http::document_pages::{file_of, page_of};
use crate::http::problem::Rejection;
use crate::pages::answer::{failure, file};
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Serves a document that a customer sent.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<DocumentId>() else { return unknown(&headers) };
    match file_of(&visit.state, id).await {
        Ok((media_type, content)) => file(media_type.name(), None, content),
        Err(rejection) => refused(&headers, &rejection),
    }
}

/// Serves a page of a document as an image.
pub(in crate::pages::console) async fn show_page(
    visit: Visit, Path((id, number)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(id), Ok(number)) = (id.parse::<DocumentId>(), number.parse::<u16>()) else {
        return unknown(&headers);
    };
    match page_of(&visit.state, id, number).await {
        Ok(page) => file(page.media_type.name(), None, page.image),
        Err(rejection) => refused(&headers, &rejection),
    }
}

fn refused(headers: &HeaderMap, rejection: &Rejection) -> Response {
    if rejection.0.code == Code::ResourceNotFound { unknown(headers) } else { failure(rejection) }
}
