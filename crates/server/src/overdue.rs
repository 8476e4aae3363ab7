//! The number of overdue loans, as the navigation shows it. Counting them reads a row for each of their installments, so
//! a server counts them once a minute and not for every page. The pages of the queue itself count them anew.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::queues::QueueCount;
use domain::queue::Queue;
use domain::time::RealTime;

/// The maximum age of a count.
const AGE: Duration = Duration::from_mins(1);

/// The last count, and its time.
#[derive(Debug, Default)]
pub struct OverdueCount(Mutex<Option<(RealTime, i64)>>);

impl OverdueCount {
    /// The count, if it is young enough at `now`.
    pub fn known(&self, now: RealTime) -> Option<i64> {
        let counted = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.filter(|(at, _)| now.since(*at) < AGE).map(|(_, count)| count)
    }

    /// Learns a count that was read at `now`. A person who may not see the queue learns nothing.
    pub fn learn(&self, now: RealTime, counts: &[QueueCount]) {
        let Some(count) = counts.iter().find(|count| count.queue == Queue::Overdue) else { return };
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counted.is_none_or(|(at, _)| now.since(at) >= AGE) {
            *counted = Some((now, count.waiting));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_known_for_a_minute() {
        let (counted, start) = (OverdueCount::default(), RealTime::from_seconds(1_790_000_000));
        let of = |waiting| [QueueCount { queue: Queue::Overdue, waiting, is_late: false }];
        assert_eq!(counted.known(start), None);
        counted.learn(start, &of(7));
        counted.learn(start.plus(Duration::from_secs(59)), &of(7));
        assert_eq!(counted.known(start.plus(Duration::from_secs(59))), Some(7));
        assert_eq!(counted.known(start.plus(AGE)), None);
        counted.learn(start.plus(AGE), &of(8));
        assert_eq!(counted.known(start.plus(AGE)), Some(8));
    }
}
