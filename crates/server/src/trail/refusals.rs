//! How many refused tokens the audit trail takes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::time::RealTime;

/// The number of refusals a minute that get an entry each. The next entry counts the others.
const MOST_A_MINUTE: u32 = 30;

const MINUTE: Duration = Duration::from_secs(60);

/// How many refusals have been entered lately, in this process.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Window>);

#[derive(Debug, Default)]
struct Window {
    since: Option<RealTime>,
    entered: u32,
    more: u64,
}

impl Refusals {
    /// How many refusals were not entered since the last one that was; `None` where this one is not either.
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
    fn a_flood_of_refused_tokens_is_counted_and_not_entered() {
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
