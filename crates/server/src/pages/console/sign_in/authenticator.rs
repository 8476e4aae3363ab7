//! Setting up an authenticator app, and the recovery codes, which are shown once.

use app::database::Random;
use app::people::authenticator as totp;
use app::people::factors::{self, FactorsRefused};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::AuthenticatorSecret;

use super::super::gate::COOKIE;
use super::super::steps::{self, leading};
use super::super::visit::Visit;
use super::query::{Back, of_form};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::qr::drawn;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/authenticator.html")]
struct SetUp {
    t: &'static Texts,
    frame: Frame,
    path: String,
    is_step: bool,
    to: String,
    /// The QR code as an SVG of ours; empty if there is none.
    qr: String,
    secret: String,
    wrong: bool,
}

#[derive(Template)]
#[template(path = "console/recovery_codes.html")]
struct RecoveryCodes {
    t: &'static Texts,
    frame: Frame,
    path: String,
    codes: Vec<String>,
    to: String,
}

/// Shows a new secret as a QR code.
pub(in crate::pages::console) async fn show(visit: Visit, Query(back): Query<Back>) -> Response {
    let secret = AuthenticatorSecret(Random::open().bytes::<{ totp::SECRET }>().to_vec());
    page(&visit, &secret, back.place(), false).await
}

async fn page(visit: &Visit, secret: &AuthenticatorSecret, to: String, wrong: bool) -> Response {
    let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
    let email = match visit.state.store.read(move |tx| factors::may_set_up(tx, now, &by)).await {
        Ok(email) => email,
        Err(failed) => return refused(failed),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SetUp {
        t: visit.texts(),
        frame: visit.frame,
        path: visit.path.clone(),
        is_step: visit.visitor.lacks.is_some(),
        to,
        qr: drawn(&totp::address(secret, email.as_str())).into_iter().collect(),
        secret: totp::written(secret),
        wrong,
    };
    framed(status, &page)
}

fn refused(failed: Failed<FactorsRefused>) -> Response {
    match failed {
        Failed::Refused(FactorsRefused::NotProved) => see_other(&leading(steps::PROOF, "/console/account")),
        Failed::Refused(FactorsRefused::NotFound | FactorsRefused::Factor(_)) => see_other(steps::SIGN_IN),
        Failed::Store(error) => failure(&of_store(error)),
    }
}

/// Sets the app up, if the code proves that it has the secret.
pub(in crate::pages::console) async fn set_up(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    // The page's own secret reads. Another text gets a page with a new one.
    let Ok(secret) = totp::read(&form.text_or_empty("secret")) else { return see_other(&visit.path) };
    let (to, code) = (of_form(&form), form.text_or_empty("code"));
    let code: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
    let (state, by, shown) = (visit.state.clone(), visit.visitor.signed_in(), secret.clone());
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let set = move |tx: &mut Tx<'_>| factors::set_authenticator(tx, now, &by, (&secret, &code), limits);
    match visit.change_and_answer(StatusCode::OK, b"", set).await {
        Ok((codes, cookie)) => COOKIE.set(&state, &cookie, recovery_codes(&visit, codes, to)),
        Err(Failed::Refused(FactorsRefused::Factor(_))) => page(&visit, &shown, to, true).await,
        Err(failed) => refused(failed),
    }
}

fn recovery_codes(visit: &Visit, codes: Vec<String>, to: String) -> Response {
    // The choice of the language opens another page, because the codes are shown only once.
    let path = "/console/account".to_owned();
    framed(StatusCode::OK, &RecoveryCodes { t: visit.texts(), frame: visit.frame, path, codes, to })
}

/// Makes new recovery codes.
pub(in crate::pages::console) async fn codes(visit: Visit) -> Response {
    let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
    let replace = move |tx: &mut Tx<'_>| factors::replace_recovery_codes(tx, now, &by);
    match visit.change_and_answer(StatusCode::OK, b"", replace).await {
        Ok(codes) => recovery_codes(&visit, codes, "/console/account".to_owned()),
        Err(failed) => refused(failed),
    }
}
