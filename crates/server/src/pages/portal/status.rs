//! `/status`: whether the components of this server work now. It shows no figures of the lender.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::reader::{Around, Reader, Section};
use crate::pages::kit::frame::Frame;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "portal/status.html")]
struct Status {
    t: &'static Texts,
    frame: Frame,
    around: Around,
    parts: [Part; 4],
    version: &'static str,
}

/// A component.
struct Part {
    label: &'static str,
    state: State,
    note: &'static str,
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

/// More waiting events than this are a delay. The fan-out takes them in steps of some hundreds.
const MANY_EVENTS: u64 = 1000;

/// Shows the components.
pub(super) async fn show(reader: Reader) -> Response {
    let (state, t) = (&reader.state, reader.t());
    let p = &t.portal;
    let is_whole = state.store.damage().is_none();
    let schema = state.readiness.schema(&state.store, &state.clock).await;
    let takes_writes = is_whole && schema.is_ok_and(|schema| state.store.tree().serves(schema).is_ok());
    let waiting = gauge(&state.metrics.render(), "dinie_events_waiting");
    let is_prompt = waiting.is_none_or(|waiting| waiting <= MANY_EVENTS);
    let parts = [
        Part::of(p.part_api, true, State::Fails, [p.part_api_note; 2]),
        Part::of(p.part_database, takes_writes, State::Fails, [p.part_database_note, p.part_database_fails]),
        Part::of(p.part_integrity, is_whole, State::Fails, [p.part_integrity_note, p.part_integrity_fails]),
        Part::of(p.part_webhooks, is_prompt, State::Delayed, [p.part_webhooks_note, p.part_webhooks_fails]),
    ];
    let all_work = parts.iter().all(|part| part.state != State::Fails);
    let status = if all_work { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let around = reader.around(Section::Other, Vec::new());
    let page = Status { t, frame: reader.frame, around, parts, version: env!("CARGO_PKG_VERSION") };
    reader.show(status, &page).await
}

impl Status {
    fn all_work(&self) -> bool {
        self.parts.iter().all(|part| part.state == State::Works)
    }
}

/// The sum of a gauge in the text of the metrics, in whole units; `None` before its first reading.
fn gauge(text: &str, name: &str) -> Option<u64> {
    let lines = text.lines().filter_map(|line| line.strip_prefix(name)?.rsplit_once(' '));
    let values = lines.filter_map(|(_, value)| value.split('.').next()?.parse::<u64>().ok());
    values.reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::gauge;

    #[test]
    fn a_gauge_is_read_from_the_text_of_the_metrics() {
        let text =
            "# TYPE dinie_events_waiting gauge\ndinie_events_waiting{of=\"x\"} 3\ndinie_events_waiting 4\n";
        assert_eq!((gauge(text, "dinie_events_waiting"), gauge(text, "dinie_other")), (Some(7), None));
    }
}
