//! Reads the service levels of the operators' queues: `[queues]` with minutes, such as `kyc_to_review_minutes = 240`.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::queue::{Queue, ServiceLevels};

use super::error::ConfigError;

/// The minutes of each named queue.
pub(super) type QueuesFile = BTreeMap<String, u32>;

/// The levels of a file. Queues that it does not name keep the built-in ones.
pub(super) fn levels(file: &QueuesFile) -> Result<ServiceLevels, ConfigError> {
    let default = ServiceLevels::default();
    let setting = |queue: Queue| format!("{}_minutes", queue.name());
    let settable = |queue: &Queue| default.get(*queue).is_some();
    for name in file.keys() {
        if !Queue::ALL.iter().filter(|queue| settable(queue)).any(|queue| setting(*queue) == *name) {
            let known: Vec<String> =
                Queue::ALL.into_iter().filter(|queue| settable(queue)).map(setting).collect();
            return Err(ConfigError::Queues(name.clone(), known.join(", ")));
        }
    }
    Ok(ServiceLevels::of(|queue| {
        let given = file.get(&setting(queue)).map(|minutes| Duration::from_secs(u64::from(*minutes) * 60));
        given.or(default.get(queue))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_replaces_the_levels_that_it_names() {
        let file = [("kyc_to_review_minutes".to_owned(), 30)].into();
        let levels = levels(&file).unwrap();
        assert_eq!(levels.get(Queue::KycToReview), Some(Duration::from_secs(1_800)));
        assert_eq!(levels.get(Queue::Proposals), Some(Duration::from_secs(3_600)));
        assert_eq!(levels.get(Queue::Overdue), None);
    }

    #[test]
    fn an_unknown_queue_is_refused() {
        for name in ["kyc_minutes", "overdue_minutes", "kyc_to_review"] {
            let error = levels(&[(name.to_owned(), 30)].into()).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains("kyc_to_review_minutes"), "{error}");
        }
    }
}
