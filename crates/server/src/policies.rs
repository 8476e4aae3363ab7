//! The credit policy in force on this node: the newest version of the database, or the file of the configuration.
//!
//! The database decides. This node keeps the policy that it has read, and asks for the version in force before each batch
//! of decisions, so that a new version decides on every node from its adoption on.

use std::sync::{Arc, Mutex, PoisonError};

use app::credit::policies::{self, Place, Upload};
use app::{Store, StoreError, Tx};
use domain::credit::policy::Policy;
use domain::credit::policy::comparison::Comparison;
use domain::id::{OperatorId, PolicyVersionId};
use domain::time::RealTime;

use crate::config::policy;

/// The policies of a node.
#[derive(Debug)]
pub struct Policies(Mutex<InForce>);

/// The policy in force, as a node has read it.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The policy; `None` if there is none, so that operators decide.
    pub policy: Option<Arc<Policy>>,
    /// The uploaded version; `None` while the file of the configuration, or the sandbox's built-in policy, decides.
    pub version: Option<PolicyVersionId>,
    /// Its place among the adopted versions; 0 for the file.
    number: i64,
}

impl Policies {
    /// The policies of a node whose configuration has this one.
    pub fn new(file: Option<Policy>) -> Self {
        Self(Mutex::new(InForce { policy: file.map(Arc::new), version: None, number: 0 }))
    }

    /// Takes another policy from the file of the configuration. An uploaded version stays in force. Returns whether the
    /// file's policy decides now, and differs.
    pub fn replace_file(&self, file: Option<Policy>) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let differs = kept.number == 0 && kept.policy.as_deref() != file.as_ref();
        if differs {
            kept.policy = file.map(Arc::new);
        }
        differs
    }

    /// The policy in force, as this node knows it.
    pub fn known(&self) -> InForce {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The policy in force now.
    pub async fn in_force(&self, store: &Store) -> Result<InForce, StoreError> {
        let known = self.known().number;
        let newer = move |tx: &mut Tx<'_>| policies::newer(tx, known);
        if let Some((version, number)) = store.look_up(newer).await? {
            // It was checked before it was kept. A text that fails now was changed by another hand.
            let policy = policy::parse(&version.content).map_err(StoreError::Corrupt)?;
            self.keep(InForce { policy: Some(Arc::new(policy)), version: Some(version.id), number });
        }
        Ok(self.known())
    }

    /// Keeps a version, unless a newer one came meanwhile.
    fn keep(&self, version: InForce) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.number < version.number {
            *kept = version;
        }
    }
}

/// An uploaded text that is a policy, with its comparison.
#[derive(Debug)]
pub struct Checked {
    /// The policy.
    pub policy: Arc<Policy>,
    /// The text.
    pub content: String,
    /// Its comparison with the policy in force.
    pub comparison: Comparison,
    /// The number of the version with which it was compared.
    pub base: i64,
}

/// The reason why a text was not accepted.
#[derive(Debug)]
pub enum NotChecked {
    /// It is no policy.
    Faults(Vec<policy::Fault>),
    /// The database failed.
    Store(StoreError),
}

impl Policies {
    /// Checks a text, and compares its policy with the one in force.
    pub async fn checked(
        &self, store: &Store, now: RealTime, content: String,
    ) -> Result<Checked, NotChecked> {
        let policy = Arc::new(policy::check(&content).map_err(NotChecked::Faults)?);
        let old = self.in_force(store).await.map_err(NotChecked::Store)?;
        let comparison = compared(store, now, old.policy, Arc::clone(&policy)).await;
        let comparison = comparison.map_err(NotChecked::Store)?;
        Ok(Checked { policy, content, comparison, base: old.number })
    }
}

impl Checked {
    /// The version to keep.
    pub fn upload(self, by: OperatorId) -> Upload {
        let Self { policy, content, comparison, base } = self;
        Upload { name: policy.version.clone(), content, comparison, base, by }
    }
}

/// Compares a policy with the one in force on the applications of the last 90 days.
async fn compared(
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
