//! The times of attempts: ten attempts over three days, with jitter.

use std::time::Duration;

/// Most attempts of a delivery.
pub const MOST_ATTEMPTS: u16 = 10;

/// The planned delays after the first, second, … ninth attempt, in seconds.
const DELAYS_S: [u64; 9] =
    [5, 5 * 60, 30 * 60, 2 * 3_600, 5 * 3_600, 10 * 3_600, 14 * 3_600, 20 * 3_600, 24 * 3_600];

/// The time without a success after which an endpoint is disabled.
pub const DISABLE_AFTER: Duration = Duration::from_secs(5 * 24 * 3_600);

/// The time without a success after which the partner's team is told that an endpoint fails.
pub const WARN_AFTER: Duration = Duration::from_secs(15 * 60);

/// The delay before the next attempt after `made` attempts; `None` if no attempt is left.
///
/// `jitter` is a random number of 0..=65535 that spreads the delay over ±20 %. A `Retry-After` of the answer is
/// limited to at least this delay and at most twice this delay.
pub fn delay(made: u16, jitter: u16, retry_after: Option<Duration>) -> Option<Duration> {
    let planned = DELAYS_S.get(usize::from(made.checked_sub(1)?))?;
    let millis = planned * 800 + planned * 400 * u64::from(jitter) / u64::from(u16::MAX);
    let jittered = Duration::from_millis(millis);
    Some(match retry_after {
        Some(requested) => requested.clamp(jittered, jittered * 2),
        None => jittered,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_attempts_are_made_over_three_days() {
        let total: Duration = (1..MOST_ATTEMPTS).map(|made| delay(made, 32_768, None).unwrap()).sum();
        assert!(
            (Duration::from_secs(75 * 3_600)..Duration::from_secs(76 * 3_600)).contains(&total),
            "{total:?}"
        );
        assert_eq!(delay(MOST_ATTEMPTS, 0, None), None);
        assert_eq!(delay(0, 0, None), None);
    }

    #[test]
    fn jitter_stays_within_a_fifth() {
        assert_eq!(delay(1, 0, None), Some(Duration::from_secs(4)));
        assert_eq!(delay(1, u16::MAX, None), Some(Duration::from_secs(6)));
    }

    #[test]
    fn retry_after_is_limited_to_between_the_delay_and_twice_the_delay() {
        let requested = |seconds| delay(2, 0, Some(Duration::from_secs(seconds))).unwrap().as_secs();
        assert_eq!((requested(1), requested(300), requested(9_999)), (240, 300, 480));
    }
}
