//! Uploaded versions of the credit policy. The file of the configuration is version zero and is not kept here.

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
    /// What it would have decided, as of the upload.
    pub comparison: Comparison,
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
}

/// The version came into force before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the version came into force before")]
pub struct AdoptedBefore;

impl PolicyVersion {
    /// A version that was uploaded.
    pub fn upload(record: PolicyVersionRecord) -> Changed<Self> {
        Changed::silent(Self(record))
    }

    /// Brings it into force, after the version with the number `last`.
    pub fn adopt(mut self, last: i64, now: RealTime) -> Result<Changed<Self>, AdoptedBefore> {
        if self.adoption.is_some() {
            return Err(AdoptedBefore);
        }
        self.0.adoption = Some(Adoption { number: last + 1, at: now });
        Ok(Changed::silent(self))
    }
}
