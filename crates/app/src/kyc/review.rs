//! The review of KYC: its beginning, and the reviewer's decisions.

use std::time::Duration;

use domain::customer::{CustomerEvent, CustomerFile, CustomerInput, CustomerState};
use domain::id::{CustomerId, DocumentId, PartnerId};
use domain::kyc::{RequirementInput, RequirementKey, RequirementState};
use domain::machine::Illegal;
use domain::time::Timestamp;
use store::Failed;
use store::{StoreError, Tx};

use super::ending;
use crate::credit;
use crate::customers::CustomerChange;

/// The reviewer's word on one requirement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is good.
    Accept,
    /// It is to be corrected.
    Reject {
        /// Why, in words for the customer.
        reason: String,
    },
}

/// The reviewer's word with what it was given on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The requirement.
    pub key: RequirementKey,
    /// The documents that the reviewer was shown.
    pub documents: Vec<DocumentId>,
    /// The word.
    pub verdict: Verdict,
}

/// Why no review was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestRefused {
    /// The customer is not there.
    NotFound,
    /// The customer's KYC is not pending.
    InvalidState(CustomerState),
    /// These mandatory requirements are missing or to be corrected.
    Incomplete(Vec<RequirementKey>),
}

/// Begins the review of a complete KYC file, at first and after corrections, and ends the customer's hosted
/// session.
pub fn request(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
) -> Result<CustomerFile, Failed<RequestRefused>> {
    let file = begin(tx, tenant, now, customer)?;
    ending::end_of(tx, tenant, now, customer)?;
    Ok(file)
}

/// [`request`] from within a session, which ends itself.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
) -> Result<CustomerFile, Failed<RequestRefused>> {
    let file = store::customers::find(tx, tenant, customer)?;
    let mut file = file.ok_or(Failed::Refused(RequestRefused::NotFound))?;
    let lacking: Vec<_> = file.kyc.lacking().map(|requirement| requirement.key).collect();
    let state = file.customer.state;
    let mut change = CustomerChange::of(&mut file);
    let invalid = |_illegal| Failed::Refused(RequestRefused::InvalidState(state));
    change.step(CustomerInput::ReviewStarted).map_err(invalid)?;
    if !lacking.is_empty() {
        return Err(Failed::Refused(RequestRefused::Incomplete(lacking)));
    }
    change.save(tx, now)?;
    Ok(file)
}

/// Why a review was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewRefused {
    /// The customer is not there.
    NotFound,
    /// The customer is not under review.
    NotUnderReview,
    /// The requirement was not submitted.
    NotSubmitted(RequirementKey),
    /// Other documents are handed in for the requirement than the judgement names.
    OtherDocuments(RequirementKey),
    /// Other documents are handed in than a refusal of the customer names.
    OtherDocumentsThanRefused,
}

/// Records judgements, each of exactly the documents that are handed in now. One rejection sends the customer back to KYC; once every mandatory requirement is
/// accepted the customer is active, and offers that the analysis allows are made.
pub fn decide(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
    judgements: &[Judgement],
    offer_lifetime: Duration,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let mut file = under_review(tx, tenant, customer)?;
    for Judgement { key, documents, verdict } in judgements {
        let input = match verdict {
            Verdict::Accept => RequirementInput::Accepted,
            Verdict::Reject { reason } => RequirementInput::Rejected { reason: reason.clone() },
        };
        let not_submitted = || Failed::Refused(ReviewRefused::NotSubmitted(*key));
        let requirement = file.kyc.find_mut(*key).ok_or_else(not_submitted)?;
        let judges_these = requirement.has_exactly(documents);
        requirement.review(&input).map_err(|_illegal| not_submitted())?;
        if !judges_these {
            return Err(Failed::Refused(ReviewRefused::OtherDocuments(*key)));
        }
    }
    let mut change = CustomerChange::of(&mut file);
    conclude(&mut change).map_err(|illegal| StoreError::Corrupt(illegal.to_string()))?;
    change.save(tx, now)?;
    credit::make_allowed_offers(tx, tenant, now, &file, offer_lifetime)?;
    Ok(file)
}

/// Ends the review where the verdicts so far settle it. The way back to KYC has no event of its own, so the
/// change of the file is told after that step; an approval is told after the change.
fn conclude(change: &mut CustomerChange<'_>) -> Result<(), Illegal> {
    let rejected = |state: &RequirementState| matches!(state, RequirementState::Rejected { .. });
    if change.file.kyc.requirements.iter().any(|requirement| rejected(&requirement.state)) {
        change.file.kyc.corrections += 1;
        change.step(CustomerInput::CorrectionRequested)?;
        change.tell(CustomerEvent::KycUpdated);
        return Ok(());
    }
    change.tell(CustomerEvent::KycUpdated);
    if change.file.kyc.is_accepted() {
        change.step(CustomerInput::Approved)?;
    }
    Ok(())
}

/// Refuses a customer for good. Where the refusal names documents, they must be the ones handed in now.
pub fn refuse(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    customer: CustomerId,
    judged: Option<&[DocumentId]>,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let mut file = under_review(tx, tenant, customer)?;
    if judged.is_some_and(|documents| !file.kyc.has_exactly(documents)) {
        return Err(Failed::Refused(ReviewRefused::OtherDocumentsThanRefused));
    }
    let mut change = CustomerChange::of(&mut file);
    change.step(CustomerInput::Refused).map_err(|_illegal| Failed::Refused(ReviewRefused::NotUnderReview))?;
    change.save(tx, now)?;
    Ok(file)
}

fn under_review(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    customer: CustomerId,
) -> Result<CustomerFile, Failed<ReviewRefused>> {
    let file = store::customers::find(tx, tenant, customer)?;
    let file = file.ok_or(Failed::Refused(ReviewRefused::NotFound))?;
    if file.customer.state != CustomerState::UnderReview {
        return Err(Failed::Refused(ReviewRefused::NotUnderReview));
    }
    Ok(file)
}
