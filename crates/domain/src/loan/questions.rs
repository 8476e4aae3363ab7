//! Questions of the program about a loan's state. Each one is answered for every state.

use super::state::LoanStateKind;

/// The phase of signing. It decides what a signer's link shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningPhase {
    /// There is nothing to sign yet.
    Before,
    /// Signatures are accepted until the loan's time to sign is over.
    Open,
    /// Everybody has signed.
    Complete,
    /// The loan was cancelled or has failed.
    Dropped,
}

/// Questions of the program about a state. Each method decides for every state, so a new state does not compile until
/// each question is answered for it.
impl LoanStateKind {
    /// The phase of signing.
    pub const fn signing_phase(self) -> SigningPhase {
        match self {
            Self::Processing | Self::ContractGenerated => SigningPhase::Before,
            Self::AwaitingSignatures => SigningPhase::Open,
            Self::Signed | Self::Disbursing | Self::Active | Self::Finished => SigningPhase::Complete,
            Self::Cancelled | Self::Error => SigningPhase::Dropped,
        }
    }

    /// Whether the customer has the money and owes installments.
    pub const fn is_repaying(self) -> bool {
        match self {
            Self::Active => true,
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures
            | Self::Signed
            | Self::Disbursing
            | Self::Finished
            | Self::Cancelled
            | Self::Error => false,
        }
    }

    /// Whether the customer has paid everything back.
    pub const fn is_paid_back(self) -> bool {
        match self {
            Self::Finished => true,
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures
            | Self::Signed
            | Self::Disbursing
            | Self::Active
            | Self::Cancelled
            | Self::Error => false,
        }
    }

    /// Whether the destination of the money can still change. An ordered disbursement cannot change its destination, but
    /// the next order after a return can.
    pub const fn can_be_redirected(self) -> bool {
        match self {
            Self::AwaitingSignatures | Self::Signed | Self::Error => true,
            Self::Processing
            | Self::ContractGenerated
            | Self::Disbursing
            | Self::Active
            | Self::Finished
            | Self::Cancelled => false,
        }
    }

    /// Whether the contract can be signed. Only then is the signing link shown, and only then does it expire.
    pub const fn has_open_link(self) -> bool {
        match self {
            Self::ContractGenerated | Self::AwaitingSignatures => true,
            Self::Processing
            | Self::Signed
            | Self::Disbursing
            | Self::Active
            | Self::Finished
            | Self::Cancelled
            | Self::Error => false,
        }
    }

    /// Whether a signer may have signed and the loan was not cancelled. A failed loan counts: its money may be sent again.
    pub const fn may_be_signed(self) -> bool {
        match self {
            Self::AwaitingSignatures
            | Self::Signed
            | Self::Disbursing
            | Self::Active
            | Self::Finished
            | Self::Error => true,
            Self::Processing | Self::ContractGenerated | Self::Cancelled => false,
        }
    }

    /// Whether the loan counts as debt: it is neither paid back nor cancelled. A failed loan counts: its money may be sent
    /// again.
    pub const fn is_outstanding(self) -> bool {
        match self {
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures
            | Self::Signed
            | Self::Disbursing
            | Self::Active
            | Self::Error => true,
            Self::Finished | Self::Cancelled => false,
        }
    }

    /// Whether the customer has received the money.
    pub const fn is_disbursed(self) -> bool {
        match self {
            Self::Active | Self::Finished => true,
            Self::Processing
            | Self::ContractGenerated
            | Self::AwaitingSignatures
            | Self::Signed
            | Self::Disbursing
            | Self::Cancelled
            | Self::Error => false,
        }
    }
}
