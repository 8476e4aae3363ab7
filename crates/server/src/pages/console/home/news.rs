//! The faults that wait for a person, and the newest movements.

use app::overview::{FailingPartner, Returned, Trouble, UnreadableRow};
use app::queues::NamedMove;
use domain::queue::Queue;
use domain::time::RealTime;
use domain::written;

use super::super::page_of::page_of;
use crate::pages::kit::shown::Moment;
use crate::pages::texts::Texts;

/// Something that went wrong.
pub(super) struct Wrong {
    pub(super) href: String,
    pub(super) icon: &'static str,
    /// `glyph-bad` or `glyph-warn`.
    pub(super) kind: &'static str,
    pub(super) title: String,
    pub(super) about: String,
}

pub(super) fn wrong(trouble: &Trouble, now: RealTime, t: &Texts) -> Vec<Wrong> {
    let h = &t.home;
    let mut all: Vec<Wrong> = trouble.returned.iter().map(|one| returned(one, now, t)).collect();
    let more = trouble.returned_count - i64::try_from(trouble.returned.len()).expect("a page is short");
    if more > 0 {
        all.push(Wrong {
            href: queue_page(Queue::DisbursementsReturned),
            icon: "undo-2",
            kind: "glyph-bad",
            title: (h.more_returned)(more),
            about: String::new(),
        });
    }
    all.extend(trouble.failing.iter().map(|one| failing(one, now, t)));
    if trouble.mails > 0 {
        all.push(Wrong {
            href: queue_page(Queue::MailsFailed),
            icon: "mail",
            kind: "glyph-warn",
            title: (h.mails_failed)(trouble.mails),
            about: h.mails_failed_note.to_owned(),
        });
    }
    all.extend(unreadable(&trouble.unreadable, t));
    all
}

/// One line for all rows that cannot be read.
fn unreadable(rows: &[UnreadableRow], t: &Texts) -> Option<Wrong> {
    let mut tables: Vec<&str> = rows.iter().map(|row| row.table).collect();
    tables.dedup();
    (!rows.is_empty()).then(|| Wrong {
        href: String::new(),
        icon: "triangle-alert",
        kind: "glyph-bad",
        title: (t.home.unreadable)(rows.len()),
        about: (t.home.unreadable_note)(&tables.join(", ")),
    })
}

fn queue_page(queue: Queue) -> String {
    format!("/console/queues/{}", queue.name())
}

fn returned(one: &Returned, now: RealTime, t: &Texts) -> Wrong {
    let name = one.customer_name.clone().unwrap_or_else(|| one.loan.to_string());
    let since = Moment::ago(one.since, now, t).words;
    let amount = one.amount.map_or_else(String::new, |amount| format!(" · {}", written::money(amount)));
    Wrong {
        href: format!("/console/loans/{}", one.loan),
        icon: "undo-2",
        kind: "glyph-bad",
        title: (t.home.returned)(&name),
        about: format!("{since}{amount}"),
    }
}

fn failing(one: &FailingPartner, now: RealTime, t: &Texts) -> Wrong {
    let since = Moment::ago(one.since, now, t).words;
    Wrong {
        href: page_of(&one.partner.to_string()),
        icon: "webhook",
        kind: "glyph-bad",
        title: (t.home.failing)(&one.name),
        about: format!("{since} · {}", (t.home.endpoints)(one.endpoints)),
    }
}

/// A movement in a queue.
pub(super) struct News {
    pub(super) href: String,
    pub(super) at: Moment,
    pub(super) clock: String,
    pub(super) who: String,
    pub(super) what: String,
}

pub(super) fn of(moves: &[NamedMove], now: RealTime, t: &Texts) -> Vec<News> {
    let news = |one: &NamedMove| {
        let moved = &one.moved;
        let local = moved.at.unmoved().business_datetime();
        let amount = moved.amount.map_or_else(String::new, |amount| format!(", {}", written::money(amount)));
        let words = if moved.arrived { (t.home.arrived)(moved.queue) } else { (t.home.left)(moved.queue) };
        News {
            href: page_of(&moved.subject.to_string()),
            at: Moment::ago(moved.at, now, t),
            clock: format!("{}:{:02}", local.hour(), local.minute()),
            who: one
                .customer_name
                .clone()
                .unwrap_or_else(|| (t.home.subject)(moved.subject.kind()).to_owned()),
            what: format!("{words}{amount}"),
        }
    };
    moves.iter().map(news).collect()
}
