//! The page of a queue.

use std::time::Duration;

use app::queues::{self, CaseView, QueueFigures};
use app::{Cursor, Failed, ListRefused, Tx};
use askama::Template;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::access::Permission;
use domain::page::{Limit, Order, Page};
use domain::queue::{Bucket, Queue, SavedView, Who};

use super::super::filter::{Asked, Filter, FilterAddress as _};
use super::super::viewer::viewer;
use super::rows::{Common, Row};
use super::shown::place_after;
use crate::http::problem::of_store;
use crate::pages::addresses::joined;
use crate::pages::answer::failure;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::{Money, span};
use crate::pages::people::frame::Around;
use crate::pages::people::notice::refused_list;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Most partners in the filter. A lender with more filters by the address.
const PARTNERS: Limit = Limit::MOST;

#[derive(Template)]
#[template(path = "console/queue.html")]
struct QueuePage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue: Queue,
    name: &'static str,
    /// The address without filters.
    address: String,
    next_case: String,
    level: String,
    late: i64,
    waiting: i64,
    views: Vec<ViewTab>,
    /// The address of the form that deletes the view in sight; empty if it is none of the person's.
    delete_view: String,
    /// The address of the form that saves the filter; empty if there is nothing to save.
    save_view: String,
    partners: Vec<Choice>,
    ages: Vec<Choice>,
    amount: String,
    assignee: String,
    /// The chosen partner and age, for the form that saves a view.
    chosen: (String, String),
    is_filtered: bool,
    may_assign: bool,
    rows: Vec<Row>,
    unreadable: usize,
    /// The address of the next page; empty if this is the last one.
    next: String,
    /// The address of the first page; empty if this is it.
    first: String,
    /// The address that says whether the list has changed.
    live: String,
}

/// A tab above the list.
struct ViewTab {
    href: String,
    label: String,
    count: String,
    is_shown: bool,
}

/// An option of a filter.
struct Choice {
    value: String,
    label: String,
    is_chosen: bool,
}

/// The contents of one page of a queue.
struct Read {
    figures: QueueFigures,
    cases: Page<CaseView>,
    partners: Vec<app::partners::Partner>,
    views: Vec<SavedView>,
}

/// Shows a page of a queue.
pub(super) async fn page(visit: Visit, queue: Queue, asked: &Asked, headers: &HeaderMap) -> Response {
    let (filter, after, now) = (asked.filter(), asked.after(), visit.state.clock.now());
    let me = visit.visitor.operator.id;
    let viewer = match viewer(&visit.state, &visit.visitor, now).await {
        Ok(viewer) => viewer,
        Err(error) => return failure(&of_store(error)),
    };
    let wanted = filter.wanted(queue, me);
    let read = move |tx: &mut Tx<'_>| {
        let cursor = Cursor { after, limit: Limit::DEFAULT, order: Order::Ascending };
        let cases = queues::list(tx, now, &wanted, &cursor)?;
        let figures = queues::figures_of(tx, now, queue, &viewer)?;
        let partners = app::partners::list(tx, &Cursor::first(PARTNERS))?.items;
        let mut views = queues::views(tx, me)?;
        views.retain(|view| view.queue == queue);
        Ok::<_, Failed<ListRefused>>(Read { figures, cases, partners, views })
    };
    match visit.state.store.list(read).await {
        Ok(read) => framed(StatusCode::OK, &QueuePage::of(visit, queue, (filter, after.is_some()), read)),
        Err(failed) => refused_list(headers, failed),
    }
}

impl QueuePage {
    fn of(visit: Visit, queue: Queue, (filter, is_later): (Filter, bool), read: Read) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let Read { figures, cases, partners, views } = read;
        let level = visit.state.config.service_levels.get(queue);
        let (me, now) = (visit.visitor.operator.id, visit.state.clock.now());
        let common = Common { queue, filter, me, now, level };
        let QueueFigures { waiting, mine, late, .. } = figures;
        let own = filter.address(queue);
        let shown = views.iter().find(|view| view.filter == filter);
        let address = |rest: &str| format!("/console/queues/{}/views{rest}", queue.name());
        let last = place_after(&cases.items, cases.has_more);
        let mut partners: Vec<(String, String)> =
            partners.into_iter().map(|partner| (partner.id.to_string(), partner.name)).collect();
        partners.sort_by(|one, other| one.1.cmp(&other.1));
        Self {
            queue,
            name: (t.queue.name)(queue),
            address: Filter::default().address(queue),
            next_case: joined(&format!("/console/queues/{}/next", queue.name()), &filter.query()),
            level: level.map_or_else(String::new, |level| (t.queue.level)(&span(level, t))),
            late,
            waiting,
            views: tabs((queue, filter), (waiting, mine), &views, t),
            delete_view: shown.map_or_else(String::new, |view| {
                joined(
                    &address(&format!("/{}/delete", view.id)),
                    &Filter { who: view.filter.who, ..Filter::default() }.query(),
                )
            }),
            save_view: if shown.is_none() && filter != Filter::default() {
                address("")
            } else {
                String::new()
            },
            partners: choices(partners, filter.partner.map(|partner| partner.to_string()).as_ref()),
            ages: ages(queue, filter, t),
            amount: filter.least.map_or_else(String::new, |least| Money(least).figure()),
            assignee: filter.who.map_or_else(String::new, |who| who.to_string()),
            chosen: (
                filter.partner.map_or_else(String::new, |partner| partner.to_string()),
                filter.older_than.map_or_else(String::new, |span| span.as_secs().to_string()),
            ),
            is_filtered: Filter { who: None, ..filter }.query() != "",
            may_assign: visit.visitor.grants.allows(Permission::AssignCases),
            rows: cases.items.iter().map(|view| Row::of(view, &common, t)).collect(),
            unreadable: cases.unreadable.len(),
            next: last.map_or_else(String::new, |place| joined(&own, &format!("after={place}"))),
            first: if is_later { own } else { String::new() },
            live: format!("/console/live/queue?queue={}&seen={waiting}-{late}", queue.name()),
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }
}

impl QueuePage {
    fn has_amounts(&self) -> bool {
        has_amounts(self.queue)
    }

    fn has_notes(&self) -> bool {
        has_notes(self.queue)
    }

    fn nothing(&self) -> &'static str {
        if self.is_filtered || !self.assignee.is_empty() {
            self.t.queue.nothing_filtered
        } else {
            self.t.queue.nothing
        }
    }

    fn nothing_text(&self) -> &'static str {
        (self.t.queue.empty)(self.queue)
    }
}

/// Whether the list says something special of the cases of a queue.
fn has_notes(queue: Queue) -> bool {
    match queue {
        Queue::ContractsUnsigned | Queue::Proposals => true,
        Queue::KycToReview
        | Queue::Overdue
        | Queue::MailsFailed
        | Queue::CreditReferred
        | Queue::WaitingForMoney
        | Queue::Disbursing
        | Queue::DisbursementsReturned => false,
    }
}

/// Whether the cases of a queue are about an amount.
fn has_amounts(queue: Queue) -> bool {
    match queue {
        Queue::ContractsUnsigned
        | Queue::WaitingForMoney
        | Queue::Disbursing
        | Queue::DisbursementsReturned
        | Queue::Overdue
        | Queue::Proposals => true,
        Queue::KycToReview | Queue::CreditReferred | Queue::MailsFailed => false,
    }
}

fn tabs(
    (queue, filter): (Queue, Filter), (all, mine): (i64, i64), saved: &[SavedView], t: &Texts,
) -> Vec<ViewTab> {
    let is_saved = saved.iter().any(|view| view.filter == filter);
    let tab = |who: Option<Who>, label: &'static str, count: Option<i64>| ViewTab {
        href: Filter { who, ..filter }.address(queue),
        label: label.to_owned(),
        count: count.map_or_else(String::new, |count| count.to_string()),
        is_shown: !is_saved && filter.who == who,
    };
    let view = |view: &SavedView| ViewTab {
        href: view.filter.address(queue),
        label: view.name.clone(),
        count: String::new(),
        is_shown: view.filter == filter,
    };
    let mut tabs = vec![
        tab(None, t.queue.all, Some(all)),
        tab(Some(Who::Me), t.queue.mine, Some(mine)),
        tab(Some(Who::Nobody), t.queue.of_nobody, None),
    ];
    tabs.extend(saved.iter().map(view));
    tabs
}

fn choices(of: Vec<(String, String)>, chosen: Option<&String>) -> Vec<Choice> {
    let choice =
        |(value, label): (String, String)| Choice { is_chosen: chosen == Some(&value), value, label };
    of.into_iter().map(choice).collect()
}

/// The ages that the filter offers: those of the buckets for overdue loans.
fn ages(queue: Queue, filter: Filter, t: &Texts) -> Vec<Choice> {
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    let offered: Vec<Duration> = if queue == Queue::Overdue {
        let later = Bucket::ALL.into_iter().filter(|bucket| *bucket != Bucket::UpTo15);
        later.map(|bucket| hours(24 * u64::from(bucket.first_day() - 1))).collect()
    } else {
        [1, 4, 24, 72, 168].map(hours).into()
    };
    let mut offered = offered;
    offered.extend(filter.older_than.filter(|asked| !offered.contains(asked)));
    let choice = |age: Duration| (age.as_secs().to_string(), (t.queue.older_than)(&span(age, t)));
    choices(
        offered.into_iter().map(choice).collect(),
        filter.older_than.map(|age| age.as_secs().to_string()).as_ref(),
    )
}
