//! The form that makes a program with its token, which is shown once.

use app::people::operators::CreateOperator;
use app::people::proposals::{self, Created};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::RoleNames;
use domain::credential::Maker;

use super::form::{RoleChoice, choices, end_of, roles_of, wrong_name, wrong_roles};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/program.html")]
struct ProgramPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    given: Given,
    roles: Vec<RoleChoice>,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "console/token.html")]
struct TokenPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    name: String,
    token: String,
    /// Why the token can do nothing yet; empty if it can.
    waits: &'static str,
}

/// The fields as they were typed.
#[derive(Default)]
struct Given {
    name: String,
    /// The last day of the token; empty if it does not end by itself.
    ends_on: String,
    roles: RoleNames,
}

/// The fault of each field; empty if it is right.
#[derive(Default)]
struct Wrong {
    name: String,
    ends_on: String,
    roles: String,
}

impl Wrong {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.ends_on.is_empty() && self.roles.is_empty()
    }
}

/// Shows the empty form.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    page(&visit, Given::default(), Wrong::default())
}

fn page(visit: &Visit, given: Given, wrong: Wrong) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let roles = choices(&visit.state.config.roles, &given.roles);
    let page = ProgramPage { t, frame: visit.frame, path: visit.path.clone(), around, given, roles, wrong };
    framed(status, &page)
}

/// Makes the program and shows its token.
pub(in crate::pages::console) async fn create(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let (t, now) = (visit.texts(), visit.state.clock.now());
    let roles = roles_of(&form, &visit.state.config.roles);
    let given = Given { name: form.text_or_empty("name"), ends_on: form.text_or_empty("ends_on"), roles };
    let end = end_of(&given.ends_on, now);
    let wrong = Wrong {
        name: wrong_name(&given.name, t),
        ends_on: end.err().map(|()| t.people.wrong_day.to_owned()).into_iter().collect(),
        roles: wrong_roles(&given.roles, t),
    };
    let (Ok(expires_at), true) = (end, wrong.is_empty()) else { return page(&visit, given, wrong) };
    let command = CreateOperator {
        environment: visit.state.config.environment,
        name: given.name,
        roles: given.roles,
        expires_at,
        created_by: Maker::Operator(visit.visitor.operator.id),
    };
    let by = visit.proposer();
    let create = move |tx: &mut Tx<'_>| proposals::create_operator(tx, &command, &by);
    match visit.change_and_answer(StatusCode::OK, &body, create).await {
        Ok(Created { operator, token, proposal }) => {
            let waits = if proposal.is_some() { t.people.roles_wait } else { "" };
            // The choice of the language opens the list, because the token is shown only once.
            let (path, name) = ("/console/people".to_owned(), operator.name.clone());
            let around = visit.around();
            let page = TokenPage { t, frame: visit.frame, path, around, name, token, waits };
            framed(StatusCode::OK, &page)
        }
        Err(Failed::Refused(_no_roles_to_propose)) => page(&visit, Given::default(), Wrong::default()),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
