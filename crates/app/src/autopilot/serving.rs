//! Steps that the sandbox takes for customers who ask for them by tags: their documents and their loan.

use domain::customer::CustomerFile;
use domain::id::{CustomerId, PartnerId};
use domain::kyc::{
    AttachmentSource, EvidenceKind, FileLimits, Requirement, RequirementKey, RequirementKind, ReviewStart,
    Slot,
};
use domain::money::Cents;
use domain::offer::{OfferStateKind, Term};
use domain::page::Limit;
use domain::person::Email;
use domain::time::Timestamp;
use store::offers::OfferFilter;
use store::{Cursor, Failed, StoreError, Tx};

use super::steered::{done_or_impossible, steered_customer};
use crate::credit::offers::{self, SimulateOffer};
use crate::kyc::{self, NewDocument, NewEvidence, SubmitEvidence, Target};
use crate::lender::Lender;
use crate::loans::{self, CreateLoan};

/// The amount of a loan that the sandbox takes, if the offer allows it.
const AMOUNT: Cents = Cents::new(300_000);

/// The number of its installments, if the offer allows it.
const INSTALLMENTS: u16 = 12;

/// The places in a customer's KYC in which a file is missing: for each requirement, the first set of slots.
pub fn missing_files(file: &CustomerFile) -> Vec<Target> {
    let lacking = file.kyc.lacking().filter(|requirement| kyc::sessions::is_file(requirement.key.kind));
    let targets = |requirement: &Requirement| {
        let kind = requirement.key.kind.alternatives().first().copied();
        let slots = kind.and_then(|kind| Some((kind, kind.complete_sets().first().copied()?)));
        let key = requirement.key;
        slots.into_iter().flat_map(move |(kind, slots)| slots.iter().map(move |slot| (key, kind, *slot)))
    };
    lacking.flat_map(targets).collect()
}

/// A customer's submission.
#[derive(Debug, Clone, Copy)]
pub struct Submitting {
    /// The partner.
    pub tenant: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The limits on the customer's files.
    pub limits: FileLimits,
}

/// Submits one of the missing files.
pub fn submit_file(
    tx: &mut Tx<'_>, now: Timestamp, by: Submitting, target: Target, document: NewDocument,
) -> Result<(), StoreError> {
    submit(tx, now, by, target, NewEvidence::File(document))
}

/// Submits an invented e-mail address for each person whose address is missing.
pub fn submit_addresses(tx: &mut Tx<'_>, now: Timestamp, by: Submitting) -> Result<(), StoreError> {
    let Some(file) = steered_customer(tx, by.tenant, by.customer)? else { return Ok(()) };
    let of_address = |requirement: &&Requirement| requirement.key.kind == RequirementKind::Email;
    let lacking: Vec<RequirementKey> =
        file.kyc.lacking().filter(of_address).map(|lacking| lacking.key).collect();
    for key in lacking {
        let address = Email::parse("socia@example.com").expect("it is an address");
        submit(tx, now, by, (key, EvidenceKind::Email, Slot::Email), NewEvidence::Address(address))?;
    }
    Ok(())
}

fn submit(
    tx: &mut Tx<'_>, now: Timestamp, by: Submitting, target: Target, evidence: NewEvidence,
) -> Result<(), StoreError> {
    let command = SubmitEvidence {
        customer: by.customer,
        evidence,
        source: AttachmentSource::Upload,
        review_start: ReviewStart::Automatic,
        limits: by.limits,
    };
    done_or_impossible(kyc::submit_evidence(tx, by.tenant, now, &command, |_file| Some(target)))
}

/// Takes a loan of the customer's open offer; nothing without one.
pub(super) fn take_loan(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, lender: &Lender,
) -> Result<(), StoreError> {
    if steered_customer(tx, tenant, id)?.is_none() {
        return Ok(());
    }
    let open = OfferFilter { customer: Some(id), state: Some(OfferStateKind::Available) };
    // A first page has no cursor that could be unknown.
    let Ok(page) = store::offers::list(tx, Some(tenant), &open, &Cursor::first(Limit::ONE))? else {
        return Ok(());
    };
    let Some(offer) = page.items.into_iter().next() else { return Ok(()) };
    let requested = AMOUNT.max(offer.terms.min_amount).min(offer.terms.approved_amount);
    let installments = match offer.terms.term {
        Term::Fixed(installments) => installments,
        Term::Range { min, max } => INSTALLMENTS.clamp(min, max),
    };
    let command = SimulateOffer { offer: offer.id, requested, installments };
    let simulation = match offers::simulate(tx, tenant, now, &command, &lender.book.in_force()) {
        Ok(simulation) => simulation,
        Err(Failed::Refused(_impossible)) => return Ok(()),
        Err(Failed::Store(error)) => return Err(error),
    };
    done_or_impossible(loans::create(tx, tenant, now, &CreateLoan::of(&simulation), lender))
}
