//! The review of KYC: its beginning, and the reviewer's decisions.

use std::time::Duration;

use domain::customer::{CustomerFile, CustomerState, NotJudged, ReviewNotBegun};
use domain::id::{CustomerId, DocumentId, PartnerId};
use domain::kyc::{Judgement, RequirementKey};
use domain::time::Timestamp;
use store::Failed;
use store::{Stored, Tx};

use super::ending;
use crate::credit;
use crate::refused::not_found_in;

/// The reason why no review was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestRefused {
    /// There is no such customer.
    NotFound,
    /// The customer's KYC is not pending.
    InvalidState(CustomerState),
    /// These mandatory requirements are missing or to be corrected.
    Incomplete(Vec<RequirementKey>),
}

/// Begins the review of a complete KYC file, at first and after corrections, and ends the customer's hosted
/// session.
pub fn request(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId,
) -> Result<CustomerFile, Failed<RequestRefused>> {
    let file = begin(tx, tenant, now, customer)?;
    ending::end_of(tx, tenant, now, customer)?;
    Ok(file)
}

/// The same as [`request`], for a session that ends itself.
pub(crate) fn begin(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId,
) -> Result<CustomerFile, Failed<RequestRefused>> {
    let file = store::customers::find(tx, tenant, customer)?;
    let file = file.ok_or(Failed::Refused(RequestRefused::NotFound))?;
    let begun = file.change(|file| file.begin_review(now)).map_err(|not_begun| {
        Failed::Refused(match not_begun {
            ReviewNotBegun::InvalidState(state) => RequestRefused::InvalidState(state),
            ReviewNotBegun::Incomplete(lacking) => RequestRefused::Incomplete(lacking),
        })
    })?;
    Ok(store::customers::save(tx, begun)?.into_value())
}

/// The reason why a review was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewRefused {
    /// There is no such customer.
    NotFound,
    /// The state of the customer or of the evidence does not allow it.
    NotJudged(NotJudged),
}

not_found_in!(ReviewRefused);

impl From<NotJudged> for ReviewRefused {
    fn from(not_judged: NotJudged) -> Self {
        Self::NotJudged(not_judged)
    }
}

/// Records judgements. Each must name exactly the documents that are submitted now. One rejection sends the customer
/// back to KYC. Once every mandatory requirement is accepted, the customer is active, and the offers that the analysis
/// allows are made.
pub fn decide(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, judgements: &[Judgement],
    offer_lifetime: Duration,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let judged = to_review(tx, tenant, customer)?
        .change(|file| file.judge(judgements, now))
        .map_err(|not| Failed::Refused(not.into()))?;
    let file = store::customers::save(tx, judged)?;
    credit::make_allowed_offers(tx, tenant, now, &file, offer_lifetime)?;
    Ok(file.into_value())
}

/// Refuses a customer for good. If the refusal names documents, they must be the ones that are submitted now.
pub fn refuse(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, judged: Option<&[DocumentId]>,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let refused = to_review(tx, tenant, customer)?
        .change(|file| file.refuse(judged, now))
        .map_err(|not| Failed::Refused(not.into()))?;
    Ok(store::customers::save(tx, refused)?.into_value())
}

fn to_review(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId,
) -> Result<Stored<CustomerFile>, Failed<ReviewRefused>> {
    store::customers::find(tx, tenant, customer)?.ok_or(Failed::Refused(ReviewRefused::NotFound))
}
