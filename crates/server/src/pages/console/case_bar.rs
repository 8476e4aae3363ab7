//! The bar above the page of a case: its queue, who has it, who else looks at it, and the way to the next case.

use app::queues::{CaseView, Taker};
use domain::id::OperatorId;
use domain::queue::{Queue, Who};

use super::filter::{FilterAddress as _, Opened};
use crate::pages::kit::shown::initials;
use crate::pages::texts::Texts;

/// The bar of a case.
#[derive(Debug, Clone)]
pub(in crate::pages) struct CaseBar {
    pub(in crate::pages) queue: Queue,
    pub(in crate::pages) queue_name: &'static str,
    pub(in crate::pages) queue_href: String,
    pub(in crate::pages) next_href: String,
    /// The address that says how the case is now.
    pub(in crate::pages) live_href: String,
    /// The address of the forms that take and release the case.
    pub(in crate::pages) assign_href: String,
    /// The case as a query, for the addresses that a page leads to.
    pub(in crate::pages) query: String,
    pub(in crate::pages) subject: String,
    /// The page to which the forms return.
    pub(in crate::pages) back: String,
    pub(in crate::pages) now: CaseNow,
}

/// The present state of the case.
#[derive(Debug, Clone)]
pub(in crate::pages) struct CaseNow {
    /// Whether it still waits in the queue.
    pub(in crate::pages) waits: bool,
    pub(in crate::pages) taker: Option<Holder>,
    /// The operator who has it, as the operator API names them.
    pub(in crate::pages) expected: String,
    /// Who else looks, in words; empty if nobody does.
    pub(in crate::pages) looking: String,
}

/// The operator who has a case.
#[derive(Debug, Clone)]
pub(in crate::pages) struct Holder {
    pub(in crate::pages) name: String,
    pub(in crate::pages) initials: String,
    pub(in crate::pages) is_me: bool,
}

impl Holder {
    pub(in crate::pages) fn of(taker: &Taker, me: OperatorId) -> Self {
        Self { initials: initials(&taker.name), name: taker.name.clone(), is_me: taker.id == me }
    }
}

impl CaseBar {
    /// The bar of a page at the address `back`.
    pub(in crate::pages) fn of(
        opened: &Opened, view: Option<&CaseView>, (me, back): (OperatorId, &str), t: &Texts,
    ) -> Self {
        let (queue, subject) = (opened.queue, opened.subject().to_string());
        let address = format!("/console/queues/{}", queue.name());
        Self {
            queue,
            queue_name: (t.queue.name)(queue),
            queue_href: opened.filter.address(queue),
            next_href: opened.next(),
            live_href: format!("/console/live/case?{}", opened.query()),
            assign_href: format!("{address}/assign"),
            query: opened.query(),
            subject,
            back: back.to_owned(),
            now: CaseNow::of(view, me, t),
        }
    }
}

impl CaseNow {
    pub(in crate::pages) fn is_mine(&self) -> bool {
        self.taker.as_ref().is_some_and(|taker| taker.is_me)
    }

    fn of(view: Option<&CaseView>, me: OperatorId, t: &Texts) -> Self {
        let assignee = view.and_then(|view| view.case.assignee);
        Self {
            waits: view.is_some(),
            taker: view.and_then(|view| view.taker.as_ref()).map(|taker| Holder::of(taker, me)),
            expected: assignee.map_or(Who::Nobody, Who::Operator).to_string(),
            looking: looking(view.map_or(&[], |view| &view.looking), t),
        }
    }
}

/// The others who look at a case, in words; empty if nobody does.
pub(super) fn looking(others: &[Taker], t: &Texts) -> String {
    match others {
        [] => String::new(),
        [one] => (t.queue.looks)(first_name(&one.name)),
        [one, more @ ..] => (t.queue.look)(first_name(&one.name), more.len()),
    }
}

fn first_name(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}
