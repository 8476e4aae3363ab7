//! The second factor: a code of the authenticator app, or a recovery code. It completes a sign-in, or proves again who
//! the person of a session is.

use app::people::authenticator::Given;
use app::people::factors::{self, FactorsRefused};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;

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
            Self::SignIn => "/console/sign-in/code",
            Self::Proof => steps::PROOF,
        }
    }
}

#[derive(Template)]
#[template(path = "console/code.html")]
struct CodePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    action: &'static str,
    to: String,
    is_proof: bool,
    /// Whether the person has an app that gives codes.
    has_app: bool,
    wrong: bool,
}

/// Asks for the second factor of a sign-in.
pub(in crate::pages::console) async fn show(visit: Visit, Query(back): Query<Back>) -> Response {
    page(&visit, Purpose::SignIn, back.place(), false).await
}

/// Asks for a fresh proof of the person.
pub(in crate::pages::console) async fn show_proof(visit: Visit, Query(back): Query<Back>) -> Response {
    page(&visit, Purpose::Proof, back.place(), false).await
}

async fn page(visit: &Visit, purpose: Purpose, to: String, wrong: bool) -> Response {
    let of = visit.visitor.operator.id;
    let factors = match visit.state.store.read(move |tx| factors::factors(tx, of)).await {
        Ok(factors) => factors,
        Err(Failed::Refused(app::NotFound)) => return see_other(steps::SIGN_IN),
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = CodePage {
        t: visit.texts(),
        frame: visit.frame,
        path: leading(purpose.place(), &to),
        action: purpose.place(),
        to,
        is_proof: purpose == Purpose::Proof,
        has_app: factors.has_authenticator,
        wrong,
    };
    framed(status, &page)
}

/// Completes a sign-in.
pub(in crate::pages::console) async fn give(visit: Visit, body: Bytes) -> Response {
    checked(visit, Purpose::SignIn, &body).await
}

/// Proves again who the person of a session is.
pub(in crate::pages::console) async fn prove(visit: Visit, body: Bytes) -> Response {
    checked(visit, Purpose::Proof, &body).await
}

async fn checked(visit: Visit, purpose: Purpose, body: &[u8]) -> Response {
    let form = match Form::read(body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let (given, to) = (Given::read(&form.text_or_empty("code")), of_form(&form));
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
            page(&visit, purpose, to, true).await
        }
        Err(Failed::Refused(FactorsRefused::NotFound | FactorsRefused::NotProved)) => {
            see_other(steps::SIGN_IN)
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
