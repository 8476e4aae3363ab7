//! Submitted documents.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::id::DocumentId;
use wire::problem::Code;

use super::place::Read;
use crate::http::document_pages::page_of;
use crate::http::documented::codes;
use crate::http::extract::{PathId, PathIds};
use crate::http::problem::{Rejection, of_store};

/// The number of pages of a document.
const PAGES: HeaderName = HeaderName::from_static("document-pages");

/// Get a document
///
/// The file as it was uploaded. Its headers keep a browser from running it.
#[utoipa::path(
    get, path = "/documents/{document_id}", operation_id = "getDocument", tag = "Customers",
    extensions(("x-permission" = json!(Permission::ReadDocuments.name()))),
    responses(
        (
            status = 200,
            description = "The file as it was uploaded: a PDF or a photograph.",
            content(("application/pdf"), ("image/jpeg"), ("image/png")),
        ),
    )
)]
pub(super) async fn show(call: Read<PathId<DocumentId>>) -> Result<Response, Rejection> {
    let (document, key) = call.find(app::kyc::document).await?;
    let content = call.state.blobs.get(&key, &document.blob_key).await.map_err(of_store)?;
    Ok(shown(document.media_type.name(), content))
}

/// Get a page of a document
///
/// A page of a PDF as a PNG of at most 1640 pixels on each side. The only page of a photograph is the photograph. The
/// header `Document-Pages` has the number of pages; those after the first 200 are not shown.
///
/// A PDF that cannot be read or shown, or that has a password, is `invalid_format`. The file itself is still at
/// `GET /operator/v1/documents/{document_id}`.
#[utoipa::path(
    get, path = "/documents/{document_id}/pages/{page}", operation_id = "getDocumentPage", tag = "Customers",
    extensions(
        ("x-permission" = json!(Permission::ReadDocuments.name())),
        ("x-codes" = json!(codes(&[Code::InvalidFormat])))
    ),
    responses(
        (
            status = 200,
            description = "The page as an image.",
            content(("image/png"), ("image/jpeg")),
            headers(("Document-Pages" = u16, description = "Number of pages of the document, at most 200.")),
        ),
    )
)]
pub(super) async fn page(call: Read<PathIds<DocumentId, u16>>) -> Result<Response, Rejection> {
    let PathIds(id, number) = call.path;
    let page = page_of(&call.state, id, number).await?;
    let mut response = shown(page.media_type.name(), page.image);
    response.headers_mut().insert(PAGES, page.pages.into());
    Ok(response)
}

/// A customer's file, or a picture of it. A browser shows it and never runs it.
fn shown(media_type: &'static str, content: Vec<u8>) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    (headers, content).into_response()
}
