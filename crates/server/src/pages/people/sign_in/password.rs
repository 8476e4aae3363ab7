//! Choosing a password: by the link of an invitation, or on the person's own page.

use app::people::factors::{self, Factors, FactorsRefused};
use app::people::passwords::{LONGEST, PasswordRefused, SHORTEST};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::gate::COOKIE;
use super::super::steps::{self, leading};
use super::super::visit::Visit;
use super::hashing;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "people/password.html")]
struct PasswordPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    name: String,
    email: String,
    /// Whether the person is signing in, and has not come from the own page.
    is_step: bool,
    hint: String,
    /// Empty if nothing is wrong.
    wrong: String,
}

/// Asks for a new password.
pub(in crate::pages) async fn show(visit: Visit) -> Response {
    match own(&visit).await {
        Ok(factors) => page(&visit, &factors, None),
        Err(failed) => failed,
    }
}

fn page(visit: &Visit, factors: &Factors, refused: Option<PasswordRefused>) -> Response {
    let t = visit.texts();
    let wrong = refused.map(|refused| match refused {
        PasswordRefused::TooShort => (t.sign_in.too_short)(SHORTEST),
        PasswordRefused::TooLong => (t.sign_in.too_long)(LONGEST),
        PasswordRefused::Guessable => t.sign_in.guessable.to_owned(),
    });
    let status = if wrong.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = PasswordPage {
        t,
        frame: visit.frame,
        path: visit.path.clone(),
        name: visit.visitor.operator.name.clone(),
        email: factors.email.to_string(),
        is_step: visit.visitor.lacks.is_some(),
        hint: (t.sign_in.password_hint)(SHORTEST),
        wrong: wrong.into_iter().collect(),
    };
    framed(status, &page)
}

/// The factors of the visitor, or the answer to a person who is gone.
pub(in crate::pages) async fn own(visit: &Visit) -> Result<Factors, Response> {
    let of = visit.visitor.operator.id;
    let factors = visit.state.store.read(move |tx| factors::factors(tx, of)).await;
    factors.map_err(|failed| match failed {
        Failed::Refused(app::NotFound) => see_other(steps::SIGN_IN),
        Failed::Store(error) => failure(&of_store(error)),
    })
}

/// Chooses the password.
pub(in crate::pages) async fn choose(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let factors = match own(&visit).await {
        Ok(factors) => factors,
        Err(failed) => return failed,
    };
    let state = visit.state.clone();
    let known = [&visit.visitor.operator.name, factors.email.as_str(), &state.config.creditor.name]
        .map(ToString::to_string);
    let hash = match hashing::chosen(&state, form.exact("password"), known.to_vec()).await {
        Ok(hash) => hash,
        Err(refused) => return page(&visit, &factors, Some(refused)),
    };
    let (now, limits, by) = (state.clock.now(), state.config.sessions, visit.visitor.signed_in());
    let choose = move |tx: &mut Tx<'_>| factors::choose_password(tx, now, &by, &hash, limits);
    match visit.change(b"", choose).await {
        Ok((signed_in, secret)) => {
            let place = signed_in.lacks.map_or("/me", steps::place);
            COOKIE.set(&state, &secret, see_other(place))
        }
        Err(Failed::Refused(FactorsRefused::NotProved)) => see_other(&leading(steps::PROOF, "/me")),
        Err(Failed::Refused(FactorsRefused::NotFound | FactorsRefused::Factor(_))) => {
            see_other(steps::SIGN_IN)
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
