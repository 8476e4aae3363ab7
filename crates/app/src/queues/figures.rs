//! The figures of the queues: what waits, since when, and how much of it too long.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::access::Permissions;
use domain::id::OperatorId;
use domain::money::Cents;
use domain::queue::{Bucket, Queue, ServiceLevels};
use domain::time::RealTime;
use store::cases::Waiting;
use store::{StoreError, Tx};

use super::debtors::dated;

/// The figures of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueFigures {
    /// The queue.
    pub queue: Queue,
    /// The number of cases.
    pub waiting: i64,
    /// The number of cases that the operator has taken.
    pub mine: i64,
    /// The time since which the oldest case waits.
    pub oldest: Option<RealTime>,
    /// The longest time that a case should wait. Overdue loans have none.
    pub service_level: Option<Duration>,
    /// The number of cases that wait longer.
    pub late: i64,
    /// Overdue loans by their days overdue; empty for other queues.
    pub buckets: Vec<BucketFigures>,
}

/// The overdue loans of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BucketFigures {
    /// The bucket.
    pub bucket: Bucket,
    /// The number of loans.
    pub loans: i64,
    /// The unpaid principal and interest of their overdue installments, without late charges.
    pub unpaid: Cents,
}

/// The figures of every queue that an operator with these permissions may see.
pub fn figures(
    tx: &mut Tx<'_>, real: RealTime, me: OperatorId, may: Permissions, levels: &ServiceLevels,
) -> Result<Vec<QueueFigures>, StoreError> {
    let mut known: BTreeMap<Queue, Waiting> =
        store::cases::waiting(tx, real, me, levels)?.into_iter().map(|one| (one.queue, one)).collect();
    let seen = Queue::ALL.into_iter().filter(|queue| may.contains(queue.permission()));
    seen.map(|queue| whole(tx, real, queue, known.remove(&queue), levels)).collect()
}

/// The figures of one queue. Only those of the overdue loans read more than the waiting cases.
pub fn figures_of(
    tx: &mut Tx<'_>, real: RealTime, me: OperatorId, queue: Queue, levels: &ServiceLevels,
) -> Result<QueueFigures, StoreError> {
    let waiting = store::cases::waiting(tx, real, me, levels)?.into_iter().find(|one| one.queue == queue);
    whole(tx, real, queue, waiting, levels)
}

/// The figures of a queue, from those of its rows.
fn whole(
    tx: &mut Tx<'_>, real: RealTime, queue: Queue, waiting: Option<Waiting>, levels: &ServiceLevels,
) -> Result<QueueFigures, StoreError> {
    let figures = QueueFigures {
        queue,
        waiting: waiting.map_or(0, |waiting| waiting.count),
        mine: waiting.map_or(0, |waiting| waiting.mine),
        oldest: waiting.map(|waiting| waiting.oldest),
        service_level: levels.get(queue),
        late: waiting.map_or(0, |waiting| waiting.late),
        buckets: Vec::new(),
    };
    if queue == Queue::Overdue { overdue(tx, real, &figures) } else { Ok(figures) }
}

/// The figures of a queue in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueCount {
    /// The queue.
    pub queue: Queue,
    /// The number of cases.
    pub waiting: i64,
    /// Whether one of them waits longer than it should.
    pub is_late: bool,
}

/// The counts of every queue that an operator with these permissions may see. `overdue` is the number of overdue loans,
/// if the caller knows it: many rows must be read to count them.
pub fn counts(
    tx: &mut Tx<'_>, real: RealTime, viewer: (OperatorId, Permissions), levels: &ServiceLevels,
    overdue: Option<i64>,
) -> Result<Vec<QueueCount>, StoreError> {
    let (me, may) = viewer;
    let known = store::cases::waiting(tx, real, me, levels)?;
    let mut all = Vec::with_capacity(Queue::ALL.len());
    for queue in Queue::ALL.into_iter().filter(|queue| may.contains(queue.permission())) {
        let rows = known.iter().find(|one| one.queue == queue);
        let (waiting, is_late) = match (queue, overdue) {
            (Queue::Overdue, Some(known)) => (known, false),
            (Queue::Overdue, None) => (overdue_loans(tx, real)?, false),
            (_has_rows, _) => rows.map_or((0, false), |rows| (rows.count, rows.late > 0)),
        };
        all.push(QueueCount { queue, waiting, is_late });
    }
    Ok(all)
}

fn overdue_loans(tx: &mut Tx<'_>, real: RealTime) -> Result<i64, StoreError> {
    let mut loans = 0;
    for dated in dated(tx, real, None)? {
        loans += store::overdue::arrears(tx, dated.debtors)?.iter().map(|arrears| arrears.loans).sum::<i64>();
    }
    Ok(loans)
}

/// The figures of the overdue loans. The rows of cases count the assigned ones alone.
fn overdue(tx: &mut Tx<'_>, real: RealTime, assigned: &QueueFigures) -> Result<QueueFigures, StoreError> {
    let mut buckets =
        Bucket::ALL.map(|bucket| BucketFigures { bucket, loans: 0, unpaid: Cents::ZERO }).to_vec();
    let mut oldest: Option<RealTime> = None;
    for dated in dated(tx, real, None)? {
        for arrears in store::overdue::arrears(tx, dated.debtors)? {
            let since = dated.overdue_since(arrears.oldest);
            oldest = Some(oldest.map_or(since, |oldest| oldest.min(since)));
            let bucket = &mut buckets[arrears.bucket as usize];
            bucket.loans += arrears.loans;
            bucket.unpaid += arrears.unpaid;
        }
    }
    let waiting = buckets.iter().map(|bucket| bucket.loans).sum();
    Ok(QueueFigures { waiting, oldest, late: 0, buckets, ..assigned.clone() })
}
