//! What happened, with the resource as it was at that moment.
//!
//! An event carries a snapshot rather than an id, so that its rendering never depends on what came after
//! it. It commits with the change that caused it.

use std::convert::Infallible;

use crate::closed::{Changed, Source};
use crate::customer::{CustomerEvent, CustomerFile};
use crate::id::{BiometricsSessionId, CustomerId, EventId, PartnerId};
use crate::loan::{LoanEvent, LoanSnapshot};
use crate::offer::{Offer, OfferEvent};
use crate::spelled;
use crate::time::Timestamp;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its id: the `webhook-id` of every delivery of it.
    pub id: EventId,
    /// Whose resource it is about.
    pub partner: PartnerId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What it was.
    pub domain_event: DomainEvent,
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DomainEvent {
    /// A customer changed.
    Customer(CustomerEvent, Box<CustomerFile>),
    /// An offer changed.
    Offer(OfferEvent, Box<Offer>),
    /// A loan changed.
    Loan(LoanEvent, Box<LoanSnapshot>),
    /// A hosted session was opened. Partners do not hear of it; the sandbox's autopilot does.
    BiometricsOpened(BiometricsSessionId, CustomerId),
}

impl From<(CustomerEvent, Box<CustomerFile>)> for DomainEvent {
    fn from((event, file): (CustomerEvent, Box<CustomerFile>)) -> Self {
        Self::Customer(event, file)
    }
}

impl From<(OfferEvent, Box<Offer>)> for DomainEvent {
    fn from((event, offer): (OfferEvent, Box<Offer>)) -> Self {
        Self::Offer(event, offer)
    }
}

impl From<(LoanEvent, Box<LoanSnapshot>)> for DomainEvent {
    fn from((event, loan): (LoanEvent, Box<LoanSnapshot>)) -> Self {
        Self::Loan(event, loan)
    }
}

impl From<(BiometricsSessionId, CustomerId)> for DomainEvent {
    fn from((session, customer): (BiometricsSessionId, CustomerId)) -> Self {
        Self::BiometricsOpened(session, customer)
    }
}

/// Of an aggregate without events.
impl From<Infallible> for DomainEvent {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl<T: Source> Changed<T>
where
    DomainEvent: From<T::Event>,
{
    /// Takes the change apart, to write it.
    pub fn into_parts(self) -> (T, Vec<DomainEvent>) {
        let Self { value, events } = self;
        (value, events.into_iter().map(DomainEvent::from).collect())
    }
}

/// What can happen, without what it happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A customer was registered.
    CustomerCreated,
    /// A customer's review began.
    CustomerUnderReview,
    /// A customer was approved.
    CustomerActive,
    /// A customer was refused.
    CustomerDenied,
    /// An item of a customer's KYC file changed.
    CustomerKycUpdated,
    /// An offer was made.
    OfferAvailable,
    /// An offer lapsed.
    OfferExpired,
    /// A loan was asked for.
    LoanCreated,
    /// A loan's contract exists.
    LoanContractGenerated,
    /// A loan's signers were asked.
    LoanAwaitingSignatures,
    /// One signer of a loan signed.
    LoanSignatureReceived,
    /// Every signer of a loan signed.
    LoanSigned,
    /// A loan's money is on its way.
    LoanDisbursing,
    /// A loan's customer has the money.
    LoanActive,
    /// A payment of a loan came in.
    LoanPaymentReceived,
    /// A loan was paid back in full.
    LoanFinished,
    /// A loan was given up.
    LoanCancelled,
    /// A loan failed.
    LoanError,
    /// A hosted session was opened.
    BiometricsOpened,
}

// The domain's words, not those of a wire generation.
spelled!(EventKind {
    CustomerCreated = "customer_created",
    CustomerUnderReview = "customer_under_review",
    CustomerActive = "customer_active",
    CustomerDenied = "customer_denied",
    CustomerKycUpdated = "customer_kyc_updated",
    OfferAvailable = "offer_available",
    OfferExpired = "offer_expired",
    LoanCreated = "loan_created",
    LoanContractGenerated = "loan_contract_generated",
    LoanAwaitingSignatures = "loan_awaiting_signatures",
    LoanSignatureReceived = "loan_signature_received",
    LoanSigned = "loan_signed",
    LoanDisbursing = "loan_disbursing",
    LoanActive = "loan_active",
    LoanPaymentReceived = "loan_payment_received",
    LoanFinished = "loan_finished",
    LoanCancelled = "loan_cancelled",
    LoanError = "loan_error",
    BiometricsOpened = "biometrics_opened",
});

impl DomainEvent {
    /// What it was, without what it happened to.
    pub fn kind(&self) -> EventKind {
        match self {
            Self::Customer(event, _) => match event {
                CustomerEvent::Created => EventKind::CustomerCreated,
                CustomerEvent::UnderReview => EventKind::CustomerUnderReview,
                CustomerEvent::Active => EventKind::CustomerActive,
                CustomerEvent::Denied => EventKind::CustomerDenied,
                CustomerEvent::KycUpdated => EventKind::CustomerKycUpdated,
            },
            Self::Offer(event, _) => match event {
                OfferEvent::Available => EventKind::OfferAvailable,
                OfferEvent::Expired => EventKind::OfferExpired,
            },
            Self::Loan(event, _) => match event {
                LoanEvent::Created => EventKind::LoanCreated,
                LoanEvent::ContractGenerated => EventKind::LoanContractGenerated,
                LoanEvent::AwaitingSignatures => EventKind::LoanAwaitingSignatures,
                LoanEvent::SignatureReceived => EventKind::LoanSignatureReceived,
                LoanEvent::Signed => EventKind::LoanSigned,
                LoanEvent::Disbursing => EventKind::LoanDisbursing,
                LoanEvent::Active => EventKind::LoanActive,
                LoanEvent::PaymentReceived(_) => EventKind::LoanPaymentReceived,
                LoanEvent::Finished => EventKind::LoanFinished,
                LoanEvent::Cancelled => EventKind::LoanCancelled,
                LoanEvent::Error => EventKind::LoanError,
            },
            Self::BiometricsOpened(..) => EventKind::BiometricsOpened,
        }
    }
}
