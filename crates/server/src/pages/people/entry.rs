//! Entering the console by a link, and leaving it.
//!
//! Opening a link changes nothing: its button uses it up. So the preview of a mail program does not.

use app::Failed;
use app::people::sign_in::{self, SignInRefused};
use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{EntryOver, EntryPurpose, Origin};

use super::gate::{COOKIE, opened_by, recorded};
use super::notice::notice;
use super::steps;
use super::visit::Visit;
use super::visitor::Visitor;
use crate::http::address::kept_origin;
use crate::http::edge::RequestId;
use crate::http::problem::of_store;
use crate::http::recorded::Named;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::kit::framed;
use crate::pages::texts::Texts;
use crate::state::AppState;

#[derive(Template)]
#[template(path = "people/enter.html")]
struct Enter {
    t: &'static Texts,
    frame: Frame,
    path: String,
    name: String,
    invited: bool,
}

/// Shows who the link signs in, with the button that does it.
pub(in crate::pages) async fn show(
    State(state): State<AppState>, Path(secret): Path<String>, headers: HeaderMap, query: Query<FrameQuery>,
) -> Response {
    let (now, shown) = (state.clock.now(), secret.clone());
    match state.store.read(move |tx| sign_in::of_link(tx, now, &shown)).await {
        Ok((operator, entry)) => {
            let frame = Frame::of(&headers, &query);
            let path = format!("/sign-in/link/{secret}");
            let invited = entry.purpose != EntryPurpose::SignIn;
            framed(
                StatusCode::OK,
                &Enter { t: frame.texts(), frame, path, name: operator.name.clone(), invited },
            )
        }
        Err(Failed::Refused(refused)) => refusal(&headers, refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Uses the link up and signs its person in.
pub(in crate::pages) async fn enter(
    State(state): State<AppState>, Path(secret): Path<String>, request: Request,
) -> Response {
    let (now, limits, origin) = (state.clock.now(), state.config.sessions, browser_of(&state, &request));
    // The trail does not name the link, whose path has its secret.
    let request_id = RequestId::of(request.extensions());
    let named = Named { operation: "POST /sign-in/link".to_owned(), request_id, origin: origin.clone() };
    let noted = named.clone();
    let enter = move |tx: &mut app::Tx<'_>| {
        let entered = sign_in::enter(tx, now, &secret, origin.clone(), limits)?;
        let call = noted.changing(now, entered.0.operator.id, StatusCode::SEE_OTHER, b"");
        app::people::trail::note(tx, &call)?;
        Ok::<_, Failed<SignInRefused>>(entered)
    };
    match state.store.write(enter).await {
        Ok((signed_in, secret)) => {
            opened_by("link");
            let place = signed_in.lacks.map_or("/console", steps::place);
            COOKIE.set(&state, &secret, see_other(place))
        }
        Err(Failed::Refused(refused)) => {
            recorded(&state, None, &named, refusal(request.headers(), refused)).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Where a session is opened.
pub(in crate::pages) fn browser_of(state: &AppState, request: &Request) -> Origin {
    kept_origin(request.headers(), request.extensions(), &state.config.proxies)
}

fn refusal(headers: &HeaderMap, refused: SignInRefused) -> Response {
    let status = match refused {
        SignInRefused::NotFound => StatusCode::NOT_FOUND,
        SignInRefused::Entry(_) | SignInRefused::Session(_) | SignInRefused::Revoked => StatusCode::GONE,
    };
    notice(headers, status, |t| match refused {
        SignInRefused::NotFound => (t.link_unknown, t.link_unknown_text),
        SignInRefused::Entry(EntryOver::Used) => (t.link_used, t.link_used_text),
        SignInRefused::Entry(EntryOver::Expired) | SignInRefused::Session(_) => {
            (t.link_expired, t.link_expired_text)
        }
        SignInRefused::Revoked => (t.revoked, t.revoked_text),
    })
}

/// Ends the session.
pub(in crate::pages) async fn sign_out(visit: Visit) -> Response {
    let (now, Visitor { operator, session, .. }) = (visit.state.clock.now(), &visit.visitor);
    let (of, id) = (operator.id, session.id);
    match visit.change(b"", move |tx| sign_in::end(tx, now, of, id)).await {
        Ok(()) | Err(Failed::Refused(app::NotFound)) => {
            COOKIE.forget(&visit.state, see_other(steps::SIGN_IN))
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
