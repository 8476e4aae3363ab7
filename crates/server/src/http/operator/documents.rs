//! Submitted documents.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use domain::access::Permission;
use domain::id::DocumentId;

use super::place::Read;
use crate::http::extract::PathId;
use crate::http::problem::{Rejection, of_store};

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
    let headers = [
        (CONTENT_TYPE, document.media_type.name()),
        (CACHE_CONTROL, "no-store"),
        // A browser shows customers' files and never runs them.
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    Ok((headers, content).into_response())
}
