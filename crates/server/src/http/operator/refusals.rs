//! The problems for operators' refused calls: one exhaustive match per area.

use app::NotFound;
use app::credit::DecideRefused;
use app::credit::offers::WithdrawRefused;
use app::kyc::review::ReviewRefused;
use app::loans::StepRefused;
use app::mails::{CloseRefused, SendAgainRefused};
use app::partners::credentials;
use app::partners::credentials::CreateCredentialRefused;
use app::payments::{QuoteRefused, RecordRefused, ReverseRefused, WriteOffRefused};
use app::people::operators::ChangeRolesRefused;
use domain::customer::{CustomerState, NotJudged};
use domain::offer::OfferState;
use wire::problem::{Code, Problem};

use crate::http::problem::Refusal;
use crate::http::refusals::taken;

impl Refusal for CloseRefused {
    fn problem(self) -> Problem {
        match self {
            CloseRefused::NotFound => Problem::not_found(),
            CloseRefused::NotFailed(state) => Problem::invalid_state(format!(
                "only a failed e-mail is closed; this one is {}",
                state.name()
            )),
        }
    }
}

impl Refusal for SendAgainRefused {
    fn problem(self) -> Problem {
        match self {
            SendAgainRefused::NotFound => Problem::not_found(),
            SendAgainRefused::NotFailed(state) => Problem::invalid_state(format!(
                "only a failed e-mail is sent again; this one is {}",
                state.name()
            )),
            SendAgainRefused::BroughtCode => Problem::invalid_state(
                "it brought a code, which is over; the signer asks for a new one on the signing page",
            ),
            SendAgainRefused::Unreadable => Problem::invalid_state("the e-mail cannot be read any more"),
        }
    }
}

/// A refused review, with the place of the decision that caused it.
pub(super) enum KycRefused {
    /// The customer does not exist.
    NotFound,
    /// The customer's KYC does not have this requirement.
    Unknown {
        /// The decision's place in the list.
        index: usize,
    },
    /// The same requirement occurs twice.
    Twice {
        /// The decision's place in the list.
        index: usize,
    },
    /// The submitted documents are not those that the decision names.
    OtherDocuments {
        /// The decision's place in the list.
        index: usize,
    },
    /// The customer's state refuses the review.
    Review(ReviewRefused, CustomerState),
}

impl From<NotFound> for KycRefused {
    fn from(_: NotFound) -> Self {
        Self::NotFound
    }
}

impl Refusal for KycRefused {
    fn problem(self) -> Problem {
        let at = |index: usize| format!("decisions[{index}].requirement_id");
        match self {
            KycRefused::NotFound | KycRefused::Review(ReviewRefused::NotFound, _) => Problem::not_found(),
            KycRefused::Unknown { index } => Problem::of_field(
                at(index),
                Code::InvalidEvidence,
                "the customer's KYC has no requirement of this name",
            ),
            KycRefused::Twice { index } => {
                Problem::of_field(at(index), Code::InvalidEvidence, "is decided twice in this request")
            }
            KycRefused::OtherDocuments { index } => Problem::of_field(
                format!("decisions[{index}].document_ids"),
                Code::InvalidState,
                "are not the documents handed in now; look at the customer again and judge those",
            ),
            KycRefused::Review(
                ReviewRefused::NotJudged(NotJudged::OtherDocuments(_) | NotJudged::OtherDocumentsThanRefused),
                _,
            ) => Problem::of_field(
                "document_ids",
                Code::InvalidState,
                "are not the documents handed in now; look at the customer again and judge those",
            ),
            KycRefused::Review(ReviewRefused::NotJudged(NotJudged::NotUnderReview), state) => {
                Problem::invalid_state(format!(
                    "the customer is {}, and only one under_review can be decided on",
                    state.name()
                ))
            }
            KycRefused::Review(ReviewRefused::NotJudged(NotJudged::NotSubmitted(_)), _) => {
                Problem::invalid_state(
                    "a requirement among the decisions was not submitted, or has been decided on",
                )
            }
        }
    }
}

impl Refusal for DecideRefused {
    fn problem(self) -> Problem {
        let declared = |detail| Problem::of_field("offer.simples_declared_on", Code::InvalidFormat, detail);
        match self {
            DecideRefused::NotFound => Problem::not_found(),
            DecideRefused::NoCompany => {
                declared("the customer has no CNPJ, and a natural person pays the full rates of IOF")
            }
            DecideRefused::AboveLimit(limit) => Problem::of_field(
                "offer.approved_amount",
                Code::AmountOutOfRange,
                format!("is above R$ {limit}, the largest approval of this operator's roles"),
            ),
            DecideRefused::DeclaredLater => declared("must not be in the future"),
            DecideRefused::Changed => Problem::invalid_state("somebody has decided since"),
        }
    }
}

impl Refusal for WriteOffRefused {
    fn problem(self) -> Problem {
        match self {
            WriteOffRefused::NotFound => Problem::not_found(),
            WriteOffRefused::NotWrittenOff(refused) => Problem::invalid_state(refused.to_string()),
            WriteOffRefused::AboveLimit(limit) => Problem::new(
                Code::Forbidden,
                format!(
                    "the unpaid principal is above R$ {limit}, the largest waiver of this operator's roles"
                ),
            ),
        }
    }
}

impl Refusal for ChangeRolesRefused {
    fn problem(self) -> Problem {
        match self {
            ChangeRolesRefused::NotFound => Problem::not_found(),
            ChangeRolesRefused::Revoked => {
                Problem::invalid_state("the operator's access was ended, so it has no roles to change")
            }
            ChangeRolesRefused::Own => Problem::new(
                Code::Forbidden,
                "nobody changes their own roles; another operator with operators.manage does",
            ),
        }
    }
}

impl Refusal for WithdrawRefused {
    fn problem(self) -> Problem {
        match self {
            WithdrawRefused::NotFound => Problem::not_found(),
            WithdrawRefused::InvalidState(OfferState::Accepted { loan }) => taken(loan),
            WithdrawRefused::InvalidState(state @ (OfferState::Available | OfferState::Expired)) => {
                Problem::invalid_state(format!("the offer is {}", state.name()))
            }
        }
    }
}

impl Refusal for StepRefused {
    fn problem(self) -> Problem {
        match self {
            StepRefused::NotFound => Problem::not_found(),
            StepRefused::InvalidState => {
                Problem::invalid_state("the loan's status does not allow this; nothing was changed")
            }
            StepRefused::NotASigner => Problem::invalid_state("whoever signs is not a signer"),
        }
    }
}

impl Refusal for RecordRefused {
    fn problem(self) -> Problem {
        match self {
            RecordRefused::NotFound => Problem::not_found(),
            RecordRefused::NotActive => {
                Problem::invalid_state("the loan is not active, so nothing is owed on it")
            }
            RecordRefused::NoAmount => {
                Problem::of_field("amount", Code::AmountOutOfRange, "must be more than zero")
            }
            RecordRefused::Excessive { owed, limit } => Problem::of_field(
                "amount",
                Code::OverpaymentNotConfirmed,
                format!(
                    "is more than the R$ {owed} owed on that day by more than R$ {limit}; if it did come in, send \
                     confirm_overpayment: true, and what is left over is kept as a credit to return"
                ),
            ),
            RecordRefused::OutOfTime => Problem::of_field(
                "paid_on",
                Code::InvalidFormat,
                "must not be in the future, nor before the day of the disbursement",
            ),
            RecordRefused::Reversed => Problem::of_field(
                "reference",
                Code::InvalidState,
                "names a payment that was reversed; one that came in since has a reference of its own",
            ),
            RecordRefused::ReferenceTaken => Problem::of_field(
                "reference",
                Code::IdempotencyKeyMismatch,
                "names another payment: same reference, other loan, amount, day or kind",
            ),
        }
    }
}

impl Refusal for ReverseRefused {
    fn problem(self) -> Problem {
        match self {
            ReverseRefused::NotFound => Problem::not_found(),
            ReverseRefused::AlreadyReversed => Problem::invalid_state("the payment was reversed before"),
        }
    }
}

impl Refusal for QuoteRefused {
    fn problem(self) -> Problem {
        match self {
            QuoteRefused::NotFound => Problem::not_found(),
            QuoteRefused::NotActive => {
                Problem::invalid_state("the loan is not active, so there is nothing to pay off")
            }
            QuoteRefused::OutOfTime => Problem::of_field(
                "date",
                Code::InvalidParameter,
                "must not be before today, nor after the last due date",
            ),
        }
    }
}

/// The refusal of a credential, also for an unknown partner.
pub(super) struct NoCredential(pub CreateCredentialRefused);

impl Refusal for NoCredential {
    fn problem(self) -> Problem {
        match self.0 {
            CreateCredentialRefused::NotFound => Problem::not_found(),
            CreateCredentialRefused::TooMany => Problem::invalid_state(format!(
                "the partner has {} active credentials; revoke one first",
                credentials::MOST_ACTIVE
            )),
            CreateCredentialRefused::MakerEnded => {
                Problem::invalid_state("the credential that makes it has ended")
            }
            CreateCredentialRefused::AlreadyOver => {
                Problem::of_field("expires_at", Code::InvalidFormat, "must be in the future")
            }
        }
    }
}
