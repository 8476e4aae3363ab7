//! Everything about the customer's person, as an archive for the person.

use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::CustomerId;
use wire::problem::Code;

use crate::http::operator::archive;
use crate::pages::answer::failure;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Serves the archive.
pub(in crate::pages::console) async fn export(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(&headers) };
    match archive(&visit.state, id).await {
        Ok(archive) => archive,
        Err(rejection) if rejection.0.code == Code::ResourceNotFound => unknown(&headers),
        Err(rejection) => failure(&rejection),
    }
}
