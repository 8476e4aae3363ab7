//! The workers' looks at their queues, with the same queries.

use std::time::{Duration, Instant};

use app::webhooks::fan_out::FanOut;
use domain::id::PartnerId;
use domain::time::RealTime;
use store::{Store, StoreError, Tx};
use tools::bench::Looks;

/// A look at a queue.
type Look = fn(&mut Tx<'_>, Turn) -> Result<(), StoreError>;

/// The owner of the queue, and the moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) partner: PartnerId,
    pub(super) now: RealTime,
}

const LOOKS: &[(&str, Look)] = &[
    ("outbox: partners with waiting events", |tx, _| {
        app::webhooks::fan_out::waiting_partners(tx, None, 64).map(drop)
    }),
    ("outbox: a look at one feed", |tx, turn| {
        let with = FanOut {
            render: &|_, _, _| None,
            name_of: &|_, _| None,
            reads_without_listener: &|_| true,
            room: &|_| 0,
            lease_end: turn.now,
        };
        app::webhooks::fan_out::fan_out(tx, turn.now, &[turn.partner], 64, &with).map(drop)
    }),
    ("jobs: partners with due ones", |tx, turn| {
        app::autopilot::partners_with_due(tx, turn.now, 64).map(drop)
    }),
    ("jobs: one partner's due ones", |tx, turn| {
        app::autopilot::due_jobs(tx, turn.partner, turn.now.unmoved(), 64).map(drop)
    }),
    ("jobs: the next", |tx, _| app::autopilot::next_due(tx).map(drop)),
    ("mails: partners with due ones", |tx, turn| app::mails::partners_with_due(tx, turn.now, 64).map(drop)),
    ("mails: the next", |tx, _| app::mails::next_due(tx).map(drop)),
    ("deliveries: lanes with pending ones", |tx, _| app::webhooks::deliveries::lanes(tx).map(drop)),
    ("contracts: documents without a file", |tx, _| app::contracts::unstored(tx, 64).map(drop)),
    ("offers and links: the next end", |tx, _| app::loans::next_deadline(tx).map(drop)),
    ("gauges: backlog", |tx, _| app::webhooks::deliveries::backlog(tx).map(drop)),
];

/// Runs of each look; `AT_MOST` may end them earlier.
const TIMES: usize = 200;
const AT_MOST: Duration = Duration::from_secs(3);

/// The duration of each look, measured in the store alone.
pub(super) fn look(store: &Store, turn: Turn) -> Result<Vec<Looks>, StoreError> {
    let mut all = Vec::with_capacity(LOOKS.len());
    for (name, look) in LOOKS {
        let (began, mut took) = (Instant::now(), Vec::with_capacity(TIMES));
        while took.len() < TIMES && (took.len() < 10 || began.elapsed() < AT_MOST) {
            let started = Instant::now();
            store.write_blocking(move |tx: &mut Tx<'_>| look(tx, turn))?;
            took.push(micros(started.elapsed()));
        }
        all.push(Looks { name: (*name).to_owned(), took_us: took, span: began.elapsed() });
    }
    Ok(all)
}

/// A measured span, in microseconds.
pub(super) fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).expect("no bench runs for centuries")
}
