//! A signed-in person's request, as the pages receive it.

use std::net::IpAddr;

use app::{Failed, Tx};
use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;

use super::frame::ConsoleFrame;
use super::gate::{self, Noted};
use super::visitor::Visitor;
use crate::http::address::origin_of_parts;
use crate::http::recorded::Named;
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
    /// The address of the caller's network, by which tries are limited.
    pub(in crate::pages) address: Option<IpAddr>,
    named: Named,
    noted: Noted,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let (visitor, noted) = (parts.extensions.get::<Visitor>(), parts.extensions.get::<Noted>());
        let (Some(visitor), Some(noted)) = (visitor.cloned(), noted.cloned()) else {
            return Err(gate::to_sign_in(&parts.uri));
        };
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        // An address without a theme, or with one that is not text, has the reader's own theme.
        let query = Query::try_from_uri(uri).unwrap_or(Query(FrameQuery::default()));
        let frame = Frame::of(&parts.headers, &query);
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        let address = origin_of_parts(parts, &state.config.proxies).sure;
        Ok(Self { state: state.clone(), visitor, frame, path, address, named: Named::of(parts), noted })
    }
}

impl Visit {
    /// Runs a use case that changes something. The same commit notes the form in the audit trail, as the operator API
    /// notes a call. The form's answer must be a redirection.
    ///
    /// `form` is the whole form, or nothing if the form has a secret: a secret must not be guessed from its hash.
    pub(in crate::pages) async fn change<T: Send + 'static, R: Send + 'static>(
        &self, form: &[u8], use_case: impl Fn(&mut Tx<'_>) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Failed<R>> {
        self.change_and_answer(StatusCode::SEE_OTHER, form, use_case).await
    }

    /// [`Visit::change`] with another status of the form's answer.
    pub(in crate::pages) async fn change_and_answer<T: Send + 'static, R: Send + 'static>(
        &self, status: StatusCode, form: &[u8],
        use_case: impl Fn(&mut Tx<'_>) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Failed<R>> {
        let call = self.named.changing(self.state.clock.now(), self.visitor.operator.id, status, form);
        let change = move |tx: &mut Tx<'_>| {
            let outcome = use_case(tx)?;
            app::people::trail::note(tx, &call)?;
            Ok::<_, Failed<R>>(outcome)
        };
        let outcome = self.state.store.write(change).await?;
        // A form with a second change has its entry already.
        let _first_stays = self.noted.0.set(status);
        Ok(outcome)
    }

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
