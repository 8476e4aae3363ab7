//! What refusals are to an operator: one exhaustive match per area.

use domain::customer::CustomerState;
use domain::offer::OfferState;
use wire::problem::{Code, Problem};

use crate::app::credentials::CreateCredentialRefused;
use crate::app::letters::SendAgainRefused;
use crate::app::loans::StepRefused;
use crate::app::offers::WithdrawRefused;
use crate::app::payments::{QuoteRefused, RecordRefused, ReverseRefused};
use crate::app::review::ReviewRefused;
use crate::app::{NotFound, credentials};

impl From<SendAgainRefused> for Problem {
    fn from(refused: SendAgainRefused) -> Self {
        match refused {
            SendAgainRefused::NotFound => Self::not_found(),
            SendAgainRefused::NotFailed(state) => Self::new(
                Code::InvalidState,
                format!("only a failed e-mail is sent again; this one is {}", state.name()),
            ),
            SendAgainRefused::BroughtCode => Self::new(
                Code::InvalidState,
                "it brought a code, which is over; the signer asks for a new one on the signing page",
            ),
            SendAgainRefused::Unreadable => {
                Self::new(Code::InvalidState, "the e-mail cannot be read any more")
            }
        }
    }
}

/// A review that was not taken, with the id of the requirement in question.
pub(super) enum KycRefused {
    /// The customer is not there.
    NotFound,
    /// The customer's KYC does not ask for this.
    Unknown {
        /// The decision's place in the list.
        index: usize,
    },
    /// The same requirement stands twice.
    Twice {
        /// The decision's place in the list.
        index: usize,
    },
    /// Other documents are handed in than the decision names.
    OtherDocuments {
        /// The decision's place in the list.
        index: usize,
    },
    /// The review was not taken.
    Review(ReviewRefused, CustomerState),
}

impl From<NotFound> for KycRefused {
    fn from(_: NotFound) -> Self {
        Self::NotFound
    }
}

impl From<KycRefused> for Problem {
    fn from(refused: KycRefused) -> Self {
        let at = |index: usize| format!("decisions[{index}].requirement_id");
        match refused {
            KycRefused::NotFound | KycRefused::Review(ReviewRefused::NotFound, _) => Self::not_found(),
            KycRefused::Unknown { index } => Self::of_field(
                at(index),
                Code::InvalidEvidence,
                "the customer's KYC has no requirement of this name",
            ),
            KycRefused::Twice { index } => {
                Self::of_field(at(index), Code::InvalidEvidence, "is decided twice in this request")
            }
            KycRefused::OtherDocuments { index } => Self::of_field(
                format!("decisions[{index}].document_ids"),
                Code::InvalidState,
                "are not the documents handed in now; look at the customer again and judge those",
            ),
            KycRefused::Review(
                ReviewRefused::OtherDocuments(_) | ReviewRefused::OtherDocumentsThanRefused,
                _,
            ) => Self::of_field(
                "document_ids",
                Code::InvalidState,
                "are not the documents handed in now; look at the customer again and judge those",
            ),
            KycRefused::Review(ReviewRefused::NotUnderReview, state) => Self::new(
                Code::InvalidState,
                format!("the customer is {}, and only one under_review can be decided on", state.name()),
            ),
            KycRefused::Review(ReviewRefused::NotSubmitted(_), _) => Self::new(
                Code::InvalidState,
                "a requirement among the decisions was not submitted, or has been decided on",
            ),
        }
    }
}

/// A credit decision that was not taken.
pub(super) enum DecideRefused {
    /// The customer is not there.
    NotFound,
    /// A natural person declares nothing of the kind.
    NoCompany,
    /// The declaration lies in the future.
    DeclaredLater,
}

impl From<NotFound> for DecideRefused {
    fn from(_: NotFound) -> Self {
        Self::NotFound
    }
}

impl From<DecideRefused> for Problem {
    fn from(refused: DecideRefused) -> Self {
        let declared = |detail| Self::of_field("offer.simples_declared_on", Code::InvalidFormat, detail);
        match refused {
            DecideRefused::NotFound => Self::not_found(),
            DecideRefused::NoCompany => {
                declared("the customer has no CNPJ, and a natural person pays the full rates of IOF")
            }
            DecideRefused::DeclaredLater => declared("must not be in the future"),
        }
    }
}

impl From<WithdrawRefused> for Problem {
    fn from(refused: WithdrawRefused) -> Self {
        match refused {
            WithdrawRefused::NotFound => Self::not_found(),
            WithdrawRefused::InvalidState(OfferState::Accepted { loan }) => {
                Self::new(Code::OfferAlreadyAccepted, format!("the loan {loan} has taken the offer"))
            }
            WithdrawRefused::InvalidState(state @ (OfferState::Available | OfferState::Expired)) => {
                Self::new(Code::InvalidState, format!("the offer is {}", state.name()))
            }
        }
    }
}

impl From<StepRefused> for Problem {
    fn from(refused: StepRefused) -> Self {
        match refused {
            StepRefused::NotFound => Self::not_found(),
            StepRefused::InvalidState => {
                Self::new(Code::InvalidState, "the loan's status does not allow this; nothing was changed")
            }
            StepRefused::NotASigner => Self::new(Code::InvalidState, "whoever signs is not a signer"),
        }
    }
}

impl From<RecordRefused> for Problem {
    fn from(refused: RecordRefused) -> Self {
        match refused {
            RecordRefused::NotFound => Self::not_found(),
            RecordRefused::NotActive => {
                Self::new(Code::InvalidState, "the loan is not active, so nothing is owed on it")
            }
            RecordRefused::NoAmount => {
                Self::of_field("amount", Code::AmountOutOfRange, "must be more than zero")
            }
            RecordRefused::Excessive { owed, limit } => Self::of_field(
                "amount",
                Code::OverpaymentNotConfirmed,
                format!(
                    "is more than the R$ {owed} owed on that day by more than R$ {limit}; if it did come in, send \
                     confirm_overpayment: true, and what is left over is kept as a credit to return"
                ),
            ),
            RecordRefused::OutOfTime => Self::of_field(
                "paid_on",
                Code::InvalidFormat,
                "must not be in the future, nor before the day of the disbursement",
            ),
            RecordRefused::Reversed => Self::of_field(
                "reference",
                Code::InvalidState,
                "names a payment that was reversed; one that came in since has a reference of its own",
            ),
            RecordRefused::ReferenceTaken => Self::of_field(
                "reference",
                Code::IdempotencyKeyMismatch,
                "names another payment: same reference, other loan, amount, day or kind",
            ),
        }
    }
}

impl From<ReverseRefused> for Problem {
    fn from(refused: ReverseRefused) -> Self {
        match refused {
            ReverseRefused::NotFound => Self::not_found(),
            ReverseRefused::AlreadyReversed => {
                Self::new(Code::InvalidState, "the payment was reversed before")
            }
        }
    }
}

impl From<QuoteRefused> for Problem {
    fn from(refused: QuoteRefused) -> Self {
        match refused {
            QuoteRefused::NotFound => Self::not_found(),
            QuoteRefused::NotActive => {
                Self::new(Code::InvalidState, "the loan is not active, so there is nothing to pay off")
            }
            QuoteRefused::OutOfTime => Self::of_field(
                "date",
                Code::InvalidParameter,
                "must not be before today, nor after the last due date",
            ),
        }
    }
}

/// A credential that was not made, for a partner that may not be there.
pub(super) struct NoCredential(pub CreateCredentialRefused);

impl From<NoCredential> for Problem {
    fn from(NoCredential(refused): NoCredential) -> Self {
        match refused {
            CreateCredentialRefused::NotFound => Self::not_found(),
            CreateCredentialRefused::TooMany => Self::new(
                Code::InvalidState,
                format!("the partner has {} active credentials; revoke one first", credentials::MOST_ACTIVE),
            ),
            CreateCredentialRefused::MakerEnded => {
                Self::new(Code::InvalidState, "the credential that makes it has ended")
            }
            CreateCredentialRefused::AlreadyOver => {
                Self::of_field("expires_at", Code::InvalidFormat, "must be in the future")
            }
        }
    }
}
