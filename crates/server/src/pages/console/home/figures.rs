//! The figures of the first page: today's money, the queues with their ages, and the overdue loans.

use app::overview::{self, Overview};
use app::queues::{BucketFigures, QueueFigures};
use domain::money::Cents;
use domain::queue::{Queue, Who};
use domain::time::RealTime;
use domain::written;

use super::super::age::Age;
use super::super::filter::{Filter, FilterAddress as _};
use super::chart::Chart;
use crate::pages::addresses::joined;
use crate::pages::kit::shown::{Money, span};
use crate::pages::texts::Texts;

/// An amount of today.
pub(super) struct Stat {
    pub(super) label: &'static str,
    pub(super) amount: Money,
    pub(super) note: String,
}

pub(super) fn stats(money: Option<&overview::Money>, t: &Texts) -> Vec<Stat> {
    let Some(money) = money else { return Vec::new() };
    let h = &t.home;
    let stat = |label, amount, note| Stat { label, amount: Money(amount), note };
    let to_send = money.to_order.amount + money.at_bank.amount;
    vec![
        stat(h.received, money.received.amount, (h.payments)(money.received.count)),
        stat(h.out, money.out.amount, (h.disbursements)(money.out.count)),
        stat(h.to_send, to_send, (h.orders)(money.to_order.count, money.at_bank.count)),
        stat(h.due, money.due, h.due_note.to_owned()),
    ]
}

/// A queue in the table.
pub(super) struct QueueRow {
    pub(super) href: String,
    pub(super) name: &'static str,
    pub(super) waiting: i64,
    pub(super) mine: i64,
    /// The age of the oldest case; `None` if none waits.
    pub(super) age: Option<Age>,
    /// The service level in words; empty if there is none.
    pub(super) level: String,
    /// The number of late cases in words; empty if none is.
    pub(super) late: String,
    pub(super) chart: Option<Chart>,
}

impl QueueRow {
    pub(super) fn of(
        figures: &QueueFigures, day: &Overview, (now, is_mine): (RealTime, bool), t: &Texts,
    ) -> Self {
        let queue = figures.queue;
        let filter = Filter { who: is_mine.then_some(Who::Me), ..Filter::default() };
        let name = (t.queue.name)(queue);
        let movement = day.movements.iter().find(|movement| movement.queue == queue);
        Self {
            href: filter.address(queue),
            name,
            waiting: figures.waiting,
            mine: figures.mine,
            age: figures.oldest.map(|oldest| Age::of(oldest, now, figures.service_level, t)),
            level: figures.service_level.map_or_else(String::new, |level| (t.home.of_level)(&span(level, t))),
            late: if figures.late > 0 { (t.queue.late)(figures.late) } else { String::new() },
            chart: movement.map(|movement| Chart::of(movement, t.home.chart, name)),
        }
    }
}

/// The way to the next case: that of the queue with late cases, or else of the first queue in which something waits.
/// Empty if nothing does.
pub(super) fn next_case(figures: &[QueueFigures], is_mine: bool) -> String {
    let waits = |figures: &&QueueFigures| if is_mine { figures.mine > 0 } else { figures.waiting > 0 };
    let late = figures.iter().filter(waits).find(|figures| figures.late > 0);
    let Some(next) = late.or_else(|| figures.iter().find(waits)) else { return String::new() };
    let filter = Filter { who: is_mine.then_some(Who::Me), ..Filter::default() };
    joined(&format!("/console/queues/{}/next", next.queue.name()), &filter.query())
}

/// A bucket of overdue loans.
pub(super) struct ArrearsRow {
    pub(super) href: String,
    pub(super) days: String,
    pub(super) loans: i64,
    pub(super) unpaid: Money,
    pub(super) cents: i64,
    pub(super) most: i64,
}

/// The buckets; none if nothing is overdue.
pub(super) fn arrears(figures: &[QueueFigures], t: &Texts) -> Vec<ArrearsRow> {
    let Some(overdue) = overdue(figures) else { return Vec::new() };
    let most = overdue.buckets.iter().map(|bucket| bucket.unpaid.get()).fold(1, i64::max);
    let row = |bucket: &BucketFigures| {
        let days = u64::from(bucket.bucket.first_day() - 1);
        let older = std::time::Duration::from_secs(days * 86_400);
        let filter = Filter { older_than: (days > 0).then_some(older), ..Filter::default() };
        ArrearsRow {
            href: filter.address(Queue::Overdue),
            days: (t.home.bucket)(bucket.bucket),
            loans: bucket.loans,
            unpaid: Money(bucket.unpaid),
            cents: bucket.unpaid.get(),
            most,
        }
    };
    overdue.buckets.iter().map(row).collect()
}

fn overdue(figures: &[QueueFigures]) -> Option<&QueueFigures> {
    figures.iter().find(|figures| figures.queue == Queue::Overdue && figures.waiting > 0)
}

/// The overdue loans in words.
pub(super) fn arrears_words(figures: &[QueueFigures], t: &Texts) -> String {
    let sum = |overdue: &QueueFigures| overdue.buckets.iter().map(|bucket| bucket.unpaid).sum::<Cents>();
    overdue(figures)
        .map_or_else(String::new, |overdue| (t.home.arrears)(overdue.waiting, &written::money(sum(overdue))))
}
