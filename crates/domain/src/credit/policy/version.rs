//! Uploaded versions of the credit policy. The file of the configuration is version zero and is not kept here.
//!
//! A version comes into force by its adoption, for which people need another one: see [`crate::access::Action`]. It must
//! have been compared with the version that is in force then.
//!
//! Reasons: docs/decisions/0035.

use super::comparison::Comparison;
use crate::closed::{Changed, closed};
use crate::id::{OperatorId, PolicyVersionId};
use crate::time::RealTime;

closed! {
    /// An uploaded version. Its text never changes; only its adoption is a later change.
    pub struct PolicyVersion(PolicyVersionRecord);
}

/// The fields of an uploaded version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersionRecord {
    /// The id.
    pub id: PolicyVersionId,
    /// The version that the file names.
    pub name: String,
    /// The file.
    pub content: String,
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
    /// Its comparison with the policy in force, as of the upload.
    pub comparison: Comparison,
    /// The number of the version with which it was compared; 0 for the file of the configuration.
    pub base: i64,
    /// The operator who uploaded it.
    pub uploaded_by: OperatorId,
    /// Time of the upload.
    pub uploaded_at: RealTime,
    /// Its adoption; `None` if it never came into force.
    pub adoption: Option<Adoption>,
}

/// The adoption of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adoption {
    /// The place among the adopted versions, counted from 1. The highest is in force.
    pub number: i64,
    /// The time from which it decides.
    pub at: RealTime,
    /// The operator who decided on it: of two people, the second one.
    pub by: OperatorId,
}

/// The reason why a version did not come into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAdopted {
    /// It came into force before.
    #[error("the version came into force before")]
    Before,
    /// Another version came into force since it was compared.
    #[error("another version has come into force since")]
    Stale,
}

impl PolicyVersion {
    /// A version that was uploaded.
    pub fn upload(record: PolicyVersionRecord) -> Changed<Self> {
        Changed::silent(Self(record))
    }

    /// Whether it can come into force after the version with the number `last`.
    pub fn is_adoptable(&self, last: i64) -> Result<(), NotAdopted> {
        if self.adoption.is_some() {
            return Err(NotAdopted::Before);
        }
        if last == self.base { Ok(()) } else { Err(NotAdopted::Stale) }
    }

    /// Brings it into force, after the version with the number `last`.
    pub fn adopt(mut self, by: OperatorId, last: i64, now: RealTime) -> Result<Changed<Self>, NotAdopted> {
        self.is_adoptable(last)?;
        self.0.adoption = Some(Adoption { number: last + 1, at: now, by });
        Ok(Changed::silent(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId as _;

    #[test]
    fn a_version_is_adopted_once_and_only_after_the_one_with_which_it_was_compared() {
        let now = RealTime::from_seconds(1_790_000_000);
        let by = OperatorId::new(now, [1; 10]);
        let record = PolicyVersionRecord {
            id: PolicyVersionId::new(now, [3; 10]),
            name: "2".into(),
            content: String::new(),
            sha256: String::new(),
            comparison: Comparison::default(),
            base: 4,
            uploaded_by: by,
            uploaded_at: now,
            adoption: None,
        };
        let version = PolicyVersion::upload(record).into_value();
        assert_eq!(version.clone().adopt(by, 5, now), Err(NotAdopted::Stale));
        let adopted = version.adopt(by, 4, now).unwrap().into_value();
        assert_eq!(adopted.adoption, Some(Adoption { number: 5, at: now, by }));
        assert_eq!(adopted.adopt(by, 5, now), Err(NotAdopted::Before));
    }
}
