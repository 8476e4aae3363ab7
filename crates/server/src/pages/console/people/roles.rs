//! The form that gives a person or a program other roles.

use app::people::operators::{self, ChangeRolesRefused};
use app::people::proposals::{Outcome, ProposeRefused, change_roles};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::{FourEyes, Operator};
use domain::id::OperatorId;

use super::super::proposals;
use super::form::{RoleChoice, choices, roles_of};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{forbidden, refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/person_roles.html")]
struct RolesPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    roles: Vec<RoleChoice>,
    wrong: Wrong,
    /// What follows.
    about: &'static str,
    button: &'static str,
}

/// The fault of the roles; empty if they are right. Any roles are right, also none.
#[derive(Default)]
struct Wrong {
    roles: String,
}

/// Shows the form with the present roles.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    if id == visit.visitor.operator.id {
        return forbidden(&headers);
    }
    match visit.state.store.read(move |tx| operators::find(tx, id)).await {
        Ok(operator) => page(visit, &operator),
        Err(failed) => refused(&headers, failed),
    }
}

fn page(visit: Visit, operator: &Operator) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let (about, button) = match visit.state.config.four_eyes {
        FourEyes::Required => (t.people.roles_two, t.people.roles_propose),
        FourEyes::Off => (t.people.roles_about, t.people.roles_do),
    };
    let page = RolesPage {
        id: operator.id.to_string(),
        name: operator.name.clone(),
        roles: choices(&visit.state.config.roles, &operator.roles),
        wrong: Wrong::default(),
        about,
        button,
        t,
        path: visit.path,
        frame: visit.frame,
        around,
    };
    framed(StatusCode::OK, &page)
}

/// Changes the roles, or proposes the change.
pub(in crate::pages::console) async fn change(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(id) = id.parse::<OperatorId>() else { return unknown(&headers) };
    let roles = match Form::read(&body) {
        Ok(form) => roles_of(&form, &visit.state.config.roles),
        Err(rejection) => return failure(&rejection),
    };
    let by = visit.proposer();
    let run = move |tx: &mut Tx<'_>| change_roles(tx, id, &roles, &by);
    match visit.change(&body, run).await {
        Ok(Outcome::Proposed(proposal)) => see_other(&proposals::address(proposal.id)),
        Err(Failed::Refused(ProposeRefused::Proposed(waiting))) => see_other(&proposals::address(waiting)),
        // The page of one whose access has ended says so.
        Ok(Outcome::Done(_)) | Err(Failed::Refused(ProposeRefused::UseCase(ChangeRolesRefused::Revoked))) => {
            see_other(&format!("/console/people/{id}"))
        }
        Err(Failed::Refused(ProposeRefused::UseCase(ChangeRolesRefused::Own))) => forbidden(&headers),
        Err(Failed::Refused(ProposeRefused::UseCase(ChangeRolesRefused::NotFound))) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
