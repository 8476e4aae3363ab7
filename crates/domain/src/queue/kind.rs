//! The queues, and the states that lead to them.

use crate::access::Permission;
use crate::customer::CustomerState;
use crate::loan::LoanStateKind;
use crate::spelled;

/// A queue of cases that wait for an operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Queue {
    /// Customers whose KYC waits for its review.
    KycToReview,
    /// Customers whose credit the policy left to a person.
    CreditReferred,
    /// Loans whose contract waits for signatures.
    ContractsUnsigned,
    /// Signed loans whose disbursement is not ordered yet.
    WaitingForMoney,
    /// Loans whose disbursement is ordered and not confirmed yet.
    Disbursing,
    /// Loans whose disbursement failed.
    DisbursementsReturned,
    /// Loans with an installment past its effective due date.
    Overdue,
    /// Proposals that wait for a second operator.
    Proposals,
    /// E-mails that were given up.
    MailsFailed,
}

spelled!(Queue {
    KycToReview = "kyc_to_review",
    CreditReferred = "credit_referred",
    ContractsUnsigned = "contracts_unsigned",
    WaitingForMoney = "waiting_for_money",
    Disbursing = "disbursing",
    DisbursementsReturned = "disbursements_returned",
    Overdue = "overdue",
    Proposals = "proposals",
    MailsFailed = "mails_failed",
});

impl Queue {
    /// The permission to see the queue: that of reading its subjects.
    pub const fn permission(self) -> Permission {
        match self {
            Self::KycToReview => Permission::ReadCustomers,
            Self::CreditReferred => Permission::ReadCredit,
            Self::ContractsUnsigned
            | Self::WaitingForMoney
            | Self::Disbursing
            | Self::DisbursementsReturned
            | Self::Overdue => Permission::ReadLoans,
            Self::Proposals => Permission::ReadProposals,
            Self::MailsFailed => Permission::ReadMails,
        }
    }

    /// The queue in which a loan of this state waits.
    pub const fn of_loan(state: LoanStateKind) -> Option<Self> {
        match state {
            LoanStateKind::ContractGenerated | LoanStateKind::AwaitingSignatures => {
                Some(Self::ContractsUnsigned)
            }
            LoanStateKind::Signed => Some(Self::WaitingForMoney),
            LoanStateKind::Disbursing => Some(Self::Disbursing),
            LoanStateKind::Error => Some(Self::DisbursementsReturned),
            LoanStateKind::Processing
            | LoanStateKind::Active
            | LoanStateKind::Finished
            | LoanStateKind::Cancelled => None,
        }
    }

    /// The queue in which a customer of this state waits.
    pub const fn of_customer(state: CustomerState) -> Option<Self> {
        match state {
            CustomerState::UnderReview => Some(Self::KycToReview),
            CustomerState::Creating
            | CustomerState::PendingKyc
            | CustomerState::Active
            | CustomerState::Denied => None,
        }
    }
}
