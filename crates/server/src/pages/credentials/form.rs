//! The form that makes a credential of a partner. Its secret is shown once.

use app::Failed;
use app::partners::credentials::{self, CreateCredential, CreateCredentialRefused, CreatedCredential};
use askama::Template;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::credential::{Maker, Scope};
use domain::time::RealTime;

use super::shelf::{Shelf, scope};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::console::people::{end_of, wrong_name};
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "credentials/form.html")]
struct CredentialForm {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    shelf: Shelf,
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
#[template(path = "credentials/secret.html")]
struct SecretPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    shelf: Shelf,
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
pub(in crate::pages) fn show(visit: Visit, shelf: Shelf) -> Response {
    page(visit, shelf, Given::default(), Wrong::default())
}

fn page(visit: Visit, shelf: Shelf, given: Given, wrong: Wrong) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let chosen = given.scope.unwrap_or(Scope::Partner);
    let choice = |one: Scope| ScopeChoice { value: one.name(), label: scope(one, t), chosen: one == chosen };
    let form = CredentialForm {
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        shelf,
        given,
        scopes: Scope::ALL.into_iter().map(choice).collect(),
        wrong,
    };
    framed(status, &form)
}

/// Makes the credential and shows its secret.
pub(in crate::pages) async fn create(
    visit: Visit, shelf: Shelf, headers: HeaderMap, body: Bytes,
) -> Response {
    let given = match Form::read(&body) {
        Ok(form) => Given::read(&form),
        Err(rejection) => return failure(&rejection),
    };
    let (t, now, tenant) = (visit.texts(), visit.state.clock.now(), shelf.partner.id);
    let end = end_of(&given.ends_on, now);
    let wrong = given.wrong(end, t);
    let (Ok(expires_at), true) = (end, wrong.is_empty()) else { return page(visit, shelf, given, wrong) };
    let command = CreateCredential {
        environment: visit.state.config.environment,
        name: given.name.clone(),
        scope: given.scope.unwrap_or(Scope::Partner),
        expires_at,
        created_by: Maker::Operator(visit.visitor.operator.id),
    };
    let create = move |tx: &mut app::Tx<'_>| credentials::create(tx, tenant, now, &command);
    let whole = match visit.change_and_answer(StatusCode::OK, &body, create).await {
        Ok(created) => return shown_once(&visit, shelf, created),
        Err(Failed::Refused(CreateCredentialRefused::TooMany)) => t.partner.too_many,
        Err(Failed::Refused(CreateCredentialRefused::AlreadyOver)) => t.people.wrong_day,
        Err(Failed::Refused(CreateCredentialRefused::NotFound | CreateCredentialRefused::MakerEnded)) => {
            return unknown(&headers);
        }
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    let wrong = Wrong { whole: whole.to_owned(), ..Wrong::default() };
    page(visit, shelf, given, wrong)
}

/// Shows the secret of a new credential.
pub(super) fn shown_once(visit: &Visit, shelf: Shelf, created: CreatedCredential) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let page = SecretPage {
        t,
        frame: visit.frame,
        // The choice of the language opens the list, because the secret is shown only once.
        path: shelf.list.clone(),
        around,
        shelf,
        name: created.credential.terms.name.clone(),
        client: created.credential.client_id.to_string(),
        secret: created.secret,
    };
    framed(StatusCode::OK, &page)
}
