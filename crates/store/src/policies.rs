//! Uploaded versions of the credit policy, and the past applications on which they are compared. A policy names no
//! person, so its text is not sealed.

use domain::closed::Changed;
use domain::credit::policy::Facts;
use domain::credit::policy::comparison::{Comparison, Differing};
use domain::credit::policy::version::{Adoption, PolicyVersion, PolicyVersionRecord};
use domain::id::{CustomerId, DecisionId, OperatorId, PartnerId, PolicyVersionId};
use domain::page::Page;
use domain::time::{RealTime, Timestamp};
use serde::{Deserialize, Serialize};

use crate::credit::inputs;
use crate::document::{from_json, parsed, to_json};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::table;
use crate::{StoreError, Stored, Tx, args};

table! {
    /// A version as it is stored.
    struct VersionRow in "policy_versions" by (id) {
        id: PolicyVersionId,
        version: i64,
        name: String,
        content: String,
        sha256: String,
        comparison: String,
        uploaded_by: OperatorId,
        uploaded_at: RealTime,
        base: i64,
        adopted: Option<i64>,
        adopted_at: Option<RealTime>,
        adopted_by: Option<OperatorId>,
    }
}

impl VersionRow {
    fn read(self) -> Result<Stored<PolicyVersion>, StoreError> {
        let adoption = match (self.adopted, self.adopted_at, self.adopted_by) {
            (Some(number), Some(at), Some(by)) => Some(Adoption { number, at, by }),
            _never => None,
        };
        let record = PolicyVersionRecord {
            id: self.id,
            name: self.name,
            content: self.content,
            sha256: self.sha256,
            comparison: from_json::<ComparisonDoc>(self.comparison.as_bytes())?.read()?,
            base: self.base,
            uploaded_by: self.uploaded_by,
            uploaded_at: self.uploaded_at,
            adoption,
        };
        Ok(Stored::new(self.version, PolicyVersion::restored(record)))
    }
}

#[derive(Serialize, Deserialize)]
struct ComparisonDoc {
    applications: u32,
    approved_more: u32,
    approved_fewer: u32,
    refused_more: u32,
    refused_fewer: u32,
    other_terms: u32,
    is_cut: bool,
    changes: Vec<ChangeDoc>,
}

#[derive(Serialize, Deserialize)]
struct ChangeDoc {
    partner: String,
    customer: String,
    before: String,
    after: String,
    reason: String,
}

impl ComparisonDoc {
    fn of(comparison: &Comparison) -> Self {
        let change = |change: &Differing| ChangeDoc {
            partner: change.partner.to_string(),
            customer: change.customer.to_string(),
            before: change.before.name().to_owned(),
            after: change.after.name().to_owned(),
            reason: change.reason.clone(),
        };
        Self {
            applications: comparison.applications,
            approved_more: comparison.approved_more,
            approved_fewer: comparison.approved_fewer,
            refused_more: comparison.refused_more,
            refused_fewer: comparison.refused_fewer,
            other_terms: comparison.other_terms,
            is_cut: comparison.is_cut,
            changes: comparison.changes.iter().map(change).collect(),
        }
    }

    fn read(self) -> Result<Comparison, StoreError> {
        let change = |change: ChangeDoc| {
            Ok::<_, StoreError>(Differing {
                partner: parsed(&change.partner)?,
                customer: parsed(&change.customer)?,
                before: parsed(&change.before)?,
                after: parsed(&change.after)?,
                reason: change.reason,
            })
        };
        Ok(Comparison {
            applications: self.applications,
            approved_more: self.approved_more,
            approved_fewer: self.approved_fewer,
            refused_more: self.refused_more,
            refused_fewer: self.refused_fewer,
            other_terms: self.other_terms,
            is_cut: self.is_cut,
            changes: self.changes.into_iter().map(change).collect::<Result<_, _>>()?,
        })
    }
}

/// Adds an uploaded version.
pub fn insert(tx: &mut Tx<'_>, version: Changed<PolicyVersion>) -> Result<PolicyVersion, StoreError> {
    let version = version.into_value();
    tx.insert_now(&VersionRow {
        id: version.id,
        version: Stored::<PolicyVersion>::FIRST,
        name: version.name.clone(),
        content: version.content.clone(),
        sha256: version.sha256.clone(),
        comparison: to_json(&ComparisonDoc::of(&version.comparison)),
        uploaded_by: version.uploaded_by,
        uploaded_at: version.uploaded_at,
        base: version.base,
        adopted: version.adoption.map(|adoption| adoption.number),
        adopted_at: version.adoption.map(|adoption| adoption.at),
        adopted_by: version.adoption.map(|adoption| adoption.by),
    })?;
    Ok(version)
}

/// Saves the adoption of a version. Of two versions with one number, the script of the second one runs again.
pub fn save(
    tx: &mut Tx<'_>, version: Stored<Changed<PolicyVersion>>,
) -> Result<Stored<PolicyVersion>, StoreError> {
    version.save(|version, before| {
        let number = version.adoption.map(|adoption| adoption.number);
        let at = version.adoption.map(|adoption| adoption.at);
        let by = version.adoption.map(|adoption| adoption.by);
        let changes =
            [VersionRow::adopted.to(&number), VersionRow::adopted_at.to(&at), VersionRow::adopted_by.to(&by)];
        match tx.update(args![version.id], before, &changes) {
            Err(StoreError::Duplicate) => Err(StoreError::Conflict),
            saved => saved,
        }
    })
}

/// The version with this id.
pub fn find(tx: &mut Tx<'_>, id: PolicyVersionId) -> Result<Option<Stored<PolicyVersion>>, StoreError> {
    tx.find("where id = $1", args![id])?.map(VersionRow::read).transpose()
}

/// The version in force; `None` while the file of the configuration decides.
pub fn in_force(tx: &mut Tx<'_>) -> Result<Option<PolicyVersion>, StoreError> {
    let newest = "where adopted is not null order by adopted desc limit 1";
    Ok(tx.find(newest, &[])?.map(VersionRow::read).transpose()?.map(Stored::into_value))
}

/// The number of the version in force; 0 while the file of the configuration decides.
pub fn last_adopted(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let newest =
        "select adopted from policy_versions where adopted is not null order by adopted desc limit 1";
    // Without versions, the first number is 1.
    Ok(tx.fetch_opt(newest, &[])?.map_or(0, |number: i64| number))
}

/// Whether a version of this name came into force.
pub fn has_adopted(tx: &mut Tx<'_>, name: &str) -> Result<bool, StoreError> {
    tx.has::<VersionRow>("where name = $1 and adopted is not null", args![name])
}

/// A page of the uploaded versions.
pub fn list(
    tx: &mut Tx<'_>, cursor: &Cursor<PolicyVersionId>,
) -> Result<Result<Page<PolicyVersion>, UnknownCursor>, StoreError> {
    Listing::by(VersionRow::uploaded_at, VersionRow::id)
        .page(tx, cursor, |row: VersionRow, _tx| Ok(row.read()?.into_value()))
}

/// An application that a policy decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The facts on which the policy decided; `None` if they cannot be read.
    pub facts: Option<Facts>,
    /// Its place in the order of [`applications`].
    pub place: (Timestamp, DecisionId),
}

/// The applications that a policy decided since a time, newest first, up to `limit` of them after a place.
pub fn applications(
    tx: &mut Tx<'_>, since: Timestamp, after: Option<(Timestamp, DecisionId)>, limit: i64,
) -> Result<Vec<Application>, StoreError> {
    type Row = ((PartnerId, CustomerId, Vec<u8>), (Timestamp, DecisionId));
    let columns = "select partner_id, customer_id, sealed, decided_at, id from credit_decisions \
                   where decided_by = 'policy' and decided_at >= $1";
    let order = "order by decided_at desc, id desc limit";
    let rows: Vec<Row> = match after {
        None => tx.fetch_all(&format!("{columns} {order} $2"), args![since, limit])?,
        Some((at, id)) => {
            let sql = format!("{columns} and (decided_at, id) < ($2, $3) {order} $4");
            tx.fetch_all(&sql, args![since, at, id, limit])?
        }
    };
    let one = |((partner, customer, sealed), place): Row| {
        let facts = match inputs(tx, partner, place.1, &sealed) {
            Ok(inputs) => Facts::read(&inputs),
            // A damaged decision is not compared. It is reported where it is shown.
            Err(StoreError::Corrupt(_)) => None,
            Err(error) => return Err(error),
        };
        Ok(Application { partner, customer, facts, place })
    };
    rows.into_iter().map(one).collect()
}
