//! Versions of the credit policy: uploaded, compared on past applications, and brought into force.
//!
//! The file of the configuration is version zero. It decides until an uploaded version comes into force.

use std::collections::HashMap;
use std::time::Duration;

use domain::access::{Action, ProposalState};
use domain::credit::policy::Policy;
use domain::credit::policy::comparison::Comparison;
use domain::credit::policy::version::{NotAdopted, PolicyVersion, PolicyVersionRecord};
use domain::id::{CustomerId, DecisionId, OperatorId, PolicyVersionId, ProposalId};
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
    /// Its comparison with the policy in force.
    pub comparison: Comparison,
    /// The number of the version with which it was compared; 0 for the file of the configuration.
    pub base: i64,
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
        base: upload.base,
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

/// The version in force with its number, if the number is higher than `known`.
pub fn newer(tx: &mut Tx<'_>, known: i64) -> Result<Option<(PolicyVersion, i64)>, StoreError> {
    if store::policies::last_adopted(tx)? <= known {
        return Ok(None);
    }
    let newest = store::policies::in_force(tx)?;
    Ok(newest.and_then(|version| version.adoption.map(|adoption| (version, adoption.number))))
}

/// The names under which the customers of a comparison do business.
pub fn names(tx: &mut Tx<'_>, comparison: &Comparison) -> Result<HashMap<CustomerId, String>, StoreError> {
    let customers: Vec<CustomerId> = comparison.changes.iter().map(|change| change.customer).collect();
    crate::customers::names(tx, None, &customers)
}

/// The names of the operators who uploaded and adopted versions.
pub fn people(
    tx: &mut Tx<'_>, versions: &[PolicyVersion],
) -> Result<HashMap<OperatorId, String>, StoreError> {
    let adopted = versions.iter().filter_map(|version| version.adoption).map(|adoption| adoption.by);
    let people: Vec<OperatorId> = versions.iter().map(|version| version.uploaded_by).chain(adopted).collect();
    store::operators::names(tx, &people)
}

/// The reason why a version did not come into force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdoptRefused {
    /// There is no such version.
    NotFound,
    /// The version refuses it.
    NotAdopted(NotAdopted),
    /// A version of this name came into force meanwhile.
    NameUsed,
}

not_found_in!(AdoptRefused);

/// A version that can come into force now, and the number of the one in force.
fn to_adopt(
    tx: &mut Tx<'_>, id: PolicyVersionId,
) -> Result<(Stored<PolicyVersion>, i64), Failed<AdoptRefused>> {
    let version = store::policies::find(tx, id)?.ok_or(Failed::Refused(AdoptRefused::NotFound))?;
    Ok((version, store::policies::last_adopted(tx)?))
}

/// A version that can come into force now, as a proposal of its adoption finds it.
pub fn adoptable(tx: &mut Tx<'_>, id: PolicyVersionId) -> Result<PolicyVersion, Failed<AdoptRefused>> {
    let (version, last) = to_adopt(tx, id)?;
    version.is_adoptable(last).map_err(not_adopted)?;
    free_name(tx, &version)?;
    Ok(version.into_value())
}

/// Brings a version into force. Each node reads it before its next decision.
pub fn adopt(
    tx: &mut Tx<'_>, now: RealTime, id: PolicyVersionId, by: OperatorId,
) -> Result<PolicyVersion, Failed<AdoptRefused>> {
    let (version, last) = to_adopt(tx, id)?;
    free_name(tx, &version)?;
    let adopted = version.change(|version| version.adopt(by, last, now)).map_err(not_adopted)?;
    Ok(store::policies::save(tx, adopted)?.into_value())
}

fn not_adopted(refused: NotAdopted) -> Failed<AdoptRefused> {
    Failed::Refused(AdoptRefused::NotAdopted(refused))
}

/// Refuses a version whose name another one had in force.
fn free_name(tx: &mut Tx<'_>, version: &PolicyVersion) -> Result<(), Failed<AdoptRefused>> {
    let is_other = version.adoption.is_none() && store::policies::has_adopted(tx, &version.name)?;
    if is_other { Err(Failed::Refused(AdoptRefused::NameUsed)) } else { Ok(()) }
}

/// The proposal of a version's adoption that waits for a second person, if there is one.
pub fn waiting(
    tx: &mut Tx<'_>, id: PolicyVersionId, now: RealTime,
) -> Result<Option<ProposalId>, StoreError> {
    let waiting = store::proposals::waiting_for(tx, &id.to_string(), Action::AdoptPolicy)?;
    let waiting = waiting.filter(|proposal| proposal.state_at(now) == ProposalState::Proposed);
    Ok(waiting.map(|proposal| proposal.id))
}

/// The number of the version in force; 0 while the file of the configuration decides.
pub fn last_adopted(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    store::policies::last_adopted(tx)
}
