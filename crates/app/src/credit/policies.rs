//! Versions of the credit policy: uploaded, compared on past applications, and brought into force.
//!
//! The file of the configuration is version zero. It decides until an uploaded version comes into force.

use std::time::Duration;

use domain::credit::policy::Policy;
use domain::credit::policy::comparison::Comparison;
use domain::credit::policy::version::{AdoptedBefore, PolicyVersion, PolicyVersionRecord};
use domain::id::{DecisionId, OperatorId, PolicyVersionId};
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use store::seal::sha256_hex;
use store::{Cursor, Failed, StoreError, Stored, Tx};

use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// The period of the applications that are compared.
pub const PERIOD: Duration = Duration::from_secs(90 * 86_400);

/// Most applications that are compared.
const MOST_COMPARED: u32 = 50_000;

/// The number of applications that one transaction compares.
const AT_ONCE: i64 = 500;

/// The place after which a comparison goes on.
pub type Place = (Timestamp, DecisionId);

/// Compares two policies on some more applications. Returns the place after them, or `None` at the end.
pub fn compare(
    tx: &mut Tx<'_>, now: RealTime, comparison: &mut Comparison, after: Option<Place>,
    (old, new): (Option<&Policy>, &Policy),
) -> Result<Option<Place>, StoreError> {
    let since = now.minus(PERIOD).unmoved();
    let applications = store::policies::applications(tx, since, after, AT_ONCE)?;
    for application in &applications {
        let Some(facts) = &application.facts else { continue };
        if comparison.applications == MOST_COMPARED {
            comparison.is_cut = true;
            return Ok(None);
        }
        comparison.count((application.partner, application.customer), facts, old, new);
    }
    let is_full = store::row_count(applications.len()) == AT_ONCE;
    Ok(applications.last().filter(|_| is_full).map(|last| last.place))
}

/// A version to keep.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The version that the file names.
    pub name: String,
    /// The file.
    pub content: String,
    /// What it would have decided.
    pub comparison: Comparison,
    /// The operator who uploads it.
    pub by: OperatorId,
}

/// The reason why a version was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadRefused {
    /// A version of this name was in force. Decisions name their version, so two versions must not share a name.
    NameUsed,
}

/// Keeps an uploaded version. It decides nothing yet.
pub fn upload(
    tx: &mut Tx<'_>, now: RealTime, upload: &Upload,
) -> Result<PolicyVersion, Failed<UploadRefused>> {
    if store::policies::has_adopted(tx, &upload.name)? {
        return Err(Failed::Refused(UploadRefused::NameUsed));
    }
    let record = PolicyVersionRecord {
        id: tx.new_id(now),
        name: upload.name.clone(),
        content: upload.content.clone(),
        sha256: sha256_hex(upload.content.as_bytes()),
        comparison: upload.comparison.clone(),
        uploaded_by: upload.by,
        uploaded_at: now,
        adoption: None,
    };
    Ok(store::policies::insert(tx, PolicyVersion::upload(record))?)
}

/// A version.
pub fn find(tx: &mut Tx<'_>, id: PolicyVersionId) -> Result<PolicyVersion, Failed<NotFound>> {
    Ok(store::policies::find(tx, id)?.ok_or(Failed::Refused(NotFound))?.into_value())
}

/// A page of the uploaded versions.
pub fn list(
    tx: &mut Tx<'_>, cursor: &Cursor<PolicyVersionId>,
) -> Result<Page<PolicyVersion>, Failed<ListRefused>> {
    page_or_refused(store::policies::list(tx, cursor)?)
}

/// The version in force; `None` while the file of the configuration decides.
pub fn in_force(tx: &mut Tx<'_>) -> Result<Option<PolicyVersion>, StoreError> {
    store::policies::in_force(tx)
}

/// The reason why a version did not come into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptRefused {
    /// There is no such version.
    NotFound,
    /// It came into force before.
    AdoptedBefore,
    /// A version of this name came into force meanwhile.
    NameUsed,
}

not_found_in!(AdoptRefused);

/// A version that can come into force.
pub fn adoptable(
    tx: &mut Tx<'_>, id: PolicyVersionId,
) -> Result<Stored<PolicyVersion>, Failed<AdoptRefused>> {
    let version = store::policies::find(tx, id)?.ok_or(Failed::Refused(AdoptRefused::NotFound))?;
    if version.adoption.is_some() {
        return Err(Failed::Refused(AdoptRefused::AdoptedBefore));
    }
    if store::policies::has_adopted(tx, &version.name)? {
        return Err(Failed::Refused(AdoptRefused::NameUsed));
    }
    Ok(version)
}

/// Brings a version into force. Each node reads it before its next decision.
pub fn adopt(
    tx: &mut Tx<'_>, now: RealTime, id: PolicyVersionId,
) -> Result<PolicyVersion, Failed<AdoptRefused>> {
    let version = adoptable(tx, id)?;
    let last = store::policies::last_adopted(tx)?;
    let adopted = version
        .change(|version| version.adopt(last, now))
        .map_err(|AdoptedBefore| Failed::Refused(AdoptRefused::AdoptedBefore))?;
    Ok(store::policies::save(tx, adopted)?.into_value())
}

/// The number of the version in force, by which a proposal notices that another one came into force meanwhile.
pub fn last_adopted(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    store::policies::last_adopted(tx)
}
