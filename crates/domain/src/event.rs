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
    pub happening: Happening,
}

/// What happened to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A customer changed.
    Customer(CustomerEvent, Box<CustomerFile>),
    /// An offer changed.
    Offer(OfferEvent, Box<Offer>),
    /// A loan changed.
    Loan(LoanEvent, Box<LoanSnapshot>),
    /// A hosted session was opened. Partners do not hear of it; the sandbox's autopilot does.
    BiometricsOpened(BiometricsSessionId, CustomerId),
}

impl From<(CustomerEvent, Box<CustomerFile>)> for Happening {
    fn from((event, file): (CustomerEvent, Box<CustomerFile>)) -> Self {
        Self::Customer(event, file)
    }
}

impl From<(OfferEvent, Box<Offer>)> for Happening {
    fn from((event, offer): (OfferEvent, Box<Offer>)) -> Self {
        Self::Offer(event, offer)
    }
}

impl From<(LoanEvent, Box<LoanSnapshot>)> for Happening {
    fn from((event, loan): (LoanEvent, Box<LoanSnapshot>)) -> Self {
        Self::Loan(event, loan)
    }
}

impl From<(BiometricsSessionId, CustomerId)> for Happening {
    fn from((session, customer): (BiometricsSessionId, CustomerId)) -> Self {
        Self::BiometricsOpened(session, customer)
    }
}

/// Of an aggregate without events.
impl From<Infallible> for Happening {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl<T: Source> Changed<T>
where
    Happening: From<T::Event>,
{
    /// Takes the change apart, to write it.
    pub fn into_parts(self) -> (T, Vec<Happening>) {
        let Self { value, events } = self;
        (value, events.into_iter().map(Happening::from).collect())
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

impl EventKind {
    /// Everything that can happen.
    pub const ALL: [Self; 19] = [
        Self::CustomerCreated,
        Self::CustomerUnderReview,
        Self::CustomerActive,
        Self::CustomerDenied,
        Self::CustomerKycUpdated,
        Self::OfferAvailable,
        Self::OfferExpired,
        Self::LoanCreated,
        Self::LoanContractGenerated,
        Self::LoanAwaitingSignatures,
        Self::LoanSignatureReceived,
        Self::LoanSigned,
        Self::LoanDisbursing,
        Self::LoanActive,
        Self::LoanPaymentReceived,
        Self::LoanFinished,
        Self::LoanCancelled,
        Self::LoanError,
        Self::BiometricsOpened,
    ];

    /// The kind's name in the store. It is the domain's, not a wire generation's.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CustomerCreated => "customer_created",
            Self::CustomerUnderReview => "customer_under_review",
            Self::CustomerActive => "customer_active",
            Self::CustomerDenied => "customer_denied",
            Self::CustomerKycUpdated => "customer_kyc_updated",
            Self::OfferAvailable => "offer_available",
            Self::OfferExpired => "offer_expired",
            Self::LoanCreated => "loan_created",
            Self::LoanContractGenerated => "loan_contract_generated",
            Self::LoanAwaitingSignatures => "loan_awaiting_signatures",
            Self::LoanSignatureReceived => "loan_signature_received",
            Self::LoanSigned => "loan_signed",
            Self::LoanDisbursing => "loan_disbursing",
            Self::LoanActive => "loan_active",
            Self::LoanPaymentReceived => "loan_payment_received",
            Self::LoanFinished => "loan_finished",
            Self::LoanCancelled => "loan_cancelled",
            Self::LoanError => "loan_error",
            Self::BiometricsOpened => "biometrics_opened",
        }
    }

    /// Reads [`EventKind::name`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == text)
    }
}

impl Happening {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_stands_once_among_all_under_a_name_of_its_own() {
        let mut names = EventKind::ALL.map(EventKind::name).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), EventKind::ALL.len());
        assert!(EventKind::ALL.is_sorted(), "in the order in which they are defined, none left out");
        assert_eq!(EventKind::BiometricsOpened as usize + 1, EventKind::ALL.len());
        assert!(EventKind::ALL.into_iter().all(|kind| EventKind::parse(kind.name()) == Some(kind)));
    }
}
