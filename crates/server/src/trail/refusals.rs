//! The limit on refused tokens in the audit trail.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::RealTime;

/// Most refusals in a minute with separate entries. The next entry gives the number of the others.
const MOST_A_MINUTE: u32 = 30;

const MINUTE: Duration = Duration::from_secs(60);

/// The recent refusals with an entry, in this process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    since: Option<RealTime>,
    entered: u32,
    more: u64,
}

impl Refusals {
    /// The number of refusals without an entry since the last entry; `None` if this one gets no entry either.
    pub fn next(&self, now: RealTime) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if window.since.is_none_or(|since| now.since(since) >= MINUTE) {
            (window.since, window.entered) = (Some(now), 0);
        }
        if window.entered >= MOST_A_MINUTE {
            window.more += 1;
            return None;
        }
        window.entered += 1;
        Some(std::mem::take(&mut window.more))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_tokens_above_the_limit_are_counted_without_entries() {
        let (refusals, start) = (Refusals::default(), RealTime::from_seconds(1_780_000_000));
        for _ in 0..MOST_A_MINUTE {
            assert_eq!(refusals.next(start), Some(0));
        }
        for _ in 0..1_000 {
            assert_eq!(refusals.next(start.plus(Duration::from_secs(59))), None);
        }
        assert_eq!(refusals.next(start.plus(MINUTE)), Some(1_000));
        assert_eq!(refusals.next(start.plus(MINUTE)), Some(0));
    }
}
