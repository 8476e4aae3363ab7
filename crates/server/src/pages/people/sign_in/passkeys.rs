//! Adding and removing passkeys. The page has the options for the browser's authenticator, and a script of ours sends
//! its answer in the form.

use app::people::factors::FactorsRefused;
use app::people::passkeys::{self, Added};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::FactorRefused;

use super::super::account::browser;
use super::super::gate::COOKIE;
use super::super::visit::Visit;
use super::password::own;
use super::query::of_form;
use super::recovery::{recovery_codes, refused};
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

/// The longest name of a passkey, in characters.
const LONGEST_NAME: usize = 40;
/// The person's own page, to which these pages lead.
const ACCOUNT: &str = "/me";

/// The form that adds a passkey.
pub(in crate::pages) struct Adding {
    /// The options for the browser, in JSON.
    pub(in crate::pages) options: String,
    pub(in crate::pages) name: String,
    /// The fault of the name; empty if it is right.
    pub(in crate::pages) wrong_name: String,
    /// Whether the answer was refused.
    pub(in crate::pages) wrong: bool,
}

/// The fault of a form that adds a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::pages) enum Fault {
    Nothing,
    Name,
    Answer,
}

#[derive(Template)]
#[template(path = "people/passkey.html")]
struct PasskeyPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    action: &'static str,
    to: String,
    passkey: Adding,
}

/// The form with a new challenge; `None` if browsers make no passkeys at this server's address.
pub(in crate::pages) async fn adding(
    visit: &Visit, name: Option<String>, fault: Fault,
) -> Result<Option<Adding>, Response> {
    let Some(party) = visit.state.passkeys.clone() else { return Ok(None) };
    let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
    let begin = move |tx: &mut Tx<'_>| passkeys::begin_adding(tx, now, &by, &party);
    let options = visit.state.store.write(begin).await.map_err(refused)?;
    let t = visit.texts();
    let name = name.unwrap_or_else(|| browser(&visit.visitor.session.origin.agent, &t.console));
    let wrong_name = if fault == Fault::Name { t.passkey.wrong_name.to_owned() } else { String::new() };
    Ok(Some(Adding { options, name, wrong_name, wrong: fault == Fault::Answer }))
}

async fn page(visit: &Visit, name: Option<String>, fault: Fault) -> Response {
    let passkey = match adding(visit, name, fault).await {
        Ok(Some(passkey)) => passkey,
        Ok(None) => return see_other(ACCOUNT),
        Err(answer) => return answer,
    };
    let status = if fault == Fault::Nothing { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (t, frame, path) = (visit.texts(), visit.frame, visit.path.clone());
    let (action, to) = ("/me/passkeys", ACCOUNT.to_owned());
    framed(status, &PasskeyPage { t, frame, path, action, to, passkey })
}

/// Asks the browser to make a passkey.
pub(in crate::pages) async fn show(visit: Visit) -> Response {
    page(&visit, None, Fault::Nothing).await
}

/// Adds a passkey to the person's account.
pub(in crate::pages) async fn add(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    match added(&visit, &form).await {
        Ok(answer) => answer,
        Err(fault) => page(&visit, form.text("name"), fault).await,
    }
}

/// Adds the passkey of a form, or says what is wrong with the form.
pub(in crate::pages) async fn added(visit: &Visit, form: &Form) -> Result<Response, Fault> {
    let (name, answer, to) = (form.line("name"), form.text_or_empty("answer"), of_form(form));
    let fits =
        (1..=LONGEST_NAME).contains(&name.chars().count()) && domain::visible::check_name(&name).is_ok();
    if !fits {
        return Err(Fault::Name);
    }
    let Some(party) = visit.state.passkeys.clone() else { return Ok(see_other(ACCOUNT)) };
    let (state, by) = (visit.state.clone(), visit.visitor.signed_in());
    let (now, limits) = (state.clock.now(), state.config.sessions);
    let add = move |tx: &mut Tx<'_>| passkeys::add(tx, now, &by, (&name, &answer), &party, limits);
    // With the first second factor the answer shows recovery codes. Otherwise it leads to the next page.
    let status = match own(visit).await {
        Ok(factors) if factors.has_second_factor() => StatusCode::SEE_OTHER,
        Ok(_without) => StatusCode::OK,
        Err(gone) => return Ok(gone),
    };
    match visit.change_and_answer(status, b"", add).await {
        Ok(Added { codes, secret }) => {
            let answer = match codes {
                Some(codes) => recovery_codes(visit, codes, to),
                None => see_other(&to),
            };
            Ok(match secret {
                Some(secret) => COOKIE.set(&state, &secret, answer),
                None => answer,
            })
        }
        Err(Failed::Refused(FactorsRefused::Factor(FactorRefused::TooMany))) => Ok(see_other(ACCOUNT)),
        Err(Failed::Refused(FactorsRefused::Factor(_))) => Err(Fault::Answer),
        Err(failed) => Ok(refused(failed)),
    }
}

/// Removes a passkey.
pub(in crate::pages) async fn remove(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let (id, now, by) = (form.text_or_empty("id"), visit.state.clock.now(), visit.visitor.signed_in());
    let remove = move |tx: &mut Tx<'_>| passkeys::remove(tx, now, &by, &id);
    match visit.change(&body, remove).await {
        // The page has no button for the last second factor. A passkey that is gone is as good as removed.
        Ok(()) | Err(Failed::Refused(FactorsRefused::Factor(_))) => see_other(ACCOUNT),
        Err(failed) => refused(failed),
    }
}
