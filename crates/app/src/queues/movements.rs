//! The arrivals and departures of each queue by hour, and the newest of them.

use std::time::Duration;

use domain::access::Permissions;
use domain::id::CustomerId;
use domain::queue::Queue;
use domain::time::RealTime;
use store::case_ends::{Move, Moved};
use store::{StoreError, Tx};

use crate::customers;

/// The hours of a chart. The last one is not over.
pub const HOURS: usize = 8;

/// Most movements in the list of the newest ones.
const NEWEST: usize = 12;

/// The arrivals and departures of a queue in each of the last hours, the oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// The queue.
    pub queue: Queue,
    /// The cases that arrived.
    pub arrived: [i64; HOURS],
    /// The cases that left.
    pub left: [i64; HOURS],
}

/// The movements of every queue that an operator with these permissions may see. Overdue loans have none: a loan becomes
/// overdue because a day passes.
pub fn movements(tx: &mut Tx<'_>, now: RealTime, may: Permissions) -> Result<Vec<Movement>, StoreError> {
    let (arrived, left) = store::case_ends::moved_since(tx, first_hour(now))?;
    let of =
        |queue: Queue| Movement { queue, arrived: by_hour(&arrived, queue), left: by_hour(&left, queue) };
    Ok(seen(may).into_iter().map(of).collect())
}

/// The queues with movements that an operator may see.
fn seen(may: Permissions) -> Vec<Queue> {
    let all = Queue::ALL.into_iter();
    all.filter(|queue| *queue != Queue::Overdue && may.contains(queue.permission())).collect()
}

/// The beginning of the first hour of a chart.
fn first_hour(now: RealTime) -> RealTime {
    let this = RealTime::from_seconds(now.seconds().div_euclid(3_600) * 3_600);
    this.minus(Duration::from_hours(HOURS as u64 - 1))
}

fn by_hour(moved: &[Moved], of: Queue) -> [i64; HOURS] {
    std::array::from_fn(|hour| {
        let here = |one: &&Moved| one.queue == of && usize::try_from(one.hour) == Ok(hour);
        moved.iter().filter(here).map(|one| one.cases).sum()
    })
}

/// Ended cases are kept for this time. The charts need a part of it.
pub const ENDS_KEPT: Duration = Duration::from_hours(24);

/// Deletes up to `rows` ended cases from before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    store::case_ends::purge(tx, cutoff, rows)
}

/// A movement with the name of its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedMove {
    /// The movement.
    pub moved: Move,
    /// The name under which the customer does business; `None` without a customer or a name.
    pub customer_name: Option<String>,
}

/// The newest movements in the queues that an operator may see, newest first.
pub fn newest(tx: &mut Tx<'_>, may: Permissions) -> Result<Vec<NamedMove>, StoreError> {
    let moves = store::case_ends::newest(tx, &seen(may), NEWEST)?;
    let ids: Vec<CustomerId> = moves.iter().filter_map(|moved| moved.customer).collect();
    let names = customers::names(tx, None, &ids)?;
    let name = |moved: Move| NamedMove {
        customer_name: moved.customer.and_then(|id| names.get(&id).cloned()),
        moved,
    };
    Ok(moves.into_iter().map(name).collect())
}
