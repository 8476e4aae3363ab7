//! The form that makes a credential of a partner. Its secret is shown once.

use app::Failed;
use app::partners::credentials::{self, CreateCredential, CreateCredentialRefused, CreatedCredential};
use app::partners::{self, Partner};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::credential::{Maker, Scope};
use domain::id::PartnerId;
use domain::time::RealTime;

use super::super::frame::ConsoleFrame;
use super::super::notice::unknown;
use super::super::people::{end_of, wrong_name};
use super::super::visit::Visit;
use super::rows::scope;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/credential_form.html")]
struct CredentialForm {
    t: &'static Texts,
    frame: Frame,
    path: String,
    console: ConsoleFrame,
    partner: String,
    partner_id: String,
    given: Given,
    scopes: Vec<ScopeChoice>,
    wrong: Wrong,
}

struct ScopeChoice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "console/secret.html")]
struct SecretPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    console: ConsoleFrame,
    partner: String,
    partner_id: String,
    name: String,
    client: String,
    secret: String,
}

/// The fields as they were typed.
#[derive(Default)]
struct Given {
    name: String,
    /// The last day of the credential; empty if it does not end by itself.
    ends_on: String,
    scope: Option<Scope>,
}

/// The fault of each field; empty if it is right.
#[derive(Default)]
struct Wrong {
    name: String,
    ends_on: String,
    /// The reason why the partner gets no credential.
    whole: String,
}

impl Wrong {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.ends_on.is_empty() && self.whole.is_empty()
    }
}

impl Given {
    fn read(form: &Form) -> Self {
        Self {
            name: form.line("name"),
            ends_on: form.text_or_empty("ends_on"),
            scope: form.text_or_empty("scope").parse().ok(),
        }
    }

    fn wrong(&self, end: Result<Option<RealTime>, ()>, t: &Texts) -> Wrong {
        Wrong {
            name: wrong_name(&self.name, t),
            ends_on: end.err().map(|()| t.people.wrong_day.to_owned()).into_iter().collect(),
            whole: String::new(),
        }
    }
}

/// Shows the empty form.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    match partner(&visit, &id).await {
        Ok(Some(partner)) => page(visit, &partner, Given::default(), Wrong::default()),
        Ok(None) => unknown(&headers),
        Err(failed) => failed,
    }
}

async fn partner(visit: &Visit, id: &str) -> Result<Option<Partner>, Response> {
    let Ok(id) = id.parse::<PartnerId>() else { return Ok(None) };
    let found = visit.state.store.look_up(move |tx| partners::find(tx, id)).await;
    found.map_err(|error| failure(&of_store(error)))
}

fn page(visit: Visit, partner: &Partner, given: Given, wrong: Wrong) -> Response {
    let (t, console) = (visit.texts(), visit.console());
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen = given.scope.unwrap_or(Scope::Partner);
    let choice = |one: Scope| ScopeChoice { value: one.name(), label: scope(one, t), chosen: one == chosen };
    let form = CredentialForm {
        t,
        frame: visit.frame,
        path: visit.path,
        console,
        partner: partner.name.clone(),
        partner_id: partner.id.to_string(),
        given,
        scopes: Scope::ALL.into_iter().map(choice).collect(),
        wrong,
    };
    framed(status, &form)
}

/// Makes the credential and shows its secret.
pub(in crate::pages::console) async fn create(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let given = match Form::read(&body) {
        Ok(form) => Given::read(&form),
        Err(rejection) => return failure(&rejection),
    };
    let partner = match partner(&visit, &id).await {
        Ok(Some(partner)) => partner,
        Ok(None) => return unknown(&headers),
        Err(failed) => return failed,
    };
    let (t, now, tenant) = (visit.texts(), visit.state.clock.now(), partner.id);
    let end = end_of(&given.ends_on, now);
    let wrong = given.wrong(end, t);
    let (Ok(expires_at), true) = (end, wrong.is_empty()) else { return page(visit, &partner, given, wrong) };
    let command = CreateCredential {
        environment: visit.state.config.environment,
        name: given.name.clone(),
        scope: given.scope.unwrap_or(Scope::Partner),
        expires_at,
        created_by: Maker::Operator(visit.visitor.operator.id),
    };
    let create = move |tx: &mut app::Tx<'_>| credentials::create(tx, tenant, now, &command);
    let whole = match visit.change_and_answer(StatusCode::OK, &body, create).await {
        Ok(created) => return shown_once(&visit, &partner, created),
        Err(Failed::Refused(CreateCredentialRefused::TooMany)) => t.partner.too_many,
        Err(Failed::Refused(CreateCredentialRefused::AlreadyOver)) => t.people.wrong_day,
        Err(Failed::Refused(CreateCredentialRefused::NotFound | CreateCredentialRefused::MakerEnded)) => {
            return unknown(&headers);
        }
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let wrong = Wrong { whole: whole.to_owned(), ..Wrong::default() };
    page(visit, &partner, given, wrong)
}

fn shown_once(visit: &Visit, partner: &Partner, created: CreatedCredential) -> Response {
    let (t, console) = (visit.texts(), visit.console());
    let page = SecretPage {
        t,
        frame: visit.frame,
        // The choice of the language opens the partner, because the secret is shown only once.
        path: format!("/console/partners/{}", partner.id),
        console,
        partner: partner.name.clone(),
        partner_id: partner.id.to_string(),
        name: created.credential.terms.name.clone(),
        client: created.credential.client_id.to_string(),
        secret: created.secret,
    };
    framed(StatusCode::OK, &page)
}
