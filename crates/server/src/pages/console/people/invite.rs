//! The form that invites a person to the console, by e-mail.

use std::sync::Arc;

use app::people::invitations::{Invite, InviteRefused};
use app::people::proposals::{ProposeRefused, invite_person};
use app::{Failed, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;
use domain::access::RoleNames;
use domain::credential::Maker;
use domain::person::Email;

use super::form::{RoleChoice, choices, roles_of, wrong_name, wrong_roles};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/person_invite.html")]
struct InvitePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    given: Given,
    roles: Vec<RoleChoice>,
    wrong: Wrong,
}

/// The fields as they were typed.
#[derive(Default)]
struct Given {
    name: String,
    email: String,
    roles: RoleNames,
}

/// The fault of each field; empty if it is right.
#[derive(Default)]
struct Wrong {
    name: String,
    email: String,
    roles: String,
}

impl Wrong {
    fn is_empty(&self) -> bool {
        self.name.is_empty() && self.email.is_empty() && self.roles.is_empty()
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
    let page = InvitePage { t, frame: visit.frame, path: visit.path.clone(), around, given, roles, wrong };
    framed(status, &page)
}

/// Makes the person and sends the invitation.
pub(in crate::pages::console) async fn invite(visit: Visit, body: Bytes) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let t = visit.texts();
    let roles = roles_of(&form, &visit.state.config.roles);
    let given = Given { name: form.text_or_empty("name"), email: form.text_or_empty("email"), roles };
    let email = Email::parse(&given.email);
    let wrong = Wrong {
        name: wrong_name(&given.name, t),
        email: email.as_ref().err().map(|_| t.people.wrong_email.to_owned()).into_iter().collect(),
        roles: wrong_roles(&given.roles, t),
    };
    let (Ok(email), true) = (email, wrong.is_empty()) else { return page(&visit, given, wrong) };
    let created_by = Maker::Operator(visit.visitor.operator.id);
    let command =
        Invite { name: given.name.clone(), email, roles: given.roles.clone(), team: None, created_by };
    let (by, lender) = (visit.proposer(), Arc::clone(&visit.state.lender));
    let invite = move |tx: &mut Tx<'_>| invite_person(tx, &command, &lender, &by);
    match visit.change(&body, invite).await {
        Ok((operator, _proposal)) => see_other(&format!("/console/people/{}?invited", operator.id)),
        // The roles of a new person were not proposed before.
        Err(Failed::Refused(ProposeRefused::UseCase(InviteRefused::Taken) | ProposeRefused::Proposed(_))) => {
            page(&visit, given, Wrong { email: t.people.taken.to_owned(), ..Wrong::default() })
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
