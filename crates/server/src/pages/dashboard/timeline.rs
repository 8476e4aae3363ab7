//! The history on the pages of a customer and a loan: five sources over one time.

use app::portfolio::timeline::{self, Happened, Logged, What};
use app::{Failed, NotFound, Tx};
use domain::event::EventKind;
use domain::id::PartnerId;
use domain::request_log::LoggedRequest;
use domain::time::Timestamp;
use domain::webhook::delivery::DeliveryState;
use domain::written;
use serde::Deserialize;

use super::events::name;
use super::requests::{tone, took};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::Moment;
use crate::pages::kit::tab::Tab;
use crate::pages::mail_subject::subject;
use crate::pages::people::visit::Visit;
use crate::pages::sent::SentRow;
use crate::pages::signing::masked;
use crate::pages::texts::Texts;

/// A source of the history, with a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Calls,
    Events,
    Deliveries,
    Letters,
    Pages,
}

impl Source {
    const ALL: [Self; 5] = [Self::Calls, Self::Events, Self::Deliveries, Self::Letters, Self::Pages];

    /// The word in an address.
    const fn word(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Events => "events",
            Self::Deliveries => "deliveries",
            Self::Letters => "letters",
            Self::Pages => "pages",
        }
    }

    /// The source with this word.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.word() == word)
    }

    fn of(what: &What) -> Self {
        match what {
            What::Called(_) => Self::Calls,
            What::Recorded(..) => Self::Events,
            What::Delivered(_) => Self::Deliveries,
            What::Mail(_) => Self::Letters,
            What::PageVisited | What::Visited(..) | What::Signed { .. } => Self::Pages,
        }
    }

    const fn label(self, t: &Texts) -> &'static str {
        match self {
            Self::Calls => t.portfolio.source_calls,
            Self::Events => t.portfolio.source_events,
            Self::Deliveries => t.portfolio.source_deliveries,
            Self::Letters => t.portfolio.source_letters,
            Self::Pages => t.portfolio.source_pages,
        }
    }

    const fn icon(self) -> &'static str {
        match self {
            Self::Calls => "arrow-right",
            Self::Events => "history",
            Self::Deliveries => "webhook",
            Self::Letters => "mail",
            Self::Pages => "eye",
        }
    }

    /// The class of its column.
    const fn class(self) -> &'static str {
        match self {
            Self::Calls => "lane-1",
            Self::Events => "lane-2",
            Self::Deliveries => "lane-3",
            Self::Letters => "lane-4",
            Self::Pages => "lane-5",
        }
    }
}

/// The part of an address that names the part of a page in view.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Place {
    #[serde(default)]
    tab: String,
    /// The source of the history that is shown alone.
    #[serde(default)]
    source: String,
}

impl Place {
    /// Whether the history is in view. An address with an unknown part shows the summary.
    pub(super) fn is_timeline(&self) -> bool {
        self.tab == "timeline"
    }

    /// The source that is shown alone; `None` for all.
    pub(super) fn source(&self) -> Option<Source> {
        Source::of_word(&self.source)
    }

    /// The parts of the page at `page`.
    pub(super) fn tabs(&self, page: &str, t: &Texts) -> Vec<Tab> {
        let (summary, history) = (page.to_owned(), format!("{page}?tab=timeline"));
        let is_timeline = self.is_timeline();
        vec![
            Tab { href: summary, label: t.portfolio.summary, current: !is_timeline },
            Tab { href: history, label: t.customer.timeline, current: is_timeline },
        ]
    }
}

/// The history of a page.
pub(super) struct Timeline {
    pub(super) chips: Vec<Chip>,
    pub(super) rows: Vec<Row>,
    /// Whether the request log could be read.
    pub(super) has_calls: bool,
}

/// A source that can be shown alone, or all of them.
pub(super) struct Chip {
    pub(super) href: String,
    /// Empty for all sources.
    pub(super) icon: &'static str,
    pub(super) label: &'static str,
    pub(super) count: usize,
    pub(super) current: bool,
}

/// A line of the history.
pub(super) struct Row {
    /// The day, if the line before is of another one; empty otherwise.
    pub(super) day: String,
    pub(super) class: &'static str,
    pub(super) icon: &'static str,
    /// The class of its sign: empty, "ok" or "bad".
    pub(super) tone: &'static str,
    pub(super) at: Moment,
    pub(super) what: String,
    /// Whether that is a name of the API.
    pub(super) is_code: bool,
    pub(super) about: String,
    pub(super) figure: String,
    /// Its page; empty if it has none.
    pub(super) href: String,
}

/// The newest calls of the partner and visits about a resource of the tenant, which is a clock or the partner itself; `None`
/// if the log is off or does not answer.
pub(super) async fn logged(
    visit: &Visit, (partner, tenant): (PartnerId, PartnerId), resource: String,
) -> Option<Logged> {
    let read =
        move |tx: &mut Tx<'_>| Ok::<_, Failed<NotFound>>(timeline::logged(tx, (partner, tenant), &resource)?);
    visit.state.request_log.read(read).await.ok()
}

impl Timeline {
    /// The history on the page at `page`, with one source or all.
    pub(super) fn of(
        all: &[Happened], page: &str, source: Option<Source>, has_calls: bool, t: &'static Texts,
    ) -> Self {
        let shown: Vec<&Happened> = all.iter().filter(|one| is_shown(&one.what)).collect();
        let count = |of: Source| shown.iter().filter(|one| Source::of(&one.what) == of).count();
        let of_source = |of: Source| Chip {
            href: format!("{page}?tab=timeline&source={}", of.word()),
            icon: of.icon(),
            label: of.label(t),
            count: count(of),
            current: source == Some(of),
        };
        let whole = Chip {
            href: format!("{page}?tab=timeline"),
            icon: "",
            label: t.portfolio.all_sources,
            count: shown.len(),
            current: source.is_none(),
        };
        let mut last = String::new();
        let in_view = shown.iter().filter(|one| source.is_none_or(|source| Source::of(&one.what) == source));
        let rows = in_view.map(|one| {
            let mut row = Row::of(one, t);
            let day = written::day_of(one.at);
            if day != last {
                row.day.clone_from(&day);
                last = day;
            }
            row
        });
        let rows = rows.collect();
        Self { chips: std::iter::once(whole).chain(Source::ALL.map(of_source)).collect(), rows, has_calls }
    }
}

/// Partners do not receive events of some kinds.
fn is_shown(what: &What) -> bool {
    match what {
        What::Recorded(_, kind) => name(*kind).is_some(),
        What::Delivered(_)
        | What::Mail(_)
        | What::PageVisited
        | What::Visited(..)
        | What::Signed { .. }
        | What::Called(_) => true,
    }
}

/// `16:20:02`, with the whole time in the tooltip.
fn clock(at: Timestamp) -> Moment {
    let local = at.business_datetime();
    Moment::new(at, &format!("{:02}:{:02}:{:02}", local.hour(), local.minute(), local.second()))
}

impl Row {
    fn of(one: &Happened, t: &'static Texts) -> Self {
        let source = Source::of(&one.what);
        let line = Self {
            day: String::new(),
            class: source.class(),
            icon: source.icon(),
            tone: "",
            at: clock(one.at),
            what: String::new(),
            is_code: false,
            about: String::new(),
            figure: String::new(),
            href: String::new(),
        };
        match &one.what {
            What::Called(call) => line.call(call),
            What::Recorded(id, kind) => line.event(&id.to_string(), *kind),
            What::Delivered(sent) => line.delivery(&SentRow::of(sent, t), sent, t),
            What::Mail(report) => {
                let to = report.mail.as_ref().map(|mail| masked(&mail.to));
                Self {
                    what: subject(report, t),
                    about: to.map_or_else(String::new, |to| (t.portfolio.mail_to)(&to)),
                    figure: Badge::of_mail(report.state, &t.badges).label.into_owned(),
                    ..line
                }
            }
            What::PageVisited => Self { what: t.history.page_visited.to_owned(), ..line },
            What::Visited(page, device) => Self {
                what: (t.portfolio.visited)(*page).to_owned(),
                about: (t.portfolio.device)(*device).to_owned(),
                ..line
            },
            What::Signed { name } => {
                let name = name.clone().unwrap_or_else(|| t.customer.unnamed.to_owned());
                Self { what: (t.loan.happened_signed)(&name), icon: "signature", tone: "ok", ..line }
            }
        }
    }

    fn call(self, call: &LoggedRequest) -> Self {
        let problem = call.problem.as_ref().map(|problem| problem.code.clone());
        Self {
            what: format!("{} {}", call.method, call.path),
            is_code: true,
            about: problem.or_else(|| call.idempotency_key.clone()).into_iter().collect(),
            figure: format!("{}, {}", call.status, took(call.took)),
            tone: if tone(call.status) == "tone-ok" { "" } else { "bad" },
            href: format!("/dashboard/requests/{}", call.id),
            ..self
        }
    }

    fn event(self, id: &str, kind: EventKind) -> Self {
        Self {
            what: name(kind).map_or_else(String::new, str::to_owned),
            is_code: true,
            href: format!("/dashboard/events/{id}"),
            ..self
        }
    }

    fn delivery(self, row: &SentRow, sent: &timeline::Sent, t: &Texts) -> Self {
        let delivery = &sent.delivery;
        Self {
            what: (t.portfolio.delivery_to)(&row.address),
            about: row.words.clone(),
            figure: row.badge.label.clone().into_owned(),
            tone: match delivery.state {
                DeliveryState::Delivered { .. } => "ok",
                DeliveryState::Pending { made: 0, .. } => "",
                DeliveryState::Pending { .. } | DeliveryState::Failed { .. } => "bad",
            },
            href: format!("/dashboard/webhooks/{}/deliveries/{}", delivery.endpoint, delivery.id),
            ..self
        }
    }
}
