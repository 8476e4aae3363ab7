//! The lender's promise for each queue: the time in which an operator decides on a case.

use std::time::Duration;

use super::kind::Queue;

/// The service level of each queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevels([Option<Duration>; Queue::ALL.len()]);

impl ServiceLevels {
    /// The levels that a function gives.
    pub fn of(level: impl FnMut(Queue) -> Option<Duration>) -> Self {
        Self(Queue::ALL.map(level))
    }

    /// The longest time that a case should wait in a queue. An overdue loan has none, because it waits for the borrower.
    pub fn get(&self, queue: Queue) -> Option<Duration> {
        self.0[queue as usize]
    }
}

impl Default for ServiceLevels {
    fn default() -> Self {
        let hours = |hours: u64| Some(Duration::from_secs(hours * 3_600));
        Self::of(|queue| match queue {
            Queue::KycToReview => hours(4),
            Queue::CreditReferred => hours(8),
            Queue::ContractsUnsigned => hours(7 * 24),
            Queue::WaitingForMoney | Queue::DisbursementsReturned => hours(2),
            Queue::Disbursing | Queue::Proposals => hours(1),
            Queue::MailsFailed => hours(24),
            Queue::Overdue => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_queue_has_its_own_level() {
        let levels = ServiceLevels::of(|queue| Some(Duration::from_secs(queue as u64)));
        for queue in Queue::ALL {
            assert_eq!(levels.get(queue), Some(Duration::from_secs(queue as u64)), "{queue:?}");
        }
    }
}
