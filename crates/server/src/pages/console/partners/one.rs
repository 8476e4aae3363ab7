//! One partner: its volumes, its limits, the health of its deliveries, and its credentials.

use app::partners::credentials::{self, MOST_ACTIVE};
use app::partners::{self, Sheet};
use app::webhooks::MOST_ENDPOINTS;
use app::{Cursor, Failed, ListRefused, NotFound, Tx};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::credential::{ClientId, Credential};
use domain::id::PartnerId;
use domain::page::{Limit, Page};

use super::super::people::Place;
use super::credentials::shelf;
use crate::http::partner_volumes::volumes_of_one;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::credentials::CredentialRow;
use crate::pages::endpoint_row::EndpointRow;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Moment, Money};
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;
use crate::volumes::Counted;

#[derive(Template)]
#[template(path = "console/partner.html")]
struct PartnerPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    id: String,
    name: String,
    made: Moment,
    customers: i64,
    loans: i64,
    disbursed: Money,
    counted: Moment,
    requests: String,
    /// The partner's own limit on requests as text; empty if the server's applies.
    own: String,
    limits_version: i64,
    /// The fault of the limit; empty if it is right.
    wrong: &'static str,
    /// Whether somebody else has changed the limits meanwhile.
    is_changed: bool,
    limit_hint: String,
    may_limit: bool,
    active: String,
    endpoint_count: String,
    endpoints: Vec<EndpointRow>,
    credentials: Vec<CredentialRow>,
    may_create: bool,
    /// The address of the next credentials; empty if there are none.
    next: String,
}

/// Shows one partner.
pub(in crate::pages::console) async fn show(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, Query(place): Query<Place>,
) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return unknown(&headers) };
    page(visit, &headers, id, place, None, StatusCode::OK).await
}

/// A limit that was not set.
pub(super) struct Wrong {
    /// The text of the field.
    pub(super) given: String,
    /// Whether somebody else has changed the limits meanwhile. Otherwise the text is wrong.
    pub(super) is_changed: bool,
}

/// The page of a partner, perhaps with a limit that was not set.
pub(super) async fn page(
    visit: Visit, headers: &HeaderMap, id: PartnerId, place: Place, wrong: Option<Wrong>, status: StatusCode,
) -> Response {
    let now = visit.state.clock.now();
    // An address with a wrong id shows the beginning.
    let after = place.after.and_then(|id| id.parse().ok());
    let cursor: Cursor<ClientId> = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let read = move |tx: &mut Tx<'_>| {
        let sheet = partners::sheet(tx, now, id)
            .map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
        Ok::<_, Failed<ListRefused>>((sheet, credentials::list(tx, id, &cursor)?))
    };
    let (sheet, page) = match visit.state.store.read(read).await {
        Ok(found) => found,
        Err(failed) => return refused_list(headers, failed),
    };
    match volumes_of_one(&visit.state, id).await {
        Ok(counted) => framed(status, &partner(visit, &sheet, counted, &page, wrong.as_ref())),
        Err(error) => failure(&of_store(error)),
    }
}

fn partner(
    visit: Visit, sheet: &Sheet, counted: Counted, page: &Page<Credential>, wrong: Option<&Wrong>,
) -> PartnerPage {
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let Counted { volumes, at } = counted;
    let (id, own) = (sheet.partner.id, sheet.partner.limits);
    let configured = visit.state.limits.configured().requests_per_10s;
    let last = page.items.last().filter(|_| page.has_more);
    let next =
        last.map_or_else(String::new, |last| format!("/console/partners/{id}?after={}", last.client_id));
    let shelf = shelf(&visit, sheet.partner.clone());
    let used = |count: i64, most: i64| (t.partner.of_most)(count, most);
    PartnerPage {
        id: id.to_string(),
        name: sheet.partner.name.clone(),
        made: Moment::ago(sheet.partner.created_at, now, t),
        customers: volumes.customers,
        loans: volumes.loans,
        disbursed: Money(volumes.disbursed),
        counted: Moment::ago(at, now, t),
        requests: (t.partner.in_ten_seconds)(own.requests_per_10s.unwrap_or(configured)),
        own: match wrong {
            Some(wrong) => wrong.given.clone(),
            None => own.requests_per_10s.map_or_else(String::new, |most| most.to_string()),
        },
        limits_version: own.version,
        is_changed: wrong.is_some_and(|wrong| wrong.is_changed),
        wrong: match wrong {
            Some(Wrong { is_changed: false, .. }) => t.partner.wrong_limit,
            Some(Wrong { is_changed: true, .. }) | None => "",
        },
        limit_hint: (t.partner.limit_hint)(configured),
        may_limit: visit.visitor.grants.allows(Permission::LimitPartner),
        active: used(sheet.active_credentials, MOST_ACTIVE),
        endpoint_count: used(app::row_count(sheet.endpoints.len()), MOST_ENDPOINTS),
        endpoints: sheet.endpoints.iter().map(|endpoint| EndpointRow::of(endpoint, now, t)).collect(),
        credentials: page
            .items
            .iter()
            .map(|credential| CredentialRow::of(&shelf, credential, now, t))
            .collect(),
        may_create: visit.visitor.grants.allows(Permission::CreateCredential),
        next,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}
