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

/// The policy in force.
#[derive(Debug)]
pub struct Policies {
    /// Version zero: the file of the configuration, or the sandbox's built-in policy.
    file: Option<Arc<Policy>>,
    /// The adopted version that this node has read.
    kept: Mutex<Option<Kept>>,
}

/// An adopted version.
#[derive(Debug, Clone)]
struct Kept {
    /// Its place among the adopted versions.
    number: i64,
    id: PolicyVersionId,
    policy: Arc<Policy>,
}

impl Policies {
    /// The policies of a node whose configuration has this one.
    pub fn new(file: Option<Policy>) -> Self {
        Self { file: file.map(Arc::new), kept: Mutex::new(None) }
    }

    /// The policy in force, as this node knows it.
    pub fn known(&self) -> Option<Arc<Policy>> {
        self.kept().map(|kept| kept.policy).or_else(|| self.file.clone())
    }

    /// The uploaded version in force, as this node knows it; `None` while the file of the configuration decides.
    pub fn version(&self) -> Option<PolicyVersionId> {
        self.kept().map(|kept| kept.id)
    }

    /// The policy in force now.
    pub async fn in_force(&self, store: &Store) -> Result<Option<Arc<Policy>>, StoreError> {
        let known = self.kept().map_or(0, |kept| kept.number);
        let newer = move |tx: &mut Tx<'_>| policies::newer(tx, known);
        if let Some((version, number)) = store.look_up(newer).await? {
            // It was checked before it was kept. A text that fails now was changed by another hand.
            let policy = policy::parse(&version.content).map_err(StoreError::Corrupt)?;
            self.keep(Kept { number, id: version.id, policy: Arc::new(policy) });
        }
        Ok(self.known())
    }

    fn kept(&self) -> Option<Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps a version, unless a newer one came meanwhile.
    fn keep(&self, version: Kept) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.as_ref().is_none_or(|kept| kept.number < version.number) {
            *kept = Some(version);
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
    /// What it would have decided.
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
        let base = store.look_up(policies::last_adopted).await.map_err(NotChecked::Store)?;
        let old = self.in_force(store).await.map_err(NotChecked::Store)?;
        let comparison = compared(store, now, old, Arc::clone(&policy)).await.map_err(NotChecked::Store)?;
        Ok(Checked { policy, content, comparison, base })
    }
}

impl Checked {
    /// The version to keep.
    pub fn upload(self, by: OperatorId) -> Upload {
        let Self { policy, content, comparison, base } = self;
        Upload { name: policy.version.clone(), content, comparison, base, by }
    }
}

/// What a policy would have decided on the applications of the last 90 days, beside the one in force.
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
