//! The loan's state machine.
//!
//! processing → contract generated → awaiting signatures → signed → disbursing → active → finished. A loan is
//! cancelled from any state before active. It fails from processing and disbursing. A failed loan is cancelled, or its
//! returned disbursement is ordered again. A reversal leads from finished to active.
//!
//! Reasons: docs/decisions/0036.

use crate::machine::{Illegal, Transition};
use crate::money::Cents;
use crate::spelled;
use crate::time::Timestamp;

/// The way in which the money reaches the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisbursementMethod {
    /// Pix, the instant payment system: to a key, or to an account by its branch and number.
    Pix,
}

/// The state of a loan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoanState {
    /// Requested; the contract does not exist yet.
    Processing,
    /// The contract exists.
    ContractGenerated,
    /// The signers have their links.
    AwaitingSignatures(Signatures),
    /// Every signer has signed.
    Signed,
    /// The disbursement was ordered.
    Disbursing,
    /// The customer has the money.
    Active {
        /// Time at which the customer received the money.
        since: Timestamp,
    },
    /// Paid back in full.
    Finished {
        /// Time at which the customer received the money.
        since: Timestamp,
    },
    /// Cancelled before the customer had the money.
    Cancelled,
    /// Failed.
    Error(Failure),
}

/// The count of a loan's signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Signatures {
    /// Signatures received.
    pub received: u16,
    /// Signatures required, at least 1.
    pub required: u16,
}

/// The reason why a loan failed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Failure {
    /// A code for programs, such as `disbursement_failed`.
    pub code: String,
    /// A text for people.
    pub message: String,
}

/// The inputs of a loan's state machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoanInput {
    /// The contract was generated.
    ContractGenerated,
    /// The signers got their links.
    SignaturesRequested {
        /// The number of signers, at least 1.
        required: u16,
    },
    /// One more signer signed.
    SignatureReceived,
    /// The disbursement was ordered.
    DisbursementStarted,
    /// The disbursement was ordered again after the bank returned it.
    DisbursementRepeated,
    /// The customer has the money.
    DisbursementConfirmed {
        /// Time at which the customer received the money.
        at: Timestamp,
    },
    /// The loan could not be processed or disbursed.
    Failed(Failure),
    /// The loan was cancelled, or its signing link expired.
    Cancelled,
    /// The last installment was paid.
    PaidOff,
    /// A payment of a finished or active loan was reversed.
    PaymentReversed,
}

/// The domain events of a loan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LoanEvent {
    /// The loan was requested.
    Created,
    /// The contract exists.
    ContractGenerated,
    /// The signers got their links.
    AwaitingSignatures,
    /// One signer signed.
    SignatureReceived,
    /// Every signer signed.
    Signed,
    /// The disbursement was ordered.
    Disbursing,
    /// The customer has the money.
    Active,
    /// A payment was received.
    PaymentReceived(PaymentReceived),
    /// The loan was paid back in full.
    Finished,
    /// The loan was cancelled.
    Cancelled,
    /// The loan failed.
    Error,
}

/// A payment in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentReceived {
    /// The amount.
    pub amount: Cents,
    /// Time of the payment.
    pub paid_at: Timestamp,
    /// The first installment that it pays.
    pub installment_number: u16,
}

spelled!(LoanEventKind of LoanEvent {
    Created = "loan_created",
    ContractGenerated = "loan_contract_generated",
    AwaitingSignatures = "loan_awaiting_signatures",
    SignatureReceived = "loan_signature_received",
    Signed = "loan_signed",
    Disbursing = "loan_disbursing",
    Active = "loan_active",
    PaymentReceived = "loan_payment_received",
    Finished = "loan_finished",
    Cancelled = "loan_cancelled",
    Error = "loan_error",
});

impl LoanEventKind {
    /// The event of this kind; `None` for a payment without its figures.
    pub fn event(self, payment: Option<PaymentReceived>) -> Option<LoanEvent> {
        Some(match self {
            Self::Created => LoanEvent::Created,
            Self::ContractGenerated => LoanEvent::ContractGenerated,
            Self::AwaitingSignatures => LoanEvent::AwaitingSignatures,
            Self::SignatureReceived => LoanEvent::SignatureReceived,
            Self::Signed => LoanEvent::Signed,
            Self::Disbursing => LoanEvent::Disbursing,
            Self::Active => LoanEvent::Active,
            Self::PaymentReceived => LoanEvent::PaymentReceived(payment?),
            Self::Finished => LoanEvent::Finished,
            Self::Cancelled => LoanEvent::Cancelled,
            Self::Error => LoanEvent::Error,
        })
    }
}

spelled!(LoanStateKind of LoanState {
    Processing = "processing",
    ContractGenerated = "contract_generated",
    AwaitingSignatures = "awaiting_signatures",
    Signed = "signed",
    Disbursing = "disbursing",
    Active = "active",
    Finished = "finished",
    Cancelled = "cancelled",
    Error = "error",
});

impl LoanState {
    /// The way in which the money is paid out, for disbursing, active and finished loans.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        match self {
            Self::Disbursing | Self::Active { .. } | Self::Finished { .. } => Some(DisbursementMethod::Pix),
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures(_)
            | Self::Signed
            | Self::Cancelled
            | Self::Error(_) => None,
        }
    }

    /// Whether the customer has received the money.
    pub fn is_disbursed(&self) -> bool {
        self.kind().is_disbursed()
    }

    /// Whether the customer has the money and owes installments.
    pub fn is_repaying(&self) -> bool {
        self.kind().is_repaying()
    }

    /// The time of the disbursement, once the customer has the money.
    pub fn disbursed_at(&self) -> Option<Timestamp> {
        match self {
            Self::Active { since } | Self::Finished { since } => Some(*since),
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures(_)
            | Self::Signed
            | Self::Disbursing
            | Self::Cancelled
            | Self::Error(_) => None,
        }
    }

    /// The state with each of its times moved by `at`, for a copy of a loan at another time.
    #[must_use]
    pub fn moved(&self, at: impl Fn(Timestamp) -> Timestamp) -> Self {
        match self {
            Self::Active { since } => Self::Active { since: at(*since) },
            Self::Finished { since } => Self::Finished { since: at(*since) },
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures(_)
            | Self::Signed
            | Self::Disbursing
            | Self::Cancelled
            | Self::Error(_) => self.clone(),
        }
    }

    /// Whether the contract can be signed, so that the signing links are shown.
    pub fn has_open_link(&self) -> bool {
        self.kind().has_open_link()
    }

    /// Takes one step of the machine. Each state names the inputs that it accepts and refuses the others.
    pub fn step(&self, input: &LoanInput) -> Result<Transition<Self, LoanEvent>, Illegal> {
        use LoanInput as Input;
        let sending = |next, event| Ok(Transition::sending(next, event));
        let cancelled = || sending(Self::Cancelled, LoanEvent::Cancelled);
        let failed = |failure: &Failure| sending(Self::Error(failure.clone()), LoanEvent::Error);
        let refused =
            |input: &Input| Err(Illegal { machine: "loan", state: self.name(), input: input.name() });
        match self {
            Self::Processing => match input {
                Input::ContractGenerated => sending(Self::ContractGenerated, LoanEvent::ContractGenerated),
                Input::Failed(failure) => failed(failure),
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::ContractGenerated => match input {
                Input::SignaturesRequested { required } => {
                    let signatures = Signatures { received: 0, required: (*required).max(1) };
                    sending(Self::AwaitingSignatures(signatures), LoanEvent::AwaitingSignatures)
                }
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::AwaitingSignatures(signatures) => match input {
                Input::SignatureReceived => Ok(signatures.one_more()),
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::Signed => match input {
                Input::DisbursementStarted => sending(Self::Disbursing, LoanEvent::Disbursing),
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::Disbursing => match input {
                Input::DisbursementConfirmed { at } => {
                    sending(Self::Active { since: *at }, LoanEvent::Active)
                }
                Input::Failed(failure) => failed(failure),
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::Active { since } => match input {
                Input::PaidOff => sending(Self::Finished { since: *since }, LoanEvent::Finished),
                Input::PaymentReversed => Ok(Transition::silent(self.clone())),
                other => refused(other),
            },
            Self::Finished { since } => match input {
                Input::PaymentReversed => Ok(Transition::silent(Self::Active { since: *since })),
                other => refused(other),
            },
            Self::Error(_) => match input {
                Input::DisbursementRepeated => sending(Self::Disbursing, LoanEvent::Disbursing),
                Input::Cancelled => cancelled(),
                other => refused(other),
            },
            Self::Cancelled => refused(input),
        }
    }
}

impl Signatures {
    fn one_more(self) -> Transition<LoanState, LoanEvent> {
        let received = self.received + 1;
        if received >= self.required {
            let events = vec![LoanEvent::SignatureReceived, LoanEvent::Signed];
            return Transition { next: LoanState::Signed, events };
        }
        let next = LoanState::AwaitingSignatures(Self { received, ..self });
        Transition::sending(next, LoanEvent::SignatureReceived)
    }
}

impl LoanInput {
    const fn name(&self) -> &'static str {
        match self {
            Self::ContractGenerated => "contract_generated",
            Self::SignaturesRequested { .. } => "signatures_requested",
            Self::SignatureReceived => "signature_received",
            Self::DisbursementStarted => "disbursement_started",
            Self::DisbursementRepeated => "disbursement_repeated",
            Self::DisbursementConfirmed { .. } => "disbursement_confirmed",
            Self::Failed(_) => "failed",
            Self::Cancelled => "cancelled",
            Self::PaidOff => "paid_off",
            Self::PaymentReversed => "payment_reversed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Examples of a state: more than one if a step depends on its data.
    fn examples(kind: LoanStateKind, at: Timestamp) -> Vec<LoanState> {
        use {LoanState as S, LoanStateKind as K};
        let signatures = |received| S::AwaitingSignatures(Signatures { received, required: 2 });
        match kind {
            K::Processing => vec![S::Processing],
            K::ContractGenerated => vec![S::ContractGenerated],
            K::AwaitingSignatures => vec![signatures(0), signatures(1)],
            K::Signed => vec![S::Signed],
            K::Disbursing => vec![S::Disbursing],
            K::Active => vec![S::Active { since: at }],
            K::Finished => vec![S::Finished { since: at }],
            K::Cancelled => vec![S::Cancelled],
            K::Error => vec![S::Error(failure())],
        }
    }

    fn failure() -> Failure {
        Failure { code: "disbursement_failed".into(), message: "the Pix was returned".into() }
    }

    #[test]
    fn the_loan_machine_is_this_matrix() {
        use {LoanInput as I, LoanState as S};
        let at = Timestamp::from_seconds(1);
        let states: Vec<S> = LoanStateKind::ALL.into_iter().flat_map(|kind| examples(kind, at)).collect();
        let inputs = [
            I::ContractGenerated,
            I::SignaturesRequested { required: 2 },
            I::SignatureReceived,
            I::DisbursementStarted,
            I::DisbursementRepeated,
            I::DisbursementConfirmed { at },
            I::Failed(failure()),
            I::Cancelled,
            I::PaidOff,
            I::PaymentReversed,
        ];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, S::step));
    }
}
