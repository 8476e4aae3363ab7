//! One delivery: its attempts with the answers, and the request as it is sent.

use app::webhooks::{self, DeliveryFile, SentBody};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;
use domain::id::{DeliveryId, EndpointId};
use domain::webhook::delivery::{Attempt, DeliveryState};
use domain::webhook::endpoint::Endpoint;
use domain::webhook::signature;

use crate::pages::attempts::{Outcome, host_of};
use crate::pages::dashboard::page_of::page_of_request;
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/delivery.html")]
struct DeliveryPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    endpoint: String,
    url: String,
    id: String,
    event: String,
    event_id: String,
    /// The request that caused it, and its page.
    caused_by: Option<(String, String)>,
    badge: Badge,
    next: Option<Moment>,
    may_change: bool,
    attempts: Vec<AttemptRow>,
    /// The request of the last attempt, or of the first one to come; empty if the body cannot be read any more.
    request: String,
}

struct AttemptRow {
    number: usize,
    tone: &'static str,
    at: Moment,
    took: String,
    result: String,
    /// The beginning of the answer; empty if there was none.
    answer: String,
}

/// Shows one delivery.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path((endpoint, id)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(endpoint), Ok(id)) = (endpoint.parse::<EndpointId>(), id.parse::<DeliveryId>()) else {
        return unknown(&headers);
    };
    let tenant = desk.partner.id;
    let read = move |tx: &mut Tx<'_>| -> Result<_, Failed<NotFound>> {
        Ok((webhooks::find(tx, tenant, endpoint)?, webhooks::delivery(tx, tenant, endpoint, id)?))
    };
    match visit.state.store.look_up(read).await {
        Ok((endpoint, (file, sent))) => {
            framed(StatusCode::OK, &page(visit, desk.role, &endpoint, &file, sent.as_ref()))
        }
        Err(failed) => refused(&headers, failed),
    }
}

fn page(
    visit: Visit, role: TeamRole, endpoint: &Endpoint, file: &DeliveryFile, sent: Option<&SentBody>,
) -> DeliveryPage {
    let (t, around, now) = (visit.texts(), visit.around(), visit.state.clock.now());
    let (delivery, host) = (&file.delivery, host_of(&endpoint.url));
    let attempt = |(number, attempt): (usize, &Attempt)| AttemptRow {
        number,
        tone: if attempt.outcome == "delivered" { "dot-ok" } else { "dot-bad" },
        at: Moment::exactly(attempt.started_at.unmoved()),
        took: format!("{} ms", attempt.duration_ms),
        result: Outcome::of(attempt).sentence(&host, t),
        answer: attempt.response().to_owned(),
    };
    let mut attempts: Vec<AttemptRow> = (1..).zip(&file.attempts).map(attempt).collect();
    attempts.reverse();
    let request_of = sent.and_then(|sent| sent.cause.request.as_ref());
    DeliveryPage {
        endpoint: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        id: delivery.id.to_string(),
        event: delivery.event_type.clone(),
        event_id: delivery.event.to_string(),
        badge: Badge::of_delivery(delivery.state, &t.badges),
        next: match delivery.state {
            DeliveryState::Pending { due, .. } => Some(Moment::exactly(due.unmoved())),
            DeliveryState::Delivered { .. } | DeliveryState::Failed { .. } => None,
        },
        may_change: role.includes(TeamRole::Developer),
        attempts,
        caused_by: request_of.map(|id| (id.clone(), page_of_request(id))),
        request: sent.map(|sent| request(endpoint, file, &sent.bytes, now)).into_iter().collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

/// The request as it is sent, with the present secrets.
fn request(endpoint: &Endpoint, file: &DeliveryFile, body: &[u8], now: domain::time::RealTime) -> String {
    let id = file.delivery.event.to_string();
    let sent_at = file.attempts.last().map_or(now, |attempt| attempt.started_at).seconds();
    let signed = signature::header(&endpoint.secrets.live(now), &id, sent_at, body);
    let (path, host) = match url::Url::parse(&endpoint.url) {
        Ok(url) => {
            let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
            (format!("{}{query}", url.path()), host_of(&endpoint.url))
        }
        Err(_no_url) => ("/".to_owned(), endpoint.url.clone()),
    };
    let body = serde_json::from_slice::<serde_json::Value>(body)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_no_json| String::from_utf8_lossy(body).into_owned());
    format!(
        "POST {path} HTTP/1.1\nhost: {host}\ncontent-type: application/json\nwebhook-id: {id}\n\
         webhook-timestamp: {sent_at}\nwebhook-signature: {signed}\n\n{body}"
    )
}
