//! The portal for developers: guides, the reference, the catalogues of errors and events, the changelog and the status
//! (docs/decisions/0040). Every page works without scripts. Its README describes the texts.

mod catalogue;
mod changelog;
mod code;
mod document;
mod errors;
mod events;
mod feed;
mod guides;
mod highlight;
mod html;
mod index;
mod library;
mod markdown;
mod reader;
mod reference;
mod samples;
mod schema;
mod search;
mod start;
mod status;

use std::sync::Arc;

use axum::routing::get;
use axum::{Extension, Router};

pub(crate) use self::document::Documents;
use self::library::Library;
use crate::state::AppState;

/// The routes of the portal. `documents` makes the OpenAPI documents when the first reader needs them.
pub(super) fn routes(documents: fn(&AppState) -> Documents) -> Router<AppState> {
    Router::new()
        .route("/", get(start::home))
        .route("/docs", get(start::choose))
        .route("/docs/{language}", get(start::start))
        .route("/docs/{language}/{guide}", get(start::guide))
        .route("/docs/events", get(events::show))
        .route("/docs/errors", get(errors::list))
        .route("/docs/reference", get(reference::start))
        .route("/docs/reference/{generation}", get(reference::generation))
        .route("/docs/reference/{generation}/{operation}", get(reference::operation))
        .route("/docs/search", get(search::show))
        .route("/docs/changelog", get(changelog::show))
        .route("/docs/changelog.atom", get(changelog::atom))
        .route("/docs/changelog.json", get(changelog::json))
        .route("/docs/events.atom", get(events::atom))
        .route("/docs/events.json", get(events::json))
        .route("/docs/errors.atom", get(errors::atom))
        .route("/docs/errors.json", get(errors::json))
        .route("/status.atom", get(status::atom))
        .route("/status.json", get(status::json))
        .route("/errors/{slug}", get(errors::show))
        .route("/llms.txt", get(changelog::overview))
        .route("/status", get(status::show))
        .layer(Extension(Arc::new(Library::new(documents))))
}
