//! Documents that were handed in.

use app::{Failed, NotFound, Tx};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use domain::id::DocumentId;

use super::caller::OperatorCaller;
use crate::http::extract::PathId;
use crate::http::problem::{Rejection, of_store};
use crate::http::reading;
use crate::state::AppState;

/// Get a document
///
/// The file as it was uploaded. It comes with headers that keep a browser from running it.
#[utoipa::path(
    get,
    path = "/documents/{document_id}",
    operation_id = "getDocument",
    tag = "Customers",
    params((
            "document_id" = String, Path,
            description = "The document's id.",
            pattern = "^doc_[0-9a-f]{32}$",
            example = "doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses(
        (
            status = 200,
            description = "The file as it was uploaded: a PDF or a photograph.",
            content(("application/pdf"), ("image/jpeg"), ("image/png")),
        ),
    )
)]
pub(super) async fn show(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<DocumentId>,
) -> Result<Response, Rejection> {
    let real = state.clock.now();
    let find = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        let (partner, _) = app::directory::place(tx, real, &id)?;
        app::kyc::document(tx, partner, id)
    };
    let (document, key) = reading::read(&state, find).await?;
    let content = state.blobs.get(&key, &document.blob_key).await.map_err(of_store)?;
    let headers = [
        (CONTENT_TYPE, document.media_type.name()),
        (CACHE_CONTROL, "no-store"),
        // What customers hand in is shown, never run.
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'"),
    ];
    Ok((headers, content).into_response())
}
