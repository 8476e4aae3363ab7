//! The first page: what needs somebody, the portfolio in numbers, and what happened last.

use std::time::Duration;

use app::partners::{self, EndpointHealth, Sheet, credentials};
use app::production;
use app::request_log::{self, Figures};
use app::webhooks::events::{self, EventFilter};
use app::{Cursor, Failed, ListRefused, NotFound, Tx};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::credential::{Credential, CredentialState};
use domain::event::Event;
use domain::page::{Limit, Page};
use domain::time::{RealTime, Span};
use domain::webhook::endpoint::{DisabledBy, EndpointState};

use super::events::name;
use super::going_live::{self, Called, Check};
use super::requests::took;
use crate::http::partner_volumes::volumes_of_one;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::endpoint_row::waiting as words_of;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Moment, Money, span};
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// A key that stops within this time needs somebody.
const SOON: Duration = Duration::from_secs(7 * 86_400);

#[derive(Template)]
#[template(path = "dashboard/home.html")]
struct HomePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    needs: Vec<Need>,
    /// The figures of the calls; `None` if the log is off or does not answer.
    calls: Option<Calls>,
    /// The list for production, in a sandbox.
    checks: Vec<Check>,
    customers: i64,
    loans: i64,
    disbursed: Money,
    counted: Moment,
    tape: Vec<Happened>,
}

/// The figures of a day's calls.
struct Calls {
    count: usize,
    has_more: bool,
    refused: usize,
    p95: String,
}

/// Something that needs somebody.
struct Need {
    tone: &'static str,
    title: String,
    text: String,
    href: String,
    button: &'static str,
}

/// An event.
struct Happened {
    at: Moment,
    name: &'static str,
    resource: String,
}

/// Shows the first page.
pub(super) async fn show(visit: Visit, desk: Desk, headers: HeaderMap) -> Response {
    let (real, clocks) = (visit.state.clock.now(), &visit.state.partner_clocks);
    let at = clocks.at(desk.partner.id, real);
    let (now, id, kept_since) = (real, desk.partner.id, visit.state.kept_since());
    let read = move |tx: &mut Tx<'_>| {
        let sheet = partners::sheet(tx, now, id)
            .map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
        let keys = credentials::list(tx, id, &Cursor::first(Limit::MOST))?;
        let filter = EventFilter { kind: None, excluded_kinds: Vec::new(), happened: Span::default() };
        let last = events::list(tx, id, &filter, &Cursor::first(Limit::DEFAULT), kept_since)?;
        let seen = going_live::read(tx, id, now, at, kept_since)?;
        Ok::<_, Failed<ListRefused>>((sheet, keys, last, seen))
    };
    let (sheet, keys, last, seen) = match visit.state.store.list(read).await {
        Ok(found) => found,
        Err(failed) => return refused_list(&headers, failed),
    };
    let counted = match volumes_of_one(&visit.state, id).await {
        Ok(counted) => counted,
        Err(error) => return failure(&of_store(error)),
    };
    let overdue = seen.overdue.now.clone();
    let count = move |tx: &mut Tx<'_>| {
        let figures = request_log::figures(tx, id, now)?;
        Ok::<_, Failed<NotFound>>((figures, production::has_read(tx, id, &overdue)?))
    };
    // The page is useful without the log.
    let read = visit.state.request_log.read(count).await.ok();
    let (t, around) = (visit.texts(), visit.around());
    let called = read.as_ref().map(|(figures, has_read_overdue)| Called {
        habits: figures.habits.clone(),
        has_read_overdue: *has_read_overdue,
    });
    // Without the log nothing was seen in it.
    let called = called.unwrap_or(Called { habits: Vec::new(), has_read_overdue: false });
    let page = HomePage {
        checks: if around.is_sandbox() {
            going_live::checks(&keys.items, &sheet.endpoints, &called, &seen, now, t)
        } else {
            Vec::new()
        },
        calls: read.as_ref().map(|(figures, _)| Calls::of(figures)),
        t,
        frame: visit.frame,
        path: visit.path,
        around,
        needs: needs(&sheet, &keys, now, t),
        customers: counted.volumes.customers,
        loans: counted.volumes.loans,
        disbursed: Money(counted.volumes.disbursed),
        counted: Moment::ago(counted.at, now, t),
        tape: last.items.iter().filter_map(happened).take(10).collect(),
    };
    framed(StatusCode::OK, &page)
}

impl Calls {
    fn of(figures: &Figures) -> Self {
        Self {
            count: figures.calls,
            has_more: figures.has_more,
            refused: figures.refused,
            p95: figures.p95.map_or_else(|| "–".to_owned(), took),
        }
    }
}

impl HomePage {
    /// The number of checks that are done.
    fn done(&self) -> usize {
        self.checks.iter().filter(|check| check.is_done).count()
    }
}

fn needs(sheet: &Sheet, keys: &Page<Credential>, now: RealTime, t: &'static Texts) -> Vec<Need> {
    let endpoints = sheet.endpoints.iter().filter_map(|endpoint| of_endpoint(endpoint, now, t));
    let keys = keys.items.iter().filter_map(|key| of_key(key, now, t));
    endpoints.chain(keys).collect()
}

/// An endpoint that fails, or that was switched off because it failed.
fn of_endpoint(endpoint: &EndpointHealth, now: RealTime, t: &'static Texts) -> Option<Need> {
    let EndpointHealth { address, state, failing_since, waiting, .. } = endpoint;
    let (title, text) = match (state, failing_since) {
        (EndpointState::Active, Some(since)) => {
            let text = (t.dashboard.endpoint_fails_text)(&span(now.since(*since), t), &words_of(*waiting, t));
            ((t.dashboard.endpoint_fails)(address), text)
        }
        // The partner knows of one that it switched off itself.
        (EndpointState::Active, None) | (EndpointState::Disabled(DisabledBy::Partner), _) => return None,
        (EndpointState::Disabled(DisabledBy::Failure | DisabledBy::Gone), _) => {
            ((t.dashboard.endpoint_off)(address), t.dashboard.endpoint_off_text.to_owned())
        }
    };
    let href = format!("/dashboard/webhooks/{}", endpoint.id);
    Some(Need { tone: "pip-bad", title, text, href, button: t.dashboard.see_cause })
}

/// A key that stops soon.
fn of_key(key: &Credential, now: RealTime, t: &'static Texts) -> Option<Need> {
    let end = key.terms.expires_at.filter(|end| *end < now.plus(SOON))?;
    (key.state_at(now) == CredentialState::Active).then(|| Need {
        tone: "pip-warn",
        title: (t.dashboard.key_ends)(&key.terms.name),
        text: (t.dashboard.key_ends_text)(&Moment::until(end, now, t).words),
        href: format!("/dashboard/keys/{}", key.client_id),
        button: t.dashboard.see_use,
    })
}

/// An event on the tape; `None` if partners do not receive it.
fn happened(event: &Event) -> Option<Happened> {
    let name = name(event.domain_event.kind())?;
    Some(Happened {
        at: Moment::briefly(event.occurred_at),
        name,
        resource: event.domain_event.resource_id(),
    })
}
