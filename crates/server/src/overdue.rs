//! The overdue loans, as the console counts them. Counting reads a row for each of their unpaid installments, so a server
//! counts them about once a minute and not for every page. The list of the queue itself is always read anew.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::queues::OverdueLoans;
use domain::time::RealTime;

/// The age from which a page shows a count, and has it counted anew behind it.
const STALE: Duration = Duration::from_mins(1);
/// The age from which no page shows a count any more.
const TOO_OLD: Duration = Duration::from_mins(5);

/// The last count.
#[derive(Debug, Default)]
pub struct Overdue(Mutex<Last>);

#[derive(Debug, Default)]
struct Last {
    counted: Option<(RealTime, Arc<OverdueLoans>)>,
    /// Whether they are being counted behind a page.
    under_way: bool,
}

/// The work that a page must do.
#[derive(Debug, PartialEq, Eq)]
pub enum Todo {
    /// Nothing.
    Nothing,
    /// Count behind the page.
    CountBehind,
    /// Count for the page.
    Count,
}

impl Overdue {
    /// The count at `now`, if there is one that a page may show, and whether to count anew. Only one page is told to.
    pub fn known(&self, now: RealTime) -> (Option<Arc<OverdueLoans>>, Todo) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let age = |at: &RealTime| now.since(*at);
        let Some((at, loans)) = last.counted.clone().filter(|(at, _)| age(at) < TOO_OLD) else {
            return (None, Todo::Count);
        };
        let is_due = age(&at) >= STALE && !last.under_way;
        last.under_way |= is_due;
        (Some(loans), if is_due { Todo::CountBehind } else { Todo::Nothing })
    }

    /// Keeps a count that was made at `at`.
    pub fn learn(&self, at: RealTime, loans: &Arc<OverdueLoans>) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Last { counted: Some((at, Arc::clone(loans))), under_way: false };
    }

    /// Lets the next page count, because counting failed.
    pub fn give_up(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).under_way = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_shown_for_five_minutes_and_made_anew_after_one() {
        let (overdue, start) = (Overdue::default(), RealTime::from_seconds(1_790_000_000));
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        assert_eq!(overdue.known(start), (None, Todo::Count));
        let loans = Arc::new(OverdueLoans { buckets: Vec::new(), oldest: None });
        overdue.learn(start, &loans);
        assert_eq!(overdue.known(at(59)), (Some(Arc::clone(&loans)), Todo::Nothing));
        assert_eq!(overdue.known(at(60)), (Some(Arc::clone(&loans)), Todo::CountBehind));
        assert_eq!(overdue.known(at(61)), (Some(Arc::clone(&loans)), Todo::Nothing), "one is under way");
        overdue.give_up();
        assert_eq!(overdue.known(at(62)).1, Todo::CountBehind);
        overdue.learn(at(62), &loans);
        assert_eq!(overdue.known(at(63)).1, Todo::Nothing);
        assert_eq!(overdue.known(at(62 + 300)), (None, Todo::Count));
    }
}
