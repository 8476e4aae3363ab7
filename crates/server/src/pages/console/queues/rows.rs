//! The rows of a queue's list.

use std::time::Duration;

use app::queues::CaseView;
use domain::id::OperatorId;
use domain::queue::Queue;
use domain::time::RealTime;

use super::super::age::Age;
use super::super::case_bar::{Holder, looking};
use super::super::filter::Filter;
use super::shown::{address, special, title};
use crate::pages::kit::shown::Money;
use crate::pages::texts::Texts;

/// A row of the list.
pub(super) struct Row {
    pub(super) subject: String,
    pub(super) href: String,
    pub(super) title: String,
    /// The masked tax number; empty without a customer.
    pub(super) tax_id: String,
    pub(super) partner: String,
    pub(super) amount: Option<Money>,
    pub(super) special: String,
    pub(super) age: Age,
    pub(super) taker: Option<Holder>,
    /// Who else looks, in words; empty if nobody does.
    pub(super) looking: String,
}

/// The values that all rows of a list share.
pub(super) struct Common {
    pub(super) queue: Queue,
    pub(super) filter: Filter,
    pub(super) me: OperatorId,
    pub(super) now: RealTime,
    pub(super) level: Option<Duration>,
}

impl Row {
    pub(super) fn of(view: &CaseView, common: &Common, t: &'static Texts) -> Self {
        // Days overdue are days of the calendar. The hours since the due date may be a day less.
        let age = match view.days_overdue {
            Some(days) => Age { words: (t.days)(u64::from(days)), kind: "" },
            None => Age::of(view.case.since, common.now, common.level, t),
        };
        Self {
            subject: view.case.subject.to_string(),
            href: address(view, common.queue, common.filter),
            title: title(view, t),
            tax_id: view.customer_tax_id.iter().cloned().collect(),
            partner: view.partner_name.clone(),
            amount: view.case.amount.map(Money),
            special: special(view, t),
            age,
            taker: view.taker.as_ref().map(|taker| Holder::of(taker, common.me)),
            looking: looking(&view.looking, t),
        }
    }
}
