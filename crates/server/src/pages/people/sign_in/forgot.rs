//! The page for people who forgot their password. Its answer is the same for every address, and it comes before the
//! address is looked up. So neither the answer nor its time tells whether the address is known. A person gets one link in
//! ten minutes, and a caller's network asks for ten in that time.

use std::sync::Arc;

use app::Tx;
use app::people::invitations;
use askama::Template;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::person::Email;
use tracing::Instrument as _;

use super::super::gate::recorded_with;
use crate::http::address::origin_of;
use crate::http::extract::body_up_to;
use crate::http::recorded::Named;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::kit::framed;
use crate::pages::texts::Texts;
use crate::state::AppState;

/// Most bytes of the form.
const MOST_BYTES: usize = 4_096;

#[derive(Template)]
#[template(path = "people/forgot.html")]
struct Forgot {
    t: &'static Texts,
    frame: Frame,
    path: &'static str,
    sent: bool,
}

fn page(headers: &HeaderMap, query: &Query<FrameQuery>, sent: bool) -> Response {
    let frame = Frame::of(headers, query);
    framed(StatusCode::OK, &Forgot { t: frame.texts(), frame, path: "/sign-in/forgot", sent })
}

/// Asks for the address.
pub(in crate::pages) async fn show(headers: HeaderMap, query: Query<FrameQuery>) -> Response {
    page(&headers, &query, false)
}

/// Sends the link, if somebody has the address.
pub(in crate::pages) async fn send(
    State(state): State<AppState>, query: Query<FrameQuery>, request: Request,
) -> Response {
    if let Err(limited) = state.limits.reset(origin_of(&request, &state.config.proxies).sure) {
        return failure(&limited);
    }
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let form = match body_up_to(request, MOST_BYTES).await.and_then(|bytes| Form::read(&bytes)) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let typed = form.text_or_empty("email");
    let mark = state.store.keyring().lookup("sign_in", &typed.to_lowercase());
    let named = Named::of(&state, &parts);
    if let Ok(email) = Email::parse(&typed) {
        // The letter has the cause of this request.
        let sending = sent(state.clone(), email, named.clone());
        tokio::spawn(app::caused_by(app::present_cause(), sending.in_current_span()));
    }
    recorded_with(&state, None, &named, mark, page(&parts.headers, &query, true)).await
}

/// Sends the link. The commit of the e-mail notes the person.
async fn sent(state: AppState, email: Email, named: Named) {
    let (now, lender) = (state.clock.now(), Arc::clone(&state.lender));
    let send = move |tx: &mut Tx<'_>| {
        let Some(operator) = invitations::forgot(tx, now, &email, &lender)? else { return Ok(()) };
        app::people::trail::note(tx, &named.changing(now, operator.id, StatusCode::OK, b""))
    };
    if let Err(error) = state.store.write(send).await {
        tracing::error!(%error, "a link for a new password was not sent");
    }
}
