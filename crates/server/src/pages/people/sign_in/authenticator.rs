//! Setting up a second factor: an authenticator app, or in a sign-in also a passkey.

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
use super::super::visit::Visit;
use super::passkeys::{Adding, Fault, added, adding};
use super::query::{Back, of_form};
use super::recovery::{recovery_codes, refused};
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::qr::drawn;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "people/authenticator.html")]
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
    /// The form that adds a passkey, in a sign-in without a second factor.
    passkey: Option<Adding>,
    /// The address of the form that adds a passkey.
    action: &'static str,
}

fn new_secret() -> AuthenticatorSecret {
    AuthenticatorSecret(Random::open().bytes::<{ totp::SECRET }>().to_vec())
}

/// Shows a new secret as a QR code. A person without a second factor may make a passkey instead.
pub(in crate::pages) async fn show(visit: Visit, Query(back): Query<Back>) -> Response {
    let secret = new_secret();
    page(&visit, &secret, back.place(), Shown::default()).await
}

/// The fields that the page shows again after a refused form.
#[derive(Default)]
struct Shown {
    /// Whether the code was wrong.
    wrong: bool,
    /// The name and the fault of a passkey's form.
    passkey: Option<(Option<String>, Fault)>,
}

async fn page(visit: &Visit, secret: &AuthenticatorSecret, to: String, shown: Shown) -> Response {
    let Shown { wrong, passkey } = shown;
    let is_step = visit.visitor.lacks.is_some();
    let is_refused = wrong || passkey.is_some();
    let (name, fault) = passkey.unwrap_or((None, Fault::Nothing));
    let passkey = if is_step { adding(visit, name, fault).await } else { Ok(None) };
    let passkey = match passkey {
        Ok(passkey) => passkey,
        Err(answer) => return answer,
    };
    let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
    let email = match visit.state.store.read(move |tx| factors::may_set_up(tx, now, &by)).await {
        Ok(email) => email,
        Err(failed) => return refused(failed),
    };
    let status = if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = SetUp {
        t: visit.texts(),
        frame: visit.frame,
        path: visit.path.clone(),
        is_step,
        to,
        qr: drawn(&totp::address(secret, email.as_str())).into_iter().collect(),
        secret: totp::written(secret),
        wrong,
        passkey,
        action: "/sign-in/authenticator",
    };
    framed(status, &page)
}

/// Sets the app up, if the code proves that it has the secret.
pub(in crate::pages) async fn set_up(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    if form.text("answer").is_some() {
        return match added(&visit, &form).await {
            Ok(answer) => answer,
            Err(fault) => {
                let (secret, to) = (new_secret(), of_form(&form));
                let passkey = Some((form.text("name"), fault));
                page(&visit, &secret, to, Shown { passkey, ..Shown::default() }).await
            }
        };
    }
    // The page's own secret reads. Another text gets a page with a new one.
    let Ok(secret) = totp::read(&form.text_or_empty("secret")) else { return see_other(&visit.path) };
    let (to, code) = (of_form(&form), form.text_or_empty("code"));
    let code: String = code.chars().filter(|sign| !sign.is_whitespace()).collect();
    let (state, by, shown) = (visit.state.clone(), visit.visitor.signed_in(), secret.clone());
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let set = move |tx: &mut Tx<'_>| factors::set_authenticator(tx, now, &by, (&secret, &code), limits);
    match visit.change_and_answer(StatusCode::OK, b"", set).await {
        Ok((codes, cookie)) => COOKIE.set(&state, &cookie, recovery_codes(&visit, codes, to)),
        Err(Failed::Refused(FactorsRefused::Factor(_))) => {
            page(&visit, &shown, to, Shown { wrong: true, ..Shown::default() }).await
        }
        Err(failed) => refused(failed),
    }
}
