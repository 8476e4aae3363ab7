//! The search over everything of one partner, on all its clocks: a page, and the list of its hits for the dialog of `/` and Ctrl+K.
//!
//! It also finds a call by its request id, and the use of an idempotency key.

use app::search::Hit;
use app::{Failed, NotFound, StoreError, Tx, request_log};
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::PartnerId;
use domain::search::words::words;
use domain::search::{Kind, Query as Sought};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::page_of::page_of;
use crate::http::key_use::key_use;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::hits::{Found, Group, Part, Row, Shown, answer, groups};
use crate::pages::people::desk::Desk;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The page of the search.
pub(super) const SEARCH: &str = "/dashboard/search";

/// The part of the address with the text.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    q: String,
}

/// Shows the hits of a search.
pub(super) async fn show(
    visit: Visit, desk: Desk, headers: HeaderMap, Query(asked): Query<Asked>,
) -> Response {
    let t = visit.texts();
    let found = match find(&visit, desk.partner.id, &asked.q, t).await {
        Ok(found) => found,
        Err(error) => return failure(&of_store(error)),
    };
    answer(visit, &headers, found, (SEARCH, t.portfolio.search_about))
}

async fn find(visit: &Visit, partner: PartnerId, text: &str, t: &'static Texts) -> Result<Found, StoreError> {
    let Some(query) = Sought::parse(text) else { return Ok(Found::nothing()) };
    let sought = query.clone();
    let search = move |tx: &mut Tx<'_>| app::search::search_of(tx, partner, &sought);
    let page = visit.state.store.list(search).await?;
    let terms = words(query.text());
    let shown = Shown { href, partners: &std::collections::HashMap::new(), sought: &terms };
    let mut all = groups(&page.items, &shown, t);
    if query.text().bytes().all(|letter| letter.is_ascii_graphic()) {
        all.extend(call(visit, partner, query.text(), t).await);
        all.extend(key(visit, partner, query.text(), t).await?);
    }
    Ok(Found { text: query.text().to_owned(), groups: all, has_more: page.has_more })
}

/// The newest call with this request id.
async fn call(visit: &Visit, partner: PartnerId, id: &str, t: &'static Texts) -> Option<Group> {
    let id = id.to_owned();
    let find = move |tx: &mut Tx<'_>| request_log::show(tx, Some(partner), &id);
    // A log that is off or does not answer has no hits.
    let (call, _bodies) = visit.state.request_log.read(find).await.ok()?;
    let row = Row {
        href: format!("/dashboard/requests/{}", call.id),
        icon: "scroll-text",
        title: vec![Part::plain(format!("{} {}", call.method, call.path))],
        about: format!("{} · {}", call.status, call.request_id),
        badge: None,
    };
    Some(Group { heading: t.requests.requests, hits: vec![row] })
}

/// The use of an idempotency key.
async fn key(
    visit: &Visit, partner: PartnerId, key: &str, t: &'static Texts,
) -> Result<Option<Group>, StoreError> {
    let used = match key_use(&visit.state, partner, key).await {
        Ok(used) => used,
        Err(Failed::Refused(NotFound)) => return Ok(None),
        Err(Failed::Store(error)) => return Err(error),
    };
    let query = Serializer::new(String::new()).append_pair("key", key).finish();
    let row = Row {
        href: format!("/dashboard/idempotency-keys?{query}"),
        icon: "fingerprint",
        title: vec![Part::plain(key.to_owned())],
        about: used.resource.map_or_else(|| used.status.to_string(), |id| format!("{} · {id}", used.status)),
        badge: None,
    };
    Ok(Some(Group { heading: t.requests.keys, hits: vec![row] }))
}

/// The page on which the resource is shown: its own, or that of the resource that it belongs to.
fn href(hit: &Hit) -> String {
    match (hit.kind, &hit.within, &hit.customer) {
        (Kind::WebhookDelivery, Some(endpoint), _) => {
            format!("/dashboard/webhooks/{endpoint}/deliveries/{}", hit.id)
        }
        (Kind::Installment, Some(loan), _) => page_of(loan),
        (Kind::Loan | Kind::Customer | Kind::Credential | Kind::Event | Kind::WebhookEndpoint, _, _)
        | (_, _, None) => page_of(&hit.id),
        (_, _, Some(customer)) => page_of(customer),
    }
}
