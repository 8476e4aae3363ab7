//! The second factor: a passkey, a code of the authenticator app, or a recovery code. It completes a sign-in, or proves again who
//! the person of a session is.

use app::people::authenticator::Given;
use app::people::factors::{self, FactorsRefused};
use app::people::passkeys;
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::super::gate::COOKIE;
use super::super::steps::{self, leading};
use super::super::visit::Visit;
use super::password::own;
use super::query::{Back, of_form};
use crate::http::problem::of_store;
use crate::pages::addresses::joined;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

/// The purpose of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    SignIn,
    Proof,
}

impl Purpose {
    fn place(self) -> &'static str {
        match self {
            Self::SignIn => "/sign-in/code",
            Self::Proof => steps::PROOF,
        }
    }
}

#[derive(Template)]
#[template(path = "people/code.html")]
struct CodePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    action: &'static str,
    to: String,
    is_proof: bool,
    /// The options for the browser's passkey, in JSON; empty if the person has none.
    passkey: String,
    /// Whether the person has an app that gives codes.
    has_app: bool,
    /// Whether the person has recovery codes.
    has_codes: bool,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "people/provider_proof.html")]
struct ProviderProof {
    t: &'static Texts,
    frame: Frame,
    path: String,
    /// The way to the provider.
    page: String,
}

/// The fault of a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Code,
    Passkey,
}

/// Asks for the second factor of a sign-in.
pub(in crate::pages) async fn show(visit: Visit, Query(back): Query<Back>) -> Response {
    page(&visit, Purpose::SignIn, back.place(), Wrong::Nothing).await
}

/// Asks for a fresh proof of the person.
pub(in crate::pages) async fn show_proof(visit: Visit, Query(back): Query<Back>) -> Response {
    page(&visit, Purpose::Proof, back.place(), Wrong::Nothing).await
}

async fn page(visit: &Visit, purpose: Purpose, to: String, wrong: Wrong) -> Response {
    let factors = match own(visit).await {
        Ok(factors) => factors,
        Err(gone) => return gone,
    };
    if factors.at_provider {
        let (t, frame, path) = (visit.texts(), visit.frame, leading(purpose.place(), &to));
        let page =
            joined("/sign-in/sso?proof=1", &format!("to={}", utf8_percent_encode(&to, NON_ALPHANUMERIC)));
        return framed(StatusCode::OK, &ProviderProof { t, frame, path, page });
    }
    let passkey = match visit.state.passkeys.clone().filter(|_| !factors.passkeys.is_empty()) {
        Some(party) => {
            let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
            let begin = move |tx: &mut Tx<'_>| passkeys::begin_giving(tx, now, &by, &party);
            match visit.state.store.write(begin).await {
                Ok(options) => options,
                Err(failed) => return refused(failed),
            }
        }
        None => None,
    };
    let status = if wrong == Wrong::Nothing { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = CodePage {
        t: visit.texts(),
        frame: visit.frame,
        path: leading(purpose.place(), &to),
        action: purpose.place(),
        to,
        is_proof: purpose == Purpose::Proof,
        passkey: passkey.into_iter().collect(),
        has_app: factors.has_authenticator,
        has_codes: factors.recovery_codes > 0,
        wrong,
    };
    framed(status, &page)
}

/// Completes a sign-in.
pub(in crate::pages) async fn give(visit: Visit, body: Bytes) -> Response {
    checked(visit, Purpose::SignIn, &body).await
}

/// Proves again who the person of a session is.
pub(in crate::pages) async fn prove(visit: Visit, body: Bytes) -> Response {
    checked(visit, Purpose::Proof, &body).await
}

async fn checked(visit: Visit, purpose: Purpose, body: &[u8]) -> Response {
    let form = match Form::read(body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let to = of_form(&form);
    if let Some(answer) = form.text("answer") {
        return with_passkey(visit, purpose, answer, to).await;
    }
    let given = Given::read(&form.text_or_empty("code"));
    let (state, of) = (visit.state.clone(), visit.visitor.operator.id);
    let is_code = matches!(given, Given::Code(_));
    if is_code && let Err(limited) = state.limits.may_give_code(of, visit.address) {
        return failure(&limited);
    }
    let (now, limits, by) = (state.clock.now(), state.config.sessions, visit.visitor.signed_in());
    let check = move |tx: &mut Tx<'_>| match purpose {
        Purpose::SignIn => factors::after_code(tx, now, &by, &given, limits),
        Purpose::Proof => factors::prove(tx, now, &by, &given, limits),
    };
    match visit.change(b"", check).await {
        Ok((_, secret)) => COOKIE.set(&state, &secret, see_other(&to)),
        Err(Failed::Refused(FactorsRefused::Factor(_))) => {
            if is_code {
                state.limits.wrong_code(of, visit.address);
            }
            page(&visit, purpose, to, Wrong::Code).await
        }
        Err(failed) => refused(failed),
    }
}

async fn with_passkey(visit: Visit, purpose: Purpose, answer: String, to: String) -> Response {
    let Some(party) = visit.state.passkeys.clone() else { return see_other(purpose.place()) };
    let (state, by) = (visit.state.clone(), visit.visitor.signed_in());
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let check = move |tx: &mut Tx<'_>| passkeys::after_passkey(tx, now, &by, &answer, &party, limits);
    match visit.change(b"", check).await {
        Ok((_, secret)) => COOKIE.set(&state, &secret, see_other(&to)),
        Err(Failed::Refused(FactorsRefused::Factor(_))) => page(&visit, purpose, to, Wrong::Passkey).await,
        Err(failed) => refused(failed),
    }
}

/// The answer to a person or a session that is gone.
fn refused(failed: Failed<FactorsRefused>) -> Response {
    match failed {
        Failed::Refused(FactorsRefused::NotFound | FactorsRefused::NotProved | FactorsRefused::Factor(_)) => {
            see_other(steps::SIGN_IN)
        }
        Failed::Store(error) => failure(&of_store(error)),
    }
}
