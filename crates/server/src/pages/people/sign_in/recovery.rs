//! The recovery codes, which are shown once.

use app::people::factors::{self, FactorsRefused};
use app::{Failed, Tx};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::super::steps::{self, leading};
use super::super::visit::Visit;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "people/recovery_codes.html")]
struct RecoveryCodes {
    t: &'static Texts,
    frame: Frame,
    path: String,
    codes: Vec<String>,
    to: String,
}

/// The page with new recovery codes.
pub(in crate::pages) fn recovery_codes(visit: &Visit, codes: Vec<String>, to: String) -> Response {
    // The choice of the language opens another page, because the codes are shown only once.
    let path = "/me".to_owned();
    framed(StatusCode::OK, &RecoveryCodes { t: visit.texts(), frame: visit.frame, path, codes, to })
}

/// Makes new recovery codes.
pub(in crate::pages) async fn codes(visit: Visit) -> Response {
    let (now, by) = (visit.state.clock.now(), visit.visitor.signed_in());
    let replace = move |tx: &mut Tx<'_>| factors::replace_recovery_codes(tx, now, &by);
    match visit.change_and_answer(StatusCode::OK, b"", replace).await {
        Ok(codes) => recovery_codes(&visit, codes, "/me".to_owned()),
        Err(failed) => refused(failed),
    }
}

/// The page to which a refused change of second factors leads.
pub(in crate::pages) fn refused(failed: Failed<FactorsRefused>) -> Response {
    match failed {
        Failed::Refused(FactorsRefused::NotProved) => see_other(&leading(steps::PROOF, "/me")),
        Failed::Refused(FactorsRefused::NotFound | FactorsRefused::Factor(_)) => see_other(steps::SIGN_IN),
        Failed::Store(error) => failure(&of_store(error)),
    }
}
