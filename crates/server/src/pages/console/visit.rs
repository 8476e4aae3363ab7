//! A signed-in person's request, as the pages receive it.

use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::request::Parts;
use axum::response::Response;

use super::frame::ConsoleFrame;
use super::gate;
use super::visitor::Visitor;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::texts::Texts;
use crate::state::AppState;

/// A request for a page: who asks, and how the page looks to the browser.
pub(in crate::pages) struct Visit {
    /// The server's state.
    pub(in crate::pages) state: AppState,
    /// The signed-in person.
    pub(in crate::pages) visitor: Visitor,
    /// The reader's preferences.
    pub(in crate::pages) frame: Frame,
    /// The page's address, with its query.
    pub(in crate::pages) path: String,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Some(visitor) = parts.extensions.get::<Visitor>().cloned() else {
            return Err(gate::to_sign_in(&parts.uri));
        };
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        // An address without a theme, or with one that is not text, has the reader's own theme.
        let query = Query::try_from_uri(uri).unwrap_or(Query(FrameQuery::default()));
        let frame = Frame::of(&parts.headers, &query);
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        Ok(Self { state: state.clone(), visitor, frame, path })
    }
}

impl Visit {
    /// The texts of the page.
    pub(in crate::pages) fn texts(&self) -> &'static Texts {
        self.frame.texts()
    }

    /// The parts around the page.
    pub(in crate::pages) fn console(&self) -> ConsoleFrame {
        let environment = self.state.config.environment;
        ConsoleFrame::of(&self.visitor, environment, &self.path, self.texts())
    }
}
