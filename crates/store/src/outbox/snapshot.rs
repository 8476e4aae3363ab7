//! The resource of an event as it was when the event happened: the sealed column.

use domain::customer::CustomerEvent;
use domain::event::{DomainEvent, EventKind};
use domain::id::PartnerId;
use domain::loan::{LoanEvent, PaymentReceived};
use domain::offer::OfferEvent;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::document::{CustomerDoc, LoanSnapshotDoc, OfferDoc, PaymentDoc, corrupt, parsed};

/// The resource as it was.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Snapshot {
    Customer(CustomerDoc),
    Offer { offer: OfferDoc, external_id: Option<String> },
    Loan { loan: Box<LoanSnapshotDoc>, payment: Option<PaymentDoc> },
    Session { id: String, customer: String },
}

impl Snapshot {
    pub(super) fn of(domain_event: &DomainEvent) -> Self {
        match domain_event {
            DomainEvent::Customer(_, file) => Self::Customer(CustomerDoc::of(file)),
            DomainEvent::Offer(_, offer) => {
                Self::Offer { offer: OfferDoc::of(offer), external_id: offer.external_id.clone() }
            }
            DomainEvent::Loan(event, loan) => {
                let payment = match event {
                    LoanEvent::PaymentReceived(payment) => Some(PaymentDoc::of(*payment)),
                    _other => None,
                };
                Self::Loan { loan: Box::new(LoanSnapshotDoc::of(loan)), payment }
            }
            DomainEvent::BiometricsOpened(id, customer) => {
                Self::Session { id: id.to_string(), customer: customer.to_string() }
            }
        }
    }

    pub(super) fn read(self, kind: &str, partner: PartnerId) -> Result<DomainEvent, StoreError> {
        let kind = parsed(kind)?;
        Ok(match self {
            Self::Customer(document) => {
                DomainEvent::Customer(customer_event(kind)?, Box::new(document.read(partner)?))
            }
            Self::Offer { offer, external_id } => {
                DomainEvent::Offer(offer_event(kind)?, Box::new(offer.read(partner, external_id)?))
            }
            Self::Loan { loan, payment } => {
                let event = loan_event(kind, payment.as_ref().map(PaymentDoc::read))?;
                DomainEvent::Loan(event, Box::new(loan.read(partner)?))
            }
            Self::Session { id, customer } => DomainEvent::BiometricsOpened(
                id.parse().map_err(corrupt)?,
                customer.parse().map_err(corrupt)?,
            ),
        })
    }
}

/// A kind under which no event of such a resource is stored.
fn misplaced(kind: EventKind) -> StoreError {
    corrupt(format!("an event of another resource than its kind: {}", kind.name()))
}

fn customer_event(kind: EventKind) -> Result<CustomerEvent, StoreError> {
    match kind {
        EventKind::CustomerCreated => Ok(CustomerEvent::Created),
        EventKind::CustomerUnderReview => Ok(CustomerEvent::UnderReview),
        EventKind::CustomerActive => Ok(CustomerEvent::Active),
        EventKind::CustomerDenied => Ok(CustomerEvent::Denied),
        EventKind::CustomerKycUpdated => Ok(CustomerEvent::KycUpdated),
        other => Err(misplaced(other)),
    }
}

fn offer_event(kind: EventKind) -> Result<OfferEvent, StoreError> {
    match kind {
        EventKind::OfferAvailable => Ok(OfferEvent::Available),
        EventKind::OfferExpired => Ok(OfferEvent::Expired),
        other => Err(misplaced(other)),
    }
}

fn loan_event(kind: EventKind, payment: Option<PaymentReceived>) -> Result<LoanEvent, StoreError> {
    match (kind, payment) {
        (EventKind::LoanCreated, _) => Ok(LoanEvent::Created),
        (EventKind::LoanContractGenerated, _) => Ok(LoanEvent::ContractGenerated),
        (EventKind::LoanAwaitingSignatures, _) => Ok(LoanEvent::AwaitingSignatures),
        (EventKind::LoanSignatureReceived, _) => Ok(LoanEvent::SignatureReceived),
        (EventKind::LoanSigned, _) => Ok(LoanEvent::Signed),
        (EventKind::LoanDisbursing, _) => Ok(LoanEvent::Disbursing),
        (EventKind::LoanActive, _) => Ok(LoanEvent::Active),
        (EventKind::LoanPaymentReceived, Some(payment)) => Ok(LoanEvent::PaymentReceived(payment)),
        (EventKind::LoanFinished, _) => Ok(LoanEvent::Finished),
        (EventKind::LoanCancelled, _) => Ok(LoanEvent::Cancelled),
        (EventKind::LoanError, _) => Ok(LoanEvent::Error),
        (other, _) => Err(misplaced(other)),
    }
}
