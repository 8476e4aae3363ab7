//! The tape: the newest events with what became of their deliveries. The open page asks for it again and again.

use app::webhooks::events::{self, EventFilter};
use app::webhooks::history::{self, Sent};
use app::{Cursor, Failed, ListRefused, Tx};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::event::Event;
use domain::id::PartnerId;
use domain::page::Limit;
use domain::time::RealTime;

use super::super::events::name;
use super::super::webhooks::host_of;
use super::only::{HERE, SandboxOnly};
use crate::pages::cookie::see_other;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::gate::Unrecorded;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Events on the tape.
const MOST: usize = 12;

#[derive(Template)]
#[template(path = "dashboard/sandbox_tape.html")]
struct Tape {
    t: &'static Texts,
    tape: Vec<Recorded>,
}

/// An event on the tape.
pub(super) struct Recorded {
    pub(super) at: Moment,
    pub(super) event: &'static str,
    pub(super) href: String,
    pub(super) resource: String,
    /// Each delivery: the host of its endpoint, and its state.
    pub(super) deliveries: Vec<String>,
}

/// The newest events, each with its deliveries.
pub(super) type Newest = Vec<(Event, Vec<Sent>)>;

/// Reads the tape.
pub(super) fn read(
    tx: &mut Tx<'_>, tenant: PartnerId, kept_since: RealTime,
) -> Result<Newest, Failed<ListRefused>> {
    let newest = Cursor::first(Limit::DEFAULT);
    let mut events = events::list(tx, tenant, &EventFilter::default(), &newest, kept_since)?.items;
    events.truncate(MOST);
    let ids: Vec<_> = events.iter().map(|event| event.id).collect();
    let mut sent = history::deliveries_of(tx, tenant, &ids)?;
    let with_deliveries = |event: Event| {
        let deliveries = sent.remove(&event.id).into_iter().flatten().collect();
        (event, deliveries)
    };
    Ok(events.into_iter().map(with_deliveries).collect())
}

/// The rows of the tape, without the events that partners do not receive.
pub(super) fn rows(newest: &[(Event, Vec<Sent>)], t: &'static Texts) -> Vec<Recorded> {
    let delivery = |sent: &Sent| {
        format!("{}: {}", host_of(&sent.url), (t.webhooks.of_state)(sent.delivery.state.kind()))
    };
    let row = |(event, sent): &(Event, Vec<Sent>)| {
        Some(Recorded {
            at: Moment::briefly(event.occurred_at),
            event: name(event.domain_event.kind())?,
            href: format!("/dashboard/events/{}", event.id),
            resource: event.domain_event.resource_id(),
            deliveries: sent.iter().map(delivery).collect(),
        })
    };
    newest.iter().filter_map(row).collect()
}

/// The tape alone. The audit trail has the request of the page; a sandbox's customers are invented.
pub(in crate::pages::dashboard) async fn live(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, headers: HeaderMap,
) -> Response {
    if !headers.contains_key("hx-request") {
        return see_other(HERE);
    }
    let (tenant, kept_since, t) = (desk.partner.id, visit.state.kept_since(), visit.texts());
    match visit.state.store.list(move |tx| read(tx, tenant, kept_since)).await {
        Ok(newest) => {
            let mut response = framed(StatusCode::OK, &Tape { t, tape: rows(&newest, t) });
            response.extensions_mut().insert(Unrecorded);
            response
        }
        Err(failed) => refused_list(&headers, failed),
    }
}
