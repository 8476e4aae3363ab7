//! A signed-in person's request, as the pages receive it.

use std::net::IpAddr;

use app::people::proposals::Proposer;
use app::people::trail;
use app::queues::{self, QueueCount};
use app::{Failed, StoreError, Tx};
use axum::extract::{FromRequestParts, OriginalUri, Query};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, Uri};
use axum::response::Response;
use domain::access::Permission;

use super::desk::Desk;
use super::frame::Around;
use super::gate::{self, Noted};
use super::visitor::Visitor;
use crate::http::address::origin_of_parts;
use crate::http::problem::of_store;
use crate::http::recorded::Named;
use crate::pages::addresses::joined;
use crate::pages::answer::failure;
use crate::pages::console::case_bar::CaseBar;
use crate::pages::console::filter::Asked;
use crate::pages::console::navigation::{self as console, Shown};
use crate::pages::console::viewer::viewer;
use crate::pages::dashboard::navigation as dashboard;
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
    /// The cases that wait in the queues that the person may see.
    counts: Vec<QueueCount>,
    /// The case for which the page was opened.
    pub(in crate::pages) case: Option<CaseBar>,
    /// The partner's desk at which the person works; `None` in the console.
    pub(in crate::pages) desk: Option<Desk>,
}

impl FromRequestParts<AppState> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let given = &parts.extensions;
        let (visitor, noted) = (given.get::<Visitor>().cloned(), given.get::<Noted>().cloned());
        let desk = given.get::<Desk>().cloned();
        let (Some(visitor), Some(noted), Some(named)) = (visitor, noted, given.get::<Named>().cloned())
        else {
            return Err(gate::to_sign_in(&parts.uri));
        };
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
        // An address without a theme, or with one that is not text, has the reader's own theme.
        let query = Query::try_from_uri(uri).unwrap_or(Query(FrameQuery::default()));
        let frame = Frame::of(&parts.headers, &query);
        let path = uri.path_and_query().map_or_else(String::new, ToString::to_string);
        // A part of a page leads back to the page itself.
        let current =
            parts.headers.get("hx-current-url").and_then(|url| url.to_str().ok()?.parse::<Uri>().ok());
        let place = current.as_ref().unwrap_or(uri).path_and_query();
        let back = place.map_or_else(String::new, ToString::to_string);
        // The parts that htmx asks for have no navigation.
        let is_whole = !parts.headers.contains_key("hx-request");
        let counts = if is_whole { counts(state, &visitor, &parts.method).await } else { Ok(Vec::new()) };
        let case = case_of(state, &visitor, (uri, &back), frame.texts()).await;
        let (counts, case) =
            counts.and_then(|counts| Ok((counts, case?))).map_err(|e| failure(&of_store(e)))?;
        let address = origin_of_parts(parts, &state.config.proxies).sure;
        let state = state.clone();
        Ok(Self { state, visitor, frame, path, address, named, noted, counts, case, desk })
    }
}

/// The counts of the queues that the person may see. A form has those of the page before it.
async fn counts(state: &AppState, visitor: &Visitor, method: &Method) -> Result<Vec<QueueCount>, StoreError> {
    let (me, may) = (visitor.operator.id, visitor.grants.permissions);
    if !may.contains(Permission::ReadQueues) {
        return Ok(Vec::new());
    }
    if method == Method::POST
        && let Some(last) = state.last_counts.of(me, may)
    {
        return Ok(last);
    }
    let now = state.clock.now();
    let viewer = viewer(state, visitor, now).await?;
    let counts = state.store.list(move |tx: &mut Tx<'_>| queues::counts(tx, now, &viewer)).await?;
    state.last_counts.remember(me, may, &counts);
    Ok(counts)
}

/// The case that the address names, if the person may see its queue.
async fn case_of(
    state: &AppState, visitor: &Visitor, (uri, back): (&Uri, &str), t: &'static Texts,
) -> Result<Option<CaseBar>, StoreError> {
    let asked = Query::<Asked>::try_from_uri(uri).ok();
    let Some(opened) = asked.and_then(|asked| asked.opened()) else { return Ok(None) };
    let may = |permission| visitor.grants.allows(permission);
    if !may(Permission::ReadQueues) || !may(opened.queue.permission()) {
        return Ok(None);
    }
    let (now, me) = (state.clock.now(), visitor.operator.id);
    let find = move |tx: &mut Tx<'_>| queues::these(tx, now, me, opened.queue, &[opened.subject()]);
    let found = state.store.list(find).await?;
    Ok(Some(CaseBar::of(&opened, found.first(), (me, back), t)))
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
            let before = trail::state_of(tx, &call.operation)?;
            let outcome = use_case(tx)?;
            trail::note_change(tx, &call, before)?;
            Ok::<_, Failed<R>>(outcome)
        };
        let outcome = self.state.store.write(change).await?;
        // A form with a second change has its entry already.
        let _first_stays = self.noted.0.set(status);
        Ok(outcome)
    }

    /// The person as the first one of a decision that may need two.
    pub(in crate::pages) fn proposer(&self) -> Proposer {
        Proposer {
            operator: self.visitor.operator.id,
            four_eyes: self.state.config.four_eyes,
            now: self.state.clock.now(),
        }
    }

    /// The texts of the page.
    pub(in crate::pages) fn texts(&self) -> &'static Texts {
        self.frame.texts()
    }

    /// The parts around the page.
    pub(in crate::pages) fn around(&self) -> Around {
        let (t, case) = (self.texts(), self.case.as_ref());
        let place = match &self.desk {
            Some(desk) => dashboard::place(desk, &self.path, self.state.config.environment, t),
            None => console::place(&self.visitor, &Shown { path: &self.path, counts: &self.counts, case }, t),
        };
        Around::of(&self.visitor, place, self.state.config.environment, case)
    }

    /// An address for the case for which the page was opened, so that the way to the next case stays.
    pub(in crate::pages) fn kept(&self, address: &str) -> String {
        self.case.as_ref().map_or_else(|| address.to_owned(), |case| joined(address, &case.query))
    }
}
