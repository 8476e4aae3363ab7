//! The form that makes a partner.

use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::people::wrong_name;
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
#[template(path = "console/partner_form.html")]
struct PartnerForm {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    name: String,
    /// The fault of the name; empty if it is right.
    wrong: String,
}

/// Shows the empty form.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    page(visit, String::new(), String::new())
}

fn page(visit: Visit, name: String, wrong: String) -> Response {
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (t, around) = (visit.texts(), visit.around());
    framed(status, &PartnerForm { t, frame: visit.frame, path: visit.path, around, name, wrong })
}

/// Makes the partner and shows it.
pub(in crate::pages::console) async fn create(visit: Visit, body: Bytes) -> Response {
    let name = match Form::read(&body) {
        Ok(form) => form.line("name"),
        Err(rejection) => return failure(&rejection),
    };
    let wrong = wrong_name(&name, visit.texts());
    if !wrong.is_empty() {
        return page(visit, name, wrong);
    }
    let now = visit.state.clock.now();
    let create =
        move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> { Ok(app::partners::create(tx, now, &name)?) };
    match visit.change(&body, create).await {
        Ok(partner) => see_other(&format!("/console/partners/{}", partner.id)),
        Err(Failed::Refused(NotFound)) => page(visit, String::new(), String::new()),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
