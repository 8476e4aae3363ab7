//! The page: the partner's clock, what will happen until a moment, and what happened while time passed.

use app::forecast::{self, Forecast};
use app::mails::{self, Mail};
use app::sandbox::{self, SandboxClock};
use app::webhooks::events::{self, EventFilter};
use app::{Cursor, Failed, ListRefused, NotFound, Tx, customers};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::TeamRole;
use domain::course::{COURSES, course};
use domain::customer::CustomerFile;
use domain::event::Event;
use domain::id::{ClockId, CustomerId, PartnerId};
use domain::page::{Limit, Page};
use domain::person::Email;
use domain::scenario::Scenario;
use domain::time::{Date, RealTime, Span, Timestamp};
use domain::webhook::endpoint::Generation;
use domain::written;
use jiff::Span as Days;
use serde::Deserialize;
use wire::generations::{event_kind, name_of};
use wire::sandbox::latest;

use super::super::events::name;
use super::clocks::{Choice, chosen, tenant_of};
use super::mailbox::{Letter, mailbox_of, of_address};
use super::only::SandboxOnly;
use super::tape::{self, Newest, Recorded};
use super::words::Row;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::span;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Letters beside the clock.
const LETTERS: usize = 3;

/// Entries of what will happen before the reader has chosen a moment.
const GLANCE: usize = 8;

#[derive(Template)]
#[template(path = "dashboard/sandbox.html")]
struct SandboxPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    may_change: bool,
    /// The main clock and all others.
    choices: Vec<Choice>,
    /// The id of the chosen clock; empty for the main clock.
    clock: String,
    clock_name: String,
    /// What a form has done; empty without one.
    done: &'static str,
    mailbox: String,
    /// The clock's day, time of the day, and how far it is ahead.
    date: String,
    time: String,
    ahead: String,
    /// The buttons that choose a moment: their value, their label, and whether it is chosen.
    steps: Vec<(&'static str, &'static str, bool)>,
    /// The chosen day of the form; empty without one.
    day: String,
    /// Why the chosen moment does not do; empty if it does.
    wrong: &'static str,
    plan: Option<Plan>,
    coming: Vec<Row>,
    has_more: bool,
    /// What happened since the form was sent.
    happened: Option<Vec<Row>>,
    /// The customer that a form made.
    made: Option<Made>,
    scenarios: Vec<(Scenario, &'static str, &'static str)>,
    events: Vec<&'static str>,
    letters: Vec<Letter>,
    tape: Vec<Recorded>,
}

/// A customer that a form made.
struct Made {
    id: String,
    name: String,
    /// The letters to the customer.
    letters: String,
    /// The event that will happen; empty for a scenario.
    event: String,
    /// Whether the event happens only after the clock has moved.
    needs_time: bool,
}

impl Made {
    fn of(file: &CustomerFile, clock: Option<ClockId>, event: &str) -> Self {
        let registration = &file.customer.registration;
        let kind = event_kind(Generation::Reference, event);
        let address = registration.email.as_ref().map_or("", Email::as_str);
        Self {
            id: file.customer.id.to_string(),
            name: registration.name.as_ref().map_or_else(String::new, ToString::to_string),
            letters: of_address(address, clock),
            event: kind.and_then(name).into_iter().collect(),
            needs_time: kind.and_then(course).is_some_and(|course| course.steps.need_time()),
        }
    }
}

/// The moment to which the reader wants to advance.
struct Plan {
    /// Microseconds since the epoch.
    until: i64,
    words: String,
}

/// The part of the address with the chosen moment, and with the clock's time before the form.
#[derive(Debug, Default, Deserialize)]
pub(in crate::pages::dashboard) struct Asked {
    /// The button that was pressed.
    #[serde(default)]
    by: String,
    /// The day that was typed.
    #[serde(default)]
    until: String,
    /// The clock's time before it was moved, in microseconds.
    since: Option<i64>,
    #[serde(default)]
    wrong: String,
    /// The id of the chosen clock; empty for the main clock.
    #[serde(default)]
    clock: String,
    /// What a form has done.
    #[serde(default)]
    done: String,
    /// The customer that a form made.
    made: Option<String>,
    /// The event that will happen to it.
    #[serde(default)]
    event: String,
}

/// The moment that the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// None.
    Nothing,
    /// Just after the next thing that happens.
    Next,
    /// This one.
    At(Timestamp),
}

impl Wanted {
    fn of(asked: &Asked, now: Timestamp) -> Self {
        let after = |days: Days| {
            let today = now.business_date();
            let later = Timestamp::start_of_business_date(today.saturating_add(days));
            Self::At(now.plus(later.since(Timestamp::start_of_business_date(today))))
        };
        match asked.by.as_str() {
            "day" => after(Days::new().days(1)),
            "week" => after(Days::new().days(7)),
            "month" => after(Days::new().months(1)),
            "next" => Self::Next,
            _none => asked
                .until
                .parse::<Date>()
                .map_or(Self::Nothing, |day| Self::At(Timestamp::end_of_business_date(day))),
        }
    }

    fn until(
        self, tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp,
    ) -> Result<Option<Timestamp>, app::StoreError> {
        match self {
            Self::Nothing => Ok(None),
            Self::At(until) => Ok(Some(until)),
            // A deadline has passed only after its last microsecond, and the page shows seconds.
            Self::Next => {
                Ok(forecast::next(tx, tenant, now)?.map(|at| at.plus(std::time::Duration::from_secs(1))))
            }
        }
    }
}

/// What the page shows.
struct Found {
    /// The chosen moment.
    until: Option<Timestamp>,
    /// What will happen until then.
    forecast: Forecast,
    /// What has happened while time passed.
    happened: Option<Page<Event>>,
    made: Option<CustomerFile>,
    mails: Page<Mail>,
    newest: Newest,
    clocks: Vec<SandboxClock>,
}

/// The clock that the page shows.
struct Shown {
    clock: Option<SandboxClock>,
    now: Timestamp,
    /// The time of the main clock.
    main: Timestamp,
    real: RealTime,
}

/// Shows the page.
pub(in crate::pages::dashboard) async fn show(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, Query(asked): Query<Asked>, headers: HeaderMap,
) -> Response {
    let clock = match chosen(&visit, &desk, &asked.clock, &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    let (real, kept_since) = (visit.state.clock.now(), visit.state.kept_since());
    let (owner, tenant) = (desk.partner.id, tenant_of(&desk, clock.as_ref()));
    let now = visit.state.partner_clocks.at(tenant, real);
    let shown = Shown { clock, now, main: visit.state.partner_clocks.at(owner, real), real };
    let (wanted, since) = (Wanted::of(&asked, now), asked.since.map(Timestamp::from_micros));
    let made = asked.made.as_ref().and_then(|id| id.parse::<CustomerId>().ok());
    let read = move |tx: &mut Tx<'_>| {
        let until = wanted.until(tx, tenant, now)?;
        let forecast = forecast::until(tx, tenant, now, until)?;
        let happened = since.map(|since| {
            let happened = Span { since: Some(since), until: None };
            let filter = EventFilter { happened, ..EventFilter::default() };
            let mut page = events::list(tx, owner, &filter, &Cursor::first(Limit::MOST), kept_since)?;
            page.items.retain(|event| event.partner == tenant);
            Ok::<_, Failed<ListRefused>>(page)
        });
        let made = made.map(|id| customers::find(tx, tenant, id)).transpose();
        Ok::<_, Failed<ListRefused>>(Found {
            until,
            forecast,
            happened: happened.transpose()?,
            made: made.map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?,
            mails: mails::of_partner(tx, tenant)?,
            newest: tape::read(tx, owner, kept_since)?,
            clocks: sandbox::list(tx, owner)?,
        })
    };
    match visit.state.store.list(read).await {
        Ok(found) => framed(StatusCode::OK, &page(visit, &desk, &asked, &shown, &found)),
        Err(failed) => refused_list(&headers, failed),
    }
}

/// Why a form did not do anything, or why the chosen moment does not do; empty if all is well.
fn wrong_of(
    asked: &Asked, until: Option<Timestamp>, (now, real): (Timestamp, RealTime), t: &'static Texts,
) -> &'static str {
    match until {
        Some(until) if until <= now => t.tests.in_the_past,
        Some(until) if until > latest(real) => t.tests.too_late,
        None if asked.by == "next" => t.tests.nothing_comes_text,
        Some(_) | None => match asked.wrong.as_str() {
            "" => "",
            "name" => t.clocks.wrong_name,
            "begin" => t.clocks.wrong_begin,
            "many" => t.clocks.too_many,
            "confirm" => t.clocks.not_confirmed,
            "moving" => t.clocks.moving,
            _late => t.tests.too_late,
        },
    }
}

fn page(visit: Visit, desk: &Desk, asked: &Asked, of: &Shown, found: &Found) -> SandboxPage {
    let (t, around) = (visit.texts(), visit.around());
    let Shown { clock, now, main, real } = of;
    let (now, real, clock) = (*now, *real, clock.as_ref());
    let id = clock.map(|clock| clock.id);
    let (until, forecast) = (found.until, &found.forecast);
    let wrong = wrong_of(asked, until, (now, real), t);
    let plan = until.filter(|_| wrong.is_empty());
    let shown = if plan.is_some() { forecast.coming.len() } else { GLANCE };
    let is_moved = now.since(real.unmoved()).as_secs() >= 60;
    let step = |value, label| (value, label, asked.by == value);
    SandboxPage {
        may_change: desk.role.includes(TeamRole::Developer),
        choices: Choice::all(*main, &found.clocks, clock, real, t),
        clock: id.map_or_else(String::new, |id| id.to_string()),
        clock_name: clock.map_or_else(|| t.clocks.main.to_owned(), |clock| clock.name.clone()),
        done: match asked.done.as_str() {
            "deleted" => t.clocks.deleted,
            "reset" => t.clocks.was_reset,
            _nothing => "",
        },
        mailbox: mailbox_of(id),
        date: written::date(now.business_date()),
        time: time(now),
        ahead: if is_moved {
            (t.tests.ahead)(&span(now.since(real.unmoved()), t))
        } else {
            t.tests.real_time.to_owned()
        },
        steps: vec![
            step("day", t.tests.one_day),
            step("week", t.tests.one_week),
            step("month", t.tests.one_month),
            step("next", t.tests.next_thing),
        ],
        day: asked.until.clone(),
        wrong,
        plan: plan.map(|until| Plan { until: until.micros(), words: words_of(until) }),
        has_more: forecast.has_more || forecast.coming.len() > shown,
        coming: forecast.coming.iter().take(shown).map(|coming| Row::coming(coming, t)).collect(),
        happened: found.happened.as_ref().map(|page| page.items.iter().filter_map(Row::happened).collect()),
        made: found.made.as_ref().map(|file| Made::of(file, id, &asked.event)),
        scenarios: Scenario::ALL
            .into_iter()
            .map(|scenario| {
                let (title, about) = (t.tests.scenario)(scenario);
                (scenario, title, about)
            })
            .collect(),
        events: COURSES.iter().filter_map(|course| name_of(Generation::Reference, course.event)).collect(),
        letters: found.mails.items.iter().take(LETTERS).map(|mail| Letter::of(mail, id)).collect(),
        tape: tape::rows(&found.newest, t),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    }
}

/// The time of the day, in São Paulo.
fn time(at: Timestamp) -> String {
    let local = at.business_datetime();
    format!("{:02}:{:02}", local.hour(), local.minute())
}

/// A moment as the button names it.
fn words_of(at: Timestamp) -> String {
    format!("{} {}", written::date(at.business_date()), time(at))
}
