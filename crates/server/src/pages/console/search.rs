//! The search over everything: a page, and the list of its hits for the dialog of `/` and Ctrl+K.
//!
//! The trail records that somebody searched, without the text: it may be a person's number.

use app::search::Hit;
use app::{StoreError, Tx};
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::search::words::words;
use domain::search::{Kind, Query as Sought};
use serde::Deserialize;

use super::page_of::page_of;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::hits::{Found, Shown, answer, groups};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The part of the address with the text.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// Shows the hits of a search.
pub(super) async fn show(visit: Visit, headers: HeaderMap, Query(asked): Query<Asked>) -> Response {
    let t = visit.texts();
    let found = match find(&visit, &asked.q, t).await {
        Ok(found) => found,
        Err(error) => return failure(&of_store(error)),
    };
    answer(visit, &headers, found, ("/console/search", t.search.about))
}

async fn find(visit: &Visit, text: &str, t: &'static Texts) -> Result<Found, StoreError> {
    let Some(query) = Sought::parse(text) else {
        return Ok(Found::nothing());
    };
    let (may, sought) = (visit.visitor.grants.permissions, query.clone());
    let search = move |tx: &mut Tx<'_>| {
        let page = app::search::search(tx, &sought, may)?;
        let partners = app::search::partners_of(tx, &page.items)?;
        Ok::<_, StoreError>((page, partners))
    };
    let (page, partners) = visit.state.store.list(search).await?;
    let shown = Shown { href, partners: &partners, sought: &words(query.text()) };
    let groups = groups(&page.items, &shown, t);
    Ok(Found { text: query.text().to_owned(), groups, has_more: page.has_more })
}

/// The page on which the resource is shown: its own, or its customer's.
fn href(hit: &Hit) -> String {
    let Some(customer) = &hit.customer else { return page_of(&hit.id) };
    let tab = match hit.kind {
        Kind::Customer | Kind::Loan | Kind::Mail | Kind::Payment | Kind::Proposal => return page_of(&hit.id),
        Kind::Installment => "?tab=loans",
        Kind::CreditOffer | Kind::Simulation | Kind::CreditDecision => "?tab=offers",
        Kind::Partner
        | Kind::Credential
        | Kind::Document
        | Kind::BankAccount
        | Kind::KycSession
        | Kind::WebhookEndpoint
        | Kind::Event
        | Kind::WebhookDelivery
        | Kind::Operator
        | Kind::AuditEntry => "",
    };
    format!("{}{tab}", page_of(customer))
}
