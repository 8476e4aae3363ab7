//! Lets only signed-in people through, and records their requests in the audit trail.

use std::sync::{Arc, OnceLock};

use app::Failed;
use app::people::sign_in::SignInRefused;
use axum::extract::{MatchedPath, OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;
use domain::access::Session;
use domain::id::OperatorId;

use super::desk::Desk;
use super::notice::{forbidden, notice};
use super::steps::{self, leading};
use super::visitor::Visitor;
use crate::http::address::origin_of;
use crate::http::problem::of_store;
use crate::http::recorded::{self, Named};
use crate::pages::answer::failure;
use crate::pages::cookie::{SecretCookie, is_foreign, see_other};
use crate::state::AppState;

/// The cookie of a person's session. The session itself ends before.
pub(in crate::pages) const COOKIE: SecretCookie = SecretCookie {
    name: "__Host-dinie_person",
    plain_name: "dinie_person",
    plain_path: "/",
    seconds: 86_400,
};

/// Limits the forms of an address in a minute, so that nobody guesses links and passwords. Refuses forms of other
/// sites, so that nobody is signed in as somebody else without noticing.
pub(in crate::pages) async fn not_too_often(
    State(state): State<AppState>, request: Request, next: Next,
) -> Response {
    if request.method() == Method::POST {
        if is_foreign(request.headers()) {
            return foreign(request.headers());
        }
        if let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
            return failure(&limited);
        }
    }
    next.run(request).await
}

/// The status with which the commit of a form's change has noted the form in the audit trail.
#[derive(Debug, Clone, Default)]
pub(in crate::pages) struct Noted(pub(in crate::pages) Arc<OnceLock<StatusCode>>);

/// Lets only signed-in people through. An answer leaves only after its request is in the audit trail.
pub(in crate::pages) async fn signed_in(
    State(state): State<AppState>, request: Request, next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0).clone();
    let visitor = match visitor_of(&state, &parts.headers).await {
        Ok(Some(visitor)) => visitor,
        Ok(None) => return to_sign_in(&uri),
        Err(failed) => return failed,
    };
    if parts.method != Method::GET && parts.method != Method::HEAD && is_foreign(&parts.headers) {
        return foreign(&parts.headers);
    }
    if let Some(place) = elsewhere(&parts, &uri, &visitor) {
        return see_other(&place);
    }
    if let Err((_allowance, limited)) = state.limits.operator(visitor.operator.id, state.clock.now()) {
        return failure(&limited);
    }
    let by_itself = asked_by_itself(&parts);
    if !by_itself {
        note_seen(&state, &visitor.session);
    }
    if let Some(team) = visitor.operator.team {
        match Desk::of_member(&state, team).await {
            Ok(Some(desk)) => drop(parts.extensions.insert(desk)),
            Ok(None) => return forbidden(&parts.headers),
            Err(error) => return failure(&of_store(error)),
        }
    }
    let operator = visitor.operator.id;
    let (named, noted) = (Named::of(&state, &parts), Noted::default());
    parts.extensions.insert(visitor);
    parts.extensions.insert(noted.clone());
    parts.extensions.insert(named.clone());
    let response = next.run(Request::from_parts(parts, body)).await;
    if noted.0.get() == Some(&response.status()) {
        return response;
    }
    if by_itself && response.status().is_success() && response.extensions().get::<Unrecorded>().is_some() {
        return response;
    }
    recorded(&state, Some(operator), &named, response).await
}

/// An answer to an open page that names no customer. The audit trail has the request of the page itself.
#[derive(Debug, Clone, Copy)]
pub(in crate::pages) struct Unrecorded;

/// Whether an open page asks by itself, without its person. Such a request keeps no session alive.
fn asked_by_itself(parts: &Parts) -> bool {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    path.starts_with("/console/live/") || path.starts_with("/dashboard/live/")
}

/// The page to which a person is sent instead. A session that lacks a step of the sign-in opens only the page of that
/// step, and a whole session opens none of these pages.
fn elsewhere(parts: &Parts, uri: &Uri, visitor: &Visitor) -> Option<String> {
    let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
    let Some(step) = visitor.lacks else {
        let home = steps::home(visitor.operator.team.is_some());
        // The links of sign-ins lead to the console, whose first page is none for a partner's team.
        return (steps::is_step(path) || (path == "/console" && home != path)).then(|| home.to_owned());
    };
    let page = steps::place(step);
    if path == page || path == "/sign-out" {
        return None;
    }
    let is_page = parts.method == Method::GET && !steps::is_step(path);
    Some(if is_page { leading(page, place_of(uri)) } else { page.to_owned() })
}

/// Records a request in the audit trail and answers it.
pub(in crate::pages) async fn recorded(
    state: &AppState, operator: Option<OperatorId>, named: &Named, response: Response,
) -> Response {
    match recorded::enter(state, operator, named, response.status()).await {
        Ok(()) => response,
        Err(error) => failure(&of_store(error)),
    }
}

/// Records a sign-in that failed, and answers it. `mark` is the keyed hash of the address that was given. It shows
/// repeated tries with one address.
pub(in crate::pages) async fn attempted(
    state: &AppState, operator: Option<OperatorId>, named: &Named, mark: String, response: Response,
) -> Response {
    metrics::counter!("dinie_sign_ins_failed_total").increment(1);
    recorded_with(state, operator, named, mark, response).await
}

/// Counts a session that a person has opened.
pub(in crate::pages) fn opened_by(way: &'static str) {
    metrics::counter!("dinie_sign_ins_total", "way" => way).increment(1);
}

/// Records a request with the keyed hash of the address that was given, and answers it.
pub(in crate::pages) async fn recorded_with(
    state: &AppState, operator: Option<OperatorId>, named: &Named, mark: String, response: Response,
) -> Response {
    match recorded::enter_attempt(state, operator, named, response.status(), mark).await {
        Ok(()) => response,
        Err(error) => failure(&of_store(error)),
    }
}

/// The person of the browser's session; `None` if nobody is signed in. The session and the person are read at every
/// request, so an ended session and a revoked person lose access at once, on every node.
async fn visitor_of(state: &AppState, headers: &HeaderMap) -> Result<Option<Visitor>, Response> {
    let Some(secret) = COOKIE.secret_of(state, headers) else { return Ok(None) };
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let find = move |tx: &mut app::Tx<'_>| app::people::sign_in::of_session(tx, now, &secret, limits);
    match state.store.read(find).await {
        Ok(signed_in) => Ok(Some(Visitor::of(state, signed_in))),
        Err(Failed::Refused(
            SignInRefused::NotFound
            | SignInRefused::Entry(_)
            | SignInRefused::Session(_)
            | SignInRefused::Revoked,
        )) => Ok(None),
        Err(Failed::Store(error)) => Err(failure(&of_store(error))),
    }
}

/// Notes the request of a session, if the last noted one is a while ago. The page does not wait for it.
fn note_seen(state: &AppState, session: &Session) {
    let now = state.clock.now();
    if session.clone().see(now).is_none() {
        return;
    }
    let (of, id, store) = (session.operator, session.id, state.store.clone());
    tokio::spawn(async move {
        if let Err(error) = store.write(move |tx| app::people::sign_in::see(tx, now, of, id)).await {
            tracing::warn!(%error, session.id = %id, "the last request of a session was not noted");
        }
    });
}

/// Sends a browser to the sign-in, and back to this address afterwards.
pub(in crate::pages) fn to_sign_in(uri: &Uri) -> Response {
    see_other(&leading(steps::SIGN_IN, place_of(uri)))
}

fn place_of(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/console", |place| place.as_str())
}

/// The answer to a form that another site sent.
pub(in crate::pages) fn foreign(headers: &HeaderMap) -> Response {
    notice(headers, StatusCode::FORBIDDEN, |t| (t.foreign_form, t.foreign_form_text))
}
