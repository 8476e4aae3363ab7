//! The figures of an endpoint's last attempts: how many succeeded, and how long its answers took.

use std::time::Duration;

use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use store::deliveries::BriefAttempt;
use store::{StoreError, Tx};

use crate::percentile::percentile;

/// The figures of the attempts of some deliveries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointFigures {
    /// The number of attempts.
    pub attempts: usize,
    /// The number of attempts with a 2xx answer.
    pub accepted: usize,
    /// The time in which half of the answers came; `None` without an answer.
    pub p50: Option<Duration>,
    /// The time in which 95 of 100 answers came; `None` without an answer.
    pub p95: Option<Duration>,
}

impl EndpointFigures {
    /// The share of accepted attempts in per mille, rounded down, so that 1,000 means all of them. `None` without
    /// attempts.
    pub fn success_per_mille(&self) -> Option<usize> {
        (self.accepted * 1_000).checked_div(self.attempts)
    }

    fn of(attempts: &[BriefAttempt]) -> Self {
        let is_accepted =
            |attempt: &&BriefAttempt| attempt.status.is_some_and(|status| (200..300).contains(&status));
        // An attempt without an answer has no latency. A refused connection would make the endpoint look fast.
        let answered = attempts.iter().filter(|attempt| attempt.status.is_some());
        let mut times: Vec<u64> =
            answered.filter_map(|attempt| attempt.duration_ms.try_into().ok()).collect();
        times.sort_unstable();
        let within = |percent| percentile(&times, percent).map(Duration::from_millis);
        Self {
            attempts: attempts.len(),
            accepted: attempts.iter().filter(is_accepted).count(),
            p50: within(50),
            p95: within(95),
        }
    }
}

/// Most deliveries for the figures of one endpoint on its page.
pub const MOST_OF_ONE: i64 = 1_000;
/// Most deliveries for the figures of an endpoint in a list. A partner has at most fifty endpoints.
pub const MOST_IN_LIST: i64 = 100;

/// The figures of the newest deliveries to an endpoint since a moment, at most `most` deliveries.
pub fn figures(
    tx: &mut Tx<'_>, tenant: PartnerId, endpoint: EndpointId, since: RealTime, most: i64,
) -> Result<EndpointFigures, StoreError> {
    let attempts = store::deliveries::recent_attempts(tx, tenant, endpoint, since, most)?;
    Ok(EndpointFigures::of(&attempts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_attempts_count_and_only_answers_have_a_latency() {
        let attempt = |status, duration_ms| BriefAttempt { status, duration_ms };
        let figures = EndpointFigures::of(&[
            attempt(Some(200), 30),
            attempt(Some(204), 10),
            attempt(Some(500), 900),
            attempt(None, 1),
        ]);
        assert_eq!((figures.attempts, figures.accepted), (4, 2));
        assert_eq!(figures.success_per_mille(), Some(500));
        let answers = [figures.p50, figures.p95];
        assert_eq!(answers, [Some(Duration::from_millis(30)), Some(Duration::from_millis(900))]);
        let none = EndpointFigures::of(&[]);
        assert_eq!((none.success_per_mille(), none.p50, none.p95), (None, None, None));
        let almost = EndpointFigures { attempts: 2_000, accepted: 1_999, p50: None, p95: None };
        assert_eq!(almost.success_per_mille(), Some(999));
    }
}
