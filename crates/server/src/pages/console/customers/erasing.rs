//! The question before a person's data is erased, and its form.

use app::people::proposals::{Outcome, ProposeRefused, erase_customer};
use app::personal_data::EraseRefused;
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::CustomerId;

use super::super::proposals;
use super::super::question::Question;
use super::ending::{asked, sheet};
use super::page::page;
use super::rows;
use super::shown::{Place, Problem, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::framed;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Asks whether to erase the data of a customer's people.
pub(in crate::pages::console) async fn ask(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let sheet = match sheet(&visit, id, &headers).await {
        Ok(sheet) => sheet,
        Err(answer) => return *answer,
    };
    let t = visit.texts();
    let question = Question {
        words: (t.asking.erase)(&rows::name(&sheet.file, t)),
        about: t.asking.erase_about,
        action: format!("/console/customers/{id}/erase"),
        button: t.asking.erase_button.to_owned(),
    };
    framed(StatusCode::OK, &asked(visit, &sheet, question))
}

/// Erases the data, plans its erasure, or proposes it.
pub(in crate::pages::console) async fn erase(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let (by, years) = (visit.proposer(), visit.state.config.lifetimes.borrower_years);
    let erase = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, by.now, &customer)?;
        erase_customer(tx, partner, now, customer, (&by, years))
    };
    match visit.change(&body, erase).await {
        Ok(Outcome::Done(_)) => see_other(&visit.kept(&format!("/console/customers/{customer}"))),
        Ok(Outcome::Proposed(proposal)) => see_other(&visit.kept(&proposals::address(proposal.id))),
        Err(Failed::Refused(ProposeRefused::Proposed(id))) => see_other(&visit.kept(&proposals::address(id))),
        Err(Failed::Refused(ProposeRefused::UseCase(EraseRefused::NotFound))) => unknown(&headers),
        Err(Failed::Refused(ProposeRefused::UseCase(refused))) => {
            let problem = match refused {
                EraseRefused::LoanOpen(_) => Problem::LoanOpen,
                EraseRefused::NotFound | EraseRefused::Erased => Problem::Changed,
            };
            let shown = Shown { problem: Some(problem), ..Shown::masked(Place::default()) };
            page(visit, &headers, &id, shown, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
