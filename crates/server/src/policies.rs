//! The credit policy in force on this node: the newest version of the database, or the file of the configuration.
//!
//! The database decides. This node keeps the policy that it has read, and asks for the version in force before each batch
//! of decisions, so that a new version decides on every node from its adoption on.

use std::sync::{Arc, Mutex, PoisonError};

use app::credit::policies::{self, Place};
use app::{Store, StoreError, Tx};
use domain::credit::policy::Policy;
use domain::credit::policy::comparison::Comparison;
use domain::credit::policy::version::PolicyVersion;
use domain::id::PolicyVersionId;
use domain::time::RealTime;

use crate::config::policy;

/// The policy in force.
#[derive(Debug)]
pub struct Policies {
    /// Version zero: the file of the configuration, or the sandbox's built-in policy.
    file: Option<Arc<Policy>>,
    /// The adopted version that this node has read.
    kept: Mutex<Option<(PolicyVersionId, Arc<Policy>)>>,
}

impl Policies {
    /// The policies of a node whose configuration has this one.
    pub fn new(file: Option<Policy>) -> Self {
        Self { file: file.map(Arc::new), kept: Mutex::new(None) }
    }

    /// The policy in force, as this node knows it.
    pub fn known(&self) -> Option<Arc<Policy>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|(_, policy)| Arc::clone(policy)).or_else(|| self.file.clone())
    }

    /// The policy in force now.
    pub async fn in_force(&self, store: &Store) -> Result<Option<Arc<Policy>>, StoreError> {
        let newest = store.look_up(policies::in_force).await?;
        if let Some(version) = newest {
            self.keep(&version)?;
        }
        Ok(self.known())
    }

    fn keep(&self, version: &PolicyVersion) -> Result<(), StoreError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|(id, _)| *id != version.id) {
            // It was checked before it was kept. A text that fails now was changed by another hand.
            let policy = policy::parse(&version.content).map_err(StoreError::Corrupt)?;
            *kept = Some((version.id, Arc::new(policy)));
        }
        Ok(())
    }
}

/// What a policy would have decided on the applications of the last 90 days, beside the one in force.
pub async fn compared(
    store: &Store, now: RealTime, old: Option<Arc<Policy>>, new: Arc<Policy>,
) -> Result<Comparison, StoreError> {
    let mut comparison = Comparison::default();
    let mut after: Option<Place> = None;
    loop {
        let (old, new, before) = (old.clone(), Arc::clone(&new), comparison.clone());
        let step = move |tx: &mut Tx<'_>| {
            let mut comparison = before.clone();
            let next = policies::compare(tx, now, &mut comparison, after, (old.as_deref(), &new))?;
            Ok::<_, StoreError>((comparison, next))
        };
        (comparison, after) = store.read(step).await?;
        if after.is_none() {
            return Ok(comparison);
        }
    }
}
