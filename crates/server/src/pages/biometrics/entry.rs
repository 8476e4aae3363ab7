//! The entry to a session: the link's code is exchanged for the browser's cookie.

use app::Failed;
use app::kyc::sessions::SessionRefused;
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::page_visit::VisitedPage;

use super::cookie::{COOKIE, HOME};
use super::messages::no_session;
use super::steps::{StepMessages, steps};
use crate::http::address::origin_of;
use crate::http::extract::Query;
use crate::http::problem::{Rejection, of_store};
use crate::pages::answer::{SNIFF, failure, page};
use crate::pages::cookie::{is_foreign, see_other};
use crate::pages::form::Form;
use crate::pages::visits;
use crate::state::AppState;

/// The script of the page.
pub(in crate::pages) async fn script() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/javascript; charset=utf-8"), (CACHE_CONTROL, "no-cache"), (SNIFF, "nosniff")],
        include_str!("../../../templates/biometrics.js"),
    )
}

#[derive(Template)]
#[template(path = "biometrics_begin.html")]
struct Begin<'a> {
    code: &'a str,
    minutes: u64,
}

/// Limits an address's changes in a minute: files, forms and tried links.
pub(in crate::pages) async fn not_too_often(
    State(state): State<AppState>, request: Request, next: Next,
) -> Response {
    let tries_a_link = request.uri().query().is_some_and(|query| query.contains("code="));
    let counts = request.method() == Method::POST || tries_a_link;
    if counts && let Err(limited) = state.limits.page(origin_of(&request, &state.config.proxies).sure) {
        return failure(&limited);
    }
    next.run(request).await
}

/// Shows the steps of the session, or its entry page.
pub(in crate::pages) async fn show(
    State(state): State<AppState>, method: Method, headers: HeaderMap, query: Result<Query, Rejection>,
) -> Response {
    // A chat's preview sends only HEAD. It is not a person.
    if method == Method::HEAD {
        return StatusCode::NO_CONTENT.into_response();
    }
    let code = match query {
        Ok(mut query) => query.text("code"),
        // A query that is not text is no link of this server.
        Err(_no_text) => return no_session(SessionRefused::Unknown),
    };
    let (real, secret) = (state.clock.now(), COOKIE.secret_of(&state, &headers));
    let given_code = code.clone();
    let found = state.store.read(move |tx| {
        let own = secret.as_deref().map(|secret| app::kyc::sessions::of_page(tx, real, secret)).transpose();
        match &given_code {
            // A link opens its own session, even if this browser had another one.
            Some(code) => {
                let of_link = app::kyc::sessions::of_code(tx, real, code)?;
                let same = match own {
                    Ok(own) => own.is_some_and(|own| own.id == of_link.id),
                    Err(Failed::Refused(_over_or_unknown)) => false,
                    Err(error @ Failed::Store(_)) => return Err(error),
                };
                Ok((of_link, same))
            }
            None => Ok((own?.ok_or(Failed::Refused(SessionRefused::Unknown))?, true)),
        }
    });
    let found = found.await;
    if let Ok((session, _)) = &found {
        let of_customer = [session.customer.to_string()];
        visits::note(&state, &(method, headers), session.partner, of_customer, VisitedPage::Kyc);
    }
    match (found, code) {
        (Ok((session, true)), _) => steps(&state, &session, StepMessages::default()).await,
        (Ok((_, false)), Some(code)) => entry_page(&state, &code).await,
        (Ok((_, false)), None) => no_session(SessionRefused::Unknown),
        (Err(Failed::Refused(refused)), _) => no_session(refused),
        (Err(Failed::Store(error)), _) => failure(&of_store(error)),
    }
}

/// The entry page of a session, with the secret of this browser's future session.
async fn entry_page(state: &AppState, code: &str) -> Response {
    let (real, given_code) = (state.clock.now(), code.to_owned());
    let visit = state.store.write(move |tx| {
        let session = app::kyc::sessions::visit(tx, real, &given_code)?;
        let secret = app::kyc::sessions::page_secret(tx, &session);
        Ok((session, secret))
    });
    match visit.await {
        Ok((session, secret)) => {
            let minutes = session.expires_at.since(state.now_of(session.partner)).as_secs().div_ceil(60);
            COOKIE.set(state, &secret, page(StatusCode::OK, &Begin { code, minutes }))
        }
        Err(Failed::Refused(refused)) => no_session(refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Exchanges the link's code. From then on the browser's cookie identifies the session.
pub(in crate::pages) async fn begin(
    State(state): State<AppState>, headers: HeaderMap, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let code = form.text("code").filter(|_| !is_foreign(&headers));
    let Some(code) = code else { return no_session(SessionRefused::Unknown) };
    let Some(secret) = COOKIE.secret_of(&state, &headers) else {
        return no_session(SessionRefused::OtherBrowser);
    };
    let (real, lifetime) = (state.clock.now(), state.config.lifetimes.session_token);
    let begin =
        move |tx: &mut app::Tx<'_>| app::kyc::sessions::begin_on_page(tx, real, &code, &secret, lifetime);
    match state.store.write(begin).await {
        Ok(()) => see_other(HOME),
        Err(Failed::Refused(refused)) => no_session(refused),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Redirects a form's address to the session's page when somebody opens it.
pub(in crate::pages) async fn home() -> Response {
    see_other(HOME)
}
