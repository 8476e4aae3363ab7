//! The counts of the queues as each person saw them last. A form leads to another page, so its request does not count the
//! queues again. If it shows a page after all, such as one with a wrong field, the navigation has the last counts.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use app::queues::QueueCount;
use domain::access::Permissions;
use domain::id::OperatorId;

/// The last counts of each person, with the permissions with which they were read.
#[derive(Debug, Default)]
pub struct LastCounts(Mutex<HashMap<OperatorId, (Permissions, Vec<QueueCount>)>>);

impl LastCounts {
    /// The last counts of a person with these permissions; `None` if there are none since the start of the server.
    pub fn of(&self, person: OperatorId, may: Permissions) -> Option<Vec<QueueCount>> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(&person).filter(|(with, _)| *with == may).map(|(_, counts)| counts.clone())
    }

    /// Remembers the counts that a page shows.
    pub fn remember(&self, person: OperatorId, may: Permissions, counts: &[QueueCount]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert(person, (may, counts.to_vec()));
    }
}
