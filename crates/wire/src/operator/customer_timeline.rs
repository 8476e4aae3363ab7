//! The history of a customer.

use serde::Serialize;
use utoipa::ToSchema;

use super::timeline::RecordedEvent;
use crate::text_scalar::{Money, Timestamp};

/// The kind of a moment in a customer's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomerMomentKind {
    /// The partner registered the customer.
    Registered,
    /// The evidence for a requirement of the KYC was complete.
    KycSubmitted,
    /// A link to the hosted page of the KYC was made.
    KycLinkCreated,
    /// Credit was approved.
    CreditApproved,
    /// Credit was refused.
    CreditRefused,
    /// Credit was referred to an operator.
    CreditReferred,
    /// An offer was made.
    OfferMade,
    /// The customer asked for a loan.
    LoanRequested,
    /// A person signed a loan.
    LoanSigned,
    /// The customer received the money of a loan.
    LoanDisbursed,
    /// Nobody expects a loan to be repaid any more.
    LoanWrittenOff,
    /// A loan was paid back in full.
    LoanFinished,
    /// A loan was cancelled.
    LoanCancelled,
    /// A loan failed.
    LoanFailed,
    /// An e-mail was written to the customer.
    MailWritten,
    /// An operator wrote a note.
    NoteWritten,
    /// A person opened the hosted page of the KYC.
    KycPageVisited,
    /// An event was recorded for the partner.
    EventRecorded,
}

/// A moment in a customer's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerMoment {
    /// Kind of the moment.
    pub kind: CustomerMomentKind,
    /// Time of the moment.
    pub at: Timestamp,
    /// Id of the offer or the loan; null for other kinds.
    #[schema(required, example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub subject_id: Option<String>,
    /// The amount of the decision, the offer or the disbursement; null for other kinds.
    #[schema(required, example = "50000.00")]
    pub amount: Option<Money>,
    /// The person who decided, signed or wrote; null if nobody is known.
    #[schema(required, example = "Ana Souza")]
    pub name: Option<String>,
    /// The requirement, the version of the policy, the subject of the e-mail, or the reason of the failure; null for
    /// other kinds, and for an e-mail with a code.
    #[schema(required, example = "selfie")]
    pub text: Option<String>,
    /// The event and its deliveries; null for other kinds.
    #[schema(required)]
    pub event: Option<RecordedEvent>,
}

/// The history of a customer.
#[derive(Debug, Serialize, ToSchema)]
pub struct CustomerTimeline {
    /// The moments, newest first.
    pub data: Vec<CustomerMoment>,
}
