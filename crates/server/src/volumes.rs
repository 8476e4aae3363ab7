//! The volumes of partners, as pages and the operator API show them. Counting them reads an index entry for each customer
//! and each loan, so a server counts a partner once in a while and not for every request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use app::partners::Volumes;
use domain::id::PartnerId;
use domain::time::RealTime;

/// The maximum age of a count.
const AGE: Duration = Duration::from_mins(1);

/// The volumes of a partner, and the time at which they were counted.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    /// The volumes.
    pub volumes: Volumes,
    /// The time of the count.
    pub at: RealTime,
}

/// The last counts.
#[derive(Debug, Default)]
pub struct KnownVolumes(Mutex<HashMap<PartnerId, Counted>>);

impl KnownVolumes {
    /// The counts of these partners that are young enough at `now`.
    pub fn known(&self, partners: &[PartnerId], now: RealTime) -> HashMap<PartnerId, Counted> {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|_, counted| now.since(counted.at) < AGE);
        partners.iter().filter_map(|id| Some((*id, *counted.get(id)?))).collect()
    }

    /// Learns counts.
    pub fn learn(&self, volumes: &HashMap<PartnerId, Counted>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(volumes);
    }
}

#[cfg(test)]
mod tests {
    use domain::id::ResourceId as _;

    use super::*;

    #[test]
    fn a_count_is_known_for_a_minute() {
        let (known, start) = (KnownVolumes::default(), RealTime::from_seconds(1_790_000_000));
        let (one, other) = (PartnerId::new(start, [1; 10]), PartnerId::new(start, [2; 10]));
        let volumes = Volumes { customers: 7, ..Volumes::default() };
        known.learn(&HashMap::from([(one, Counted { volumes, at: start })]));
        let young = known.known(&[one, other], start.plus(Duration::from_secs(59)));
        assert_eq!((young.len(), young[&one].volumes), (1, volumes));
        assert!(known.known(&[one], start.plus(AGE)).is_empty());
    }
}
