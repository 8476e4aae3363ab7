//! The questions before a customer is refused for good and before an open offer is withdrawn, and their forms.

use app::credit::offers::{self, WithdrawRefused};
use app::customers::Sheet;
use app::kyc::review::{self, ReviewRefused};
use app::{Failed, NotFound, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::customer::CustomerState;
use domain::id::{CustomerId, DocumentId, OfferId};
use domain::kyc::Requirement;
use domain::offer::OfferState;
use domain::written;

use super::super::question::{Ask, From, Question};
use super::page::page;
use super::rows;
use super::shown::{Place, Problem, Shown};
use crate::http::problem::of_store;
use crate::pages::answer::{failure, fields_of};
use crate::pages::cookie::see_other;
use crate::pages::kit::framed;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Asks whether to refuse a customer under review for good.
pub(in crate::pages::console) async fn ask_refusal(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let sheet = match sheet(&visit, id, &headers).await {
        Ok(sheet) => sheet,
        Err(answer) => return *answer,
    };
    if sheet.file.customer.state != CustomerState::UnderReview {
        return see_other(&visit.kept(&format!("/console/customers/{id}")));
    }
    let t = visit.texts();
    let name = rows::name(&sheet.file, t);
    let question = Question {
        words: (t.asking.refuse)(&name),
        about: t.asking.refuse_about,
        action: format!("/console/customers/{id}/refuse"),
        button: t.asking.refuse_button.to_owned(),
    };
    let mut ask = asked(visit, &sheet, question);
    // The documents on which the person decides.
    let documents = sheet.file.kyc.requirements.iter().flat_map(Requirement::documents);
    ask.hidden = documents.map(|id| ("document", id.to_string())).collect();
    framed(StatusCode::OK, &ask)
}

/// Refuses a customer for good. If the customer has sent another document since, nothing happens.
pub(in crate::pages::console) async fn refuse(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(customer) = id.parse::<CustomerId>() else { return unknown(&headers) };
    let form = match fields_of(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let seen = form.iter().filter(|(name, _)| name == "document").filter_map(|(_, id)| id.parse().ok());
    let seen: Vec<DocumentId> = seen.collect();
    let real = visit.state.clock.now();
    let refuse = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &customer)?;
        review::refuse(tx, partner, now, customer, Some(&seen))
    };
    match visit.change(&body, refuse).await {
        Ok(_file) => see_other(&visit.kept(&format!("/console/customers/{customer}"))),
        Err(Failed::Refused(ReviewRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(ReviewRefused::NotJudged(_changed_meanwhile))) => {
            let shown = Shown { problem: Some(Problem::Changed), ..Shown::masked(Place::default()) };
            page(visit, &headers, &id, shown, StatusCode::CONFLICT).await
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Asks whether to withdraw an open offer.
pub(in crate::pages::console) async fn ask_withdrawal(
    visit: Visit, Path((id, offer)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(id), Ok(offer)) = (id.parse::<CustomerId>(), offer.parse::<OfferId>()) else {
        return unknown(&headers);
    };
    let sheet = match sheet(&visit, id, &headers).await {
        Ok(sheet) => sheet,
        Err(answer) => return *answer,
    };
    let Some(found) = sheet.offers.items.iter().find(|one| one.id == offer) else { return unknown(&headers) };
    if found.state != OfferState::Available {
        return see_other(&visit.kept(&format!("/console/customers/{id}?tab=offers")));
    }
    let t = visit.texts();
    let amount = written::money(found.terms.approved_amount);
    let question = Question {
        words: (t.asking.withdraw)(&amount, &rows::name(&sheet.file, t)),
        about: t.asking.withdraw_about,
        action: format!("/console/customers/{id}/offers/{offer}/withdraw"),
        button: (t.asking.withdraw_button)(&amount),
    };
    framed(StatusCode::OK, &asked(visit, &sheet, question))
}

/// Withdraws an open offer.
pub(in crate::pages::console) async fn withdraw(
    visit: Visit, Path((id, offer)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(id), Ok(offer)) = (id.parse::<CustomerId>(), offer.parse::<OfferId>()) else {
        return unknown(&headers);
    };
    let real = visit.state.clock.now();
    let withdraw = move |tx: &mut Tx<'_>| {
        let (partner, now) = app::directory::place(tx, real, &offer)?;
        offers::withdraw(tx, partner, now, offer)
    };
    match visit.change(b"", withdraw).await {
        // The list shows the state, also of an offer that somebody has accepted or withdrawn meanwhile.
        Ok(_) | Err(Failed::Refused(WithdrawRefused::InvalidState(_))) => {
            see_other(&visit.kept(&format!("/console/customers/{id}?tab=offers")))
        }
        Err(Failed::Refused(WithdrawRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

pub(super) fn asked(visit: Visit, sheet: &Sheet, question: Question) -> Ask {
    let t = visit.texts();
    let customer = &sheet.file.customer;
    let name = rows::name(&sheet.file, t);
    let from = From {
        list: ("/console/search", t.search.title),
        page: format!("/console/customers/{}", customer.id),
        name: name.clone(),
    };
    let mut ask = Ask::of(visit, from, question);
    ask.facts = vec![(t.asking.customer, name), (t.proposal.partner, rows::partner(sheet, customer.partner))];
    ask.is_danger = true;
    ask
}

pub(super) async fn sheet(
    visit: &Visit, id: CustomerId, headers: &HeaderMap,
) -> Result<Sheet, Box<Response>> {
    let real = visit.state.clock.now();
    let read = move |tx: &mut Tx<'_>| app::customers::sheet(tx, real, id);
    visit.state.store.read(read).await.map_err(|failed| {
        Box::new(match failed {
            Failed::Refused(NotFound) => unknown(headers),
            Failed::Store(error) => failure(&of_store(error)),
        })
    })
}
