//! `/status`: whether the components of this server work now, and when they did not. It shows no figures of the lender.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::feed::{Feed, Form, Item, moment};
use super::reader::{Around, Reader, Section};
use crate::components::{Component, Incident};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::shown::{Moment, span};
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "portal/status.html")]
struct Status {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    parts: [Part; 4],
    /// What did not work since this server started, the newest first.
    incidents: Vec<Past>,
    version: &'static str,
}

/// A component.
struct Part {
    label: &'static str,
    state: State,
    note: &'static str,
}

/// A time in which a component did not work.
struct Past {
    label: &'static str,
    began: Moment,
    /// How long it lasted; `None` while it lasts.
    lasted: Option<String>,
}

/// The name of a component.
fn label(component: Component, t: &'static Texts) -> &'static str {
    match component {
        Component::Database => t.portal.part_database,
        Component::Integrity => t.portal.part_integrity,
        Component::Webhooks => t.portal.part_webhooks,
    }
}

impl Past {
    fn of(incident: Incident, t: &'static Texts) -> Self {
        let label = label(incident.component, t);
        let lasted = incident.ended.map(|ended| match ended.since(incident.began) {
            short if short < Duration::from_mins(1) => t.portal.under_a_minute.to_owned(),
            long => span(long, t),
        });
        Self { label, began: Moment::exactly(incident.began.unmoved()), lasted }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Works,
    Delayed,
    Fails,
}

impl Part {
    fn of(label: &'static str, works: bool, otherwise: State, notes: [&'static str; 2]) -> Self {
        if works {
            Self { label, state: State::Works, note: notes[0] }
        } else {
            Self { label, state: otherwise, note: notes[1] }
        }
    }

    /// The class of the badge.
    fn class(&self) -> &'static str {
        match self.state {
            State::Works => "badge badge-ok",
            State::Delayed => "badge badge-warn",
            State::Fails => "badge badge-bad",
        }
    }

    /// The glyph of the badge.
    fn glyph(&self) -> &'static str {
        match self.state {
            State::Works => "all",
            State::Delayed => "part",
            State::Fails => "bang",
        }
    }

    fn words(&self, t: &'static Texts) -> &'static str {
        match self.state {
            State::Works => t.portal.works,
            State::Delayed => t.portal.delayed,
            State::Fails => t.portal.fails,
        }
    }
}

/// Shows the components, and when they did not work.
pub(super) async fn show(reader: Reader) -> Response {
    let (state, t) = (&reader.state, reader.t());
    let p = &t.portal;
    let _ready_or_not = state.components.look(&state.store, &state.clock).await;
    let works = |component| state.components.works(component);
    let parts = [
        Part::of(p.part_api, true, State::Fails, [p.part_api_note; 2]),
        Part::of(
            p.part_database,
            works(Component::Database),
            State::Fails,
            [p.part_database_note, p.part_database_fails],
        ),
        Part::of(
            p.part_integrity,
            works(Component::Integrity),
            State::Fails,
            [p.part_integrity_note, p.part_integrity_fails],
        ),
        Part::of(
            p.part_webhooks,
            works(Component::Webhooks),
            State::Delayed,
            [p.part_webhooks_note, p.part_webhooks_fails],
        ),
    ];
    let all_work = parts.iter().all(|part| part.state != State::Fails);
    let status = if all_work { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let incidents = state.components.incidents().into_iter().map(|one| Past::of(one, t)).collect();
    let around = reader.around(Section::Other, Vec::new());
    let page =
        Status { t, frame: reader.frame, around, parts, incidents, version: env!("CARGO_PKG_VERSION") };
    reader.show(status, &page).await
}

/// Sends the feed of the incidents.
pub(super) async fn atom(reader: Reader) -> Response {
    feed(&reader).await.answer(Form::Atom)
}

/// Sends the feed as JSON.
pub(super) async fn json(reader: Reader) -> Response {
    feed(&reader).await.answer(Form::Json)
}

/// An incident is an item from its beginning on, and its text changes at its end.
async fn feed(reader: &Reader) -> Feed {
    let (state, t) = (&reader.state, reader.t());
    let _ready_or_not = state.components.look(&state.store, &state.clock).await;
    let page = format!("{}/status", reader.base());
    let item = |incident: Incident| {
        let past = Past::of(incident, t);
        let last = incident.ended.unwrap_or(incident.began);
        Item {
            place: format!("{page}#{}", incident.began.micros()),
            title: past.label.to_owned(),
            updated: moment(last),
            text: match &past.lasted {
                Some(lasted) => format!("{}. {}: {lasted}", past.began.words, t.portal.lasted),
                None => format!("{}. {}", past.began.words, t.portal.still_lasts),
            },
        }
    };
    Feed {
        title: format!("Dinie: {}", t.portal.status),
        own: page.clone(),
        items: state.components.incidents().into_iter().map(item).collect(),
        page,
    }
}

impl Status {
    fn all_work(&self) -> bool {
        self.parts.iter().all(|part| part.state == State::Works)
    }
}
