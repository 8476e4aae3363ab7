//! The figures of the queues: what waits, since when, and how much of it too long.

use std::collections::BTreeMap;
use std::sync::Arc;
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

/// The overdue loans of all partners.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OverdueLoans {
    /// Every bucket, also empty ones.
    pub buckets: Vec<BucketFigures>,
    /// The time since which the oldest of them is overdue.
    pub oldest: Option<RealTime>,
}

impl OverdueLoans {
    /// The number of loans.
    pub fn count(&self) -> i64 {
        self.buckets.iter().map(|bucket| bucket.loans).sum()
    }
}

/// The overdue loans of all partners. This reads a row for each of their unpaid installments.
pub fn overdue_loans(tx: &mut Tx<'_>, real: RealTime) -> Result<OverdueLoans, StoreError> {
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
    Ok(OverdueLoans { buckets, oldest })
}

/// The operator for whom the queues are counted.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The operator.
    pub me: OperatorId,
    /// The operator's permissions.
    pub may: Permissions,
    /// The longest times that cases should wait.
    pub levels: ServiceLevels,
    /// The overdue loans, if the caller knows them from a moment ago: many rows must be read to count them.
    pub overdue: Option<Arc<OverdueLoans>>,
}

impl Viewer {
    fn overdue(&self, tx: &mut Tx<'_>, real: RealTime) -> Result<Arc<OverdueLoans>, StoreError> {
        match &self.overdue {
            Some(known) => Ok(Arc::clone(known)),
            None => overdue_loans(tx, real).map(Arc::new),
        }
    }
}

/// The figures of every queue that the operator may see.
pub fn figures(tx: &mut Tx<'_>, real: RealTime, viewer: &Viewer) -> Result<Vec<QueueFigures>, StoreError> {
    let Viewer { me, may, levels, .. } = viewer;
    let mut known: BTreeMap<Queue, Waiting> =
        store::cases::waiting(tx, real, *me, levels)?.into_iter().map(|one| (one.queue, one)).collect();
    let seen = Queue::ALL.into_iter().filter(|queue| may.contains(queue.permission()));
    seen.map(|queue| whole(tx, real, queue, known.remove(&queue), viewer)).collect()
}

/// The figures of one queue. Only those of the overdue loans read more than the waiting cases.
pub fn figures_of(
    tx: &mut Tx<'_>, real: RealTime, queue: Queue, viewer: &Viewer,
) -> Result<QueueFigures, StoreError> {
    let waiting = store::cases::waiting(tx, real, viewer.me, &viewer.levels)?
        .into_iter()
        .find(|one| one.queue == queue);
    whole(tx, real, queue, waiting, viewer)
}

/// The figures of a queue, from those of its rows.
fn whole(
    tx: &mut Tx<'_>, real: RealTime, queue: Queue, waiting: Option<Waiting>, viewer: &Viewer,
) -> Result<QueueFigures, StoreError> {
    let figures = QueueFigures {
        queue,
        waiting: waiting.map_or(0, |waiting| waiting.count),
        mine: waiting.map_or(0, |waiting| waiting.mine),
        oldest: waiting.map(|waiting| waiting.oldest),
        service_level: viewer.levels.get(queue),
        late: waiting.map_or(0, |waiting| waiting.late),
        buckets: Vec::new(),
    };
    if queue != Queue::Overdue {
        return Ok(figures);
    }
    // The rows of cases count the assigned ones alone.
    let all = viewer.overdue(tx, real)?;
    Ok(QueueFigures {
        waiting: all.count(),
        oldest: all.oldest,
        late: 0,
        buckets: all.buckets.clone(),
        ..figures
    })
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

/// The counts of every queue that the operator may see.
pub fn counts(tx: &mut Tx<'_>, real: RealTime, viewer: &Viewer) -> Result<Vec<QueueCount>, StoreError> {
    let Viewer { me, may, levels, .. } = viewer;
    let known = store::cases::waiting(tx, real, *me, levels)?;
    let mut all = Vec::with_capacity(Queue::ALL.len());
    for queue in Queue::ALL.into_iter().filter(|queue| may.contains(queue.permission())) {
        let rows = known.iter().find(|one| one.queue == queue);
        let (waiting, is_late) = if queue == Queue::Overdue {
            (viewer.overdue(tx, real)?.count(), false)
        } else {
            rows.map_or((0, false), |rows| (rows.count, rows.late > 0))
        };
        all.push(QueueCount { queue, waiting, is_late });
    }
    Ok(all)
}
