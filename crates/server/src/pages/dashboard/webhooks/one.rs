//! One endpoint: whether it answers, its last day, its deliveries, and the forms that test and change it.

use app::webhooks::deliveries::DeliveryFilter;
use app::webhooks::{self, DeliveryFile, EndpointFigures, MOST_OF_ONE, Recent};
use app::{Cursor, Failed, ListRefused, NotFound, Tx};
use askama::Template;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;
use domain::id::{DeliveryId, EndpointId};
use domain::page::{Limit, Page};
use domain::time::{RealTime, Span};
use domain::webhook::delivery::DeliveryStateKind;
use domain::webhook::endpoint::{Endpoint, EndpointState};
use serde::Deserialize;

use super::day::{Day, SPAN, Shown};
use crate::pages::attempts::{Outcome, host_of};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Moment, span};
use crate::pages::kit::tab::Tab;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/webhook.html")]
struct EndpointPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    href: String,
    id: String,
    url: String,
    badge: Badge,
    events: String,
    /// How long it fails, and why; empty if it answers.
    failing: String,
    cause: String,
    day: Day,
    at_once: String,
    figures: Shown,
    /// The end of the secret that was replaced, if it still signs.
    old_secret: Option<Moment>,
    is_active: bool,
    may_change: bool,
    event_names: Vec<&'static str>,
    tabs: Vec<Tab>,
    rows: Vec<DeliveryRow>,
    next: String,
    /// The effect of the last form, in words; empty without one.
    done: &'static str,
}

struct DeliveryRow {
    href: String,
    event: String,
    badge: Badge,
    made: Moment,
    result: String,
}

/// The part of the address with the filter, the place and what a form did.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    #[serde(default)]
    status: String,
    after: Option<String>,
    #[serde(default)]
    done: String,
}

/// Shows one endpoint.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, Query(asked): Query<Asked>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<EndpointId>() else { return unknown(&headers) };
    let (tenant, now, kept_since) = (desk.partner.id, visit.state.clock.now(), visit.state.kept_since());
    let state = asked.status.parse::<DeliveryStateKind>().ok();
    let filter = DeliveryFilter { state, event_type: None, made: Span::default() };
    let after = asked.after.as_ref().and_then(|id| id.parse::<DeliveryId>().ok());
    let cursor = Cursor { after, ..Cursor::first(Limit::DEFAULT) };
    let read = move |tx: &mut Tx<'_>| {
        let endpoint = webhooks::find(tx, tenant, id)
            .map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
        let page = webhooks::deliveries(tx, tenant, id, &filter, &cursor, kept_since)?;
        let recent = webhooks::recent(tx, tenant, id, now.minus(SPAN))?;
        let figures = webhooks::figures(tx, tenant, id, now.minus(SPAN), MOST_OF_ONE)?;
        Ok::<_, Failed<ListRefused>>((endpoint, page, recent, figures))
    };
    match visit.state.store.list(read).await {
        Ok(found) => framed(StatusCode::OK, &page(visit, &asked, (desk.role, state), now, &found)),
        Err(failed) => refused_list(&headers, failed),
    }
}

/// An endpoint, a page of its deliveries, what became of those of the last day, and the figures of their attempts.
type Found = (Endpoint, Page<DeliveryFile>, Vec<Recent>, EndpointFigures);

fn page(
    visit: Visit, asked: &Asked, (role, state): (TeamRole, Option<DeliveryStateKind>), now: RealTime,
    found: &Found,
) -> EndpointPage {
    let (endpoint, page, recent, figures) = found;
    let (t, around) = (visit.texts(), visit.around());
    let (host, href) = (host_of(&endpoint.url), format!("/dashboard/webhooks/{}", endpoint.id));
    let address = |state: Option<DeliveryStateKind>| {
        state.map_or_else(|| href.clone(), |state| format!("{href}?status={}", state.name()))
    };
    let last = page.items.last().filter(|_| page.has_more);
    let next = last.map_or_else(String::new, |last| {
        let status = state.map_or_else(String::new, |state| format!("status={}&", state.name()));
        format!("{href}?{status}after={}", last.delivery.id)
    });
    // The newest attempt that had no good answer.
    let newest = page.items.iter().filter(|file| file.delivery.state.kind().is_undelivered());
    let newest = newest.filter_map(|file| file.attempts.last()).max_by_key(|attempt| attempt.started_at);
    let failing = endpoint.failing_since.filter(|_| endpoint.state == EndpointState::Active);
    let day = Day::of(recent, now);
    EndpointPage {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        badge: Badge::of_endpoint(endpoint.state, &t.badges),
        events: events(endpoint, t),
        failing: failing.map(|since| (t.partner.fails_for)(&span(now.since(since), t))).into_iter().collect(),
        cause: newest.map(|attempt| Outcome::of(attempt).sentence(&host, t)).into_iter().collect(),
        at_once: day.at_once.map(|share| format!("{share} %")).into_iter().collect(),
        day,
        figures: Shown::of(figures, t),
        old_secret: endpoint
            .secrets
            .previous
            .as_ref()
            .filter(|(_, end)| *end > now)
            .map(|(_, end)| Moment::until(*end, now, t)),
        is_active: endpoint.state == EndpointState::Active,
        may_change: role.includes(TeamRole::Developer),
        event_names: wire::generations::event_names(endpoint.generation).to_vec(),
        tabs: Tab::of_states(DeliveryStateKind::ALL, state, (t.webhooks.all, t.webhooks.of_state), address),
        rows: page.items.iter().map(|file| row(file, &href, &host, t)).collect(),
        next,
        done: t.webhooks.done(&asked.done),
        href,
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

/// The events to which an endpoint subscribes, in words.
fn events(endpoint: &Endpoint, t: &Texts) -> String {
    if endpoint.patterns.is_empty() {
        return t.webhooks.all_events.to_owned();
    }
    endpoint.patterns.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn row(file: &DeliveryFile, href: &str, host: &str, t: &'static Texts) -> DeliveryRow {
    let delivery = &file.delivery;
    DeliveryRow {
        href: format!("{href}/deliveries/{}", delivery.id),
        event: delivery.event_type.clone(),
        badge: Badge::of_delivery(delivery.state, &t.badges),
        made: Moment::exactly(delivery.created_at.unmoved()),
        result: file.attempts.last().map(|last| Outcome::of(last).sentence(host, t)).into_iter().collect(),
    }
}
