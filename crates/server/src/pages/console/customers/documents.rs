//! A customer's file in a page: shown, never run and never cached. A photograph is an image of the page, and a PDF has a
//! frame, where the browser's own viewer shows its pages.

use app::{Failed, NotFound, Tx};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::DocumentId;

use crate::http::problem::of_store;
use crate::pages::answer::{embedded, failure};
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Serves a document that a customer sent.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<DocumentId>() else { return unknown(&headers) };
    let real = visit.state.clock.now();
    let find = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, real, &id)?;
        app::kyc::document(tx, partner, id)
    };
    let (document, key) = match visit.state.store.read(find).await {
        Ok(found) => found,
        Err(Failed::Refused(NotFound)) => return unknown(&headers),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    match visit.state.blobs.get(&key, &document.blob_key).await {
        Ok(content) => embedded(document.media_type.name(), content),
        Err(error) => failure(&of_store(error)),
    }
}
