//! The form that replays the deliveries of an endpoint to another one. A form works once; it continues where it stopped.

use app::webhooks;
use app::webhooks::replay::{self, FormKey, Replay, ReplayRefused, Replayed};
use app::{Cursor, Failed, ListRefused, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::EndpointId;
use domain::page::Limit;
use domain::time::{RealTime, Timestamp};
use domain::webhook::endpoint::{Endpoint, EndpointState};

use super::create::patterns;
use crate::generations;
use crate::http::problem::of_store;
use crate::http::recorded::fingerprint;
use crate::pages::answer::failure;
use crate::pages::form::Form;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::{refused_list, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "dashboard/webhook_replay.html")]
struct ReplayPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    href: String,
    url: String,
    targets: Vec<Target>,
    given: Given,
    /// The key under which the form works once.
    key: String,
    /// The result of the form before, in words; empty without one.
    done: String,
    /// Whether the range had no deliveries.
    is_empty: bool,
    has_more: bool,
    wrong: Wrong,
}

/// An endpoint that may receive the replay.
struct Target {
    id: String,
    url: String,
    is_chosen: bool,
}

/// The fields as they were typed.
#[derive(Default)]
struct Given {
    target: String,
    since: String,
    until: String,
    events: String,
    after: String,
}

/// The faults of the fields; empty where a field is right.
#[derive(Default)]
struct Wrong {
    target: &'static str,
    since: &'static str,
    until: &'static str,
    events: String,
}

impl Wrong {
    fn is_none(&self) -> bool {
        self.target.is_empty() && self.since.is_empty() && self.until.is_empty() && self.events.is_empty()
    }
}

/// What the form before has done.
#[derive(Debug, Clone, Copy)]
enum Done {
    /// There was none, or it had a fault.
    Nothing,
    /// Its key was used before.
    Before,
    /// It has replayed a part of the range.
    Now(Replayed),
}

/// The endpoint, every endpoint of the partner, and a key for the form.
type Found = (Endpoint, Vec<Endpoint>, String);

async fn found(visit: &Visit, desk: &Desk, id: EndpointId) -> Result<Found, Failed<ListRefused>> {
    let (tenant, real) = (desk.partner.id, visit.state.clock.now());
    let read = move |tx: &mut Tx<'_>| {
        let endpoint = webhooks::find(tx, tenant, id)
            .map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
        let all = webhooks::list(tx, tenant, &Cursor::first(Limit::MOST))?;
        Ok::<_, Failed<ListRefused>>((endpoint, all.items, replay::form_key(tx, real)))
    };
    visit.state.store.list(read).await
}

/// Shows the empty form.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Ok(id) = id.parse::<EndpointId>() else { return unknown(&headers) };
    match found(&visit, &desk, id).await {
        Ok(found) => page(&visit, &found, Given::default(), Wrong::default(), Done::Nothing),
        Err(failed) => refused_list(&headers, failed),
    }
}

fn page(visit: &Visit, found: &Found, given: Given, wrong: Wrong, done: Done) -> Response {
    let (endpoint, all, key) = found;
    let t = visit.texts();
    let others = all.iter().filter(|other| other.id != endpoint.id && other.state == EndpointState::Active);
    let target = |other: &Endpoint| Target {
        id: other.id.to_string(),
        url: other.url.clone(),
        is_chosen: other.id.to_string() == given.target,
    };
    let status = if wrong.is_none() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let is_empty = matches!(done, Done::Now(Replayed { last: None, .. }));
    let (done, after) = match done {
        Done::Nothing => (String::new(), None),
        Done::Before => (t.webhooks.replayed_before.to_owned(), None),
        Done::Now(Replayed { last: None, .. }) => (t.webhooks.replay_empty.to_owned(), None),
        Done::Now(Replayed { deliveries, last, has_more }) => {
            ((t.webhooks.replayed)(deliveries, has_more), last.filter(|_| has_more))
        }
    };
    let page = ReplayPage {
        t,
        frame: visit.frame,
        path: visit.path.clone(),
        around: visit.around(),
        href: format!("/dashboard/webhooks/{}", endpoint.id),
        url: endpoint.url.clone(),
        targets: others.map(target).collect(),
        given: Given { after: after.map(|last| last.to_string()).into_iter().collect(), ..given },
        key: key.clone(),
        done,
        is_empty,
        has_more: after.is_some(),
        wrong,
    };
    framed(status, &page)
}

/// A moment as a browser sends it, in the time of São Paulo, such as `2026-11-28T10:30`.
fn moment(text: &str) -> Option<RealTime> {
    let (date, time) = text.split_once('T')?;
    let (hour, minute) = time.split_once(':')?;
    let (hour, minute) = (hour.parse::<u64>().ok()?, minute.get(..2)?.parse::<u64>().ok()?);
    let fits = hour < 24 && minute < 60;
    let start = Timestamp::start_of_business_date(date.parse().ok()?);
    fits.then(|| start.unmoved().plus(std::time::Duration::from_mins(hour * 60 + minute)))
}

/// Replays a part of the range, and says how many deliveries it made.
pub(in crate::pages::dashboard) async fn replay(
    visit: Visit, desk: Desk, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(id) = id.parse::<EndpointId>() else { return unknown(&headers) };
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let found = match found(&visit, &desk, id).await {
        Ok(found) => found,
        Err(failed) => return refused_list(&headers, failed),
    };
    let given = Given {
        target: form.line("target"),
        since: form.line("since"),
        until: form.line("until"),
        events: form.text_or_empty("events"),
        after: form.line("after"),
    };
    let command = match command(&found.0, &given, visit.texts()) {
        Ok(command) => command,
        Err(wrong) => return page(&visit, &found, given, wrong, Done::Nothing),
    };
    match run(&visit, &desk, (&form, &body), command).await {
        Ok(done) => page(&visit, &found, given, Wrong::default(), done.map_or(Done::Before, Done::Now)),
        Err(Failed::Refused(ReplayRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(why)) => {
            let wrong = wrong_for(why, visit.texts());
            page(&visit, &found, given, wrong, Done::Nothing)
        }
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

async fn run(
    visit: &Visit, desk: &Desk, (form, body): (&Form, &Bytes), command: Replay,
) -> Result<Option<Replayed>, Failed<ReplayRefused>> {
    let (tenant, real) = (desk.partner.id, visit.state.clock.now());
    let key = FormKey {
        key: form.line("key"),
        fingerprint: fingerprint("dashboard replay", body),
        cutoff: real.minus(visit.state.config.lifetimes.idempotency),
    };
    let signing_page = visit.state.signing_page.clone();
    let replay = move |tx: &mut Tx<'_>| {
        generations::replaying(&signing_page, |with| {
            replay::replay_once(tx, tenant, real, &key, &command, with)
        })
    };
    visit.change_and_answer(StatusCode::OK, body, replay).await
}

/// The range of the form, or its faults.
fn command(source: &Endpoint, given: &Given, t: &Texts) -> Result<Replay, Wrong> {
    let w = &t.webhooks;
    let (since, until) = (moment(&given.since), moment(&given.until));
    let (target, chosen) = (given.target.parse(), patterns(&given.events, source.generation));
    match (target, since, until, chosen) {
        (Ok(target), Some(since), Some(until), Ok(patterns)) => {
            Ok(Replay { source: source.id, target, since, until, patterns, after: given.after.parse().ok() })
        }
        (target, since, until, chosen) => Err(Wrong {
            target: target.map_or(w.replay_no_target, |_id: EndpointId| ""),
            since: since.map_or(w.replay_no_moment, |_since| ""),
            until: until.map_or(w.replay_no_moment, |_until| ""),
            events: chosen.err().map(|word| (w.wrong_event)(&word)).into_iter().collect(),
        }),
    }
}

fn wrong_for(why: ReplayRefused, t: &Texts) -> Wrong {
    let w = &t.webhooks;
    match why {
        ReplayRefused::NotFound | ReplayRefused::UnknownTarget | ReplayRefused::SameEndpoint => {
            Wrong { target: w.replay_no_target, ..Wrong::default() }
        }
        ReplayRefused::Disabled => Wrong { target: w.replay_disabled, ..Wrong::default() },
        ReplayRefused::Reversed => Wrong { until: w.replay_reversed, ..Wrong::default() },
        ReplayRefused::TooLong => Wrong { until: w.replay_too_long, ..Wrong::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browsers_moment_is_one_of_sao_paulo() {
        let at = moment("2026-11-28T10:30").unwrap();
        assert_eq!(at.unmoved().business_datetime().to_string(), "2026-11-28T10:30:00");
        assert_eq!(moment("2026-11-28T10:30:59"), Some(at));
        for wrong in
            ["", "2026-11-28", "2026-11-28T24:00", "2026-11-28T10", "2026-02-30T10:00", "2026-11-28T10:é"]
        {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
