//! The effect of an approved proposal.

use super::grants::Limits;
use super::permission::Permission;
use super::role::RoleNames;
use crate::money::Cents;
use crate::spelled;

/// The use cases that need a second person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Approve credit above the limit of the operator who decides.
    ApproveCredit,
    /// Order the disbursement of a loan.
    OrderDisbursement,
    /// Order a disbursement again that the bank returned.
    PayAgain,
    /// Reverse a payment.
    ReversePayment,
    /// Write a loan off.
    WriteOff,
    /// Change the roles of an operator.
    ChangeRoles,
    /// Bring a version of the credit policy into force.
    AdoptPolicy,
    /// Erase the data of a customer's people.
    EraseCustomer,
}

spelled!(Action {
    ApproveCredit = "approve_credit",
    OrderDisbursement = "order_disbursement",
    PayAgain = "pay_again",
    ReversePayment = "reverse_payment",
    WriteOff = "write_off",
    ChangeRoles = "change_roles",
    AdoptPolicy = "adopt_policy",
    EraseCustomer = "erase_customer",
});

impl Action {
    /// The permission that both people need.
    pub const fn permission(self) -> Permission {
        match self {
            Self::ApproveCredit => Permission::DecideCredit,
            Self::OrderDisbursement | Self::PayAgain => Permission::OrderDisbursement,
            Self::ReversePayment => Permission::ReversePayment,
            Self::WriteOff => Permission::WriteOffLoan,
            Self::ChangeRoles => Permission::ManageOperators,
            Self::AdoptPolicy => Permission::AdoptPolicy,
            Self::EraseCustomer => Permission::ErasePersonalData,
        }
    }

    /// The largest amount that an operator with these limits may approve; `None` for actions without a limit.
    pub const fn limit(self, limits: Limits) -> Option<Cents> {
        match self {
            Self::ApproveCredit => Some(limits.largest_approval),
            Self::WriteOff => Some(limits.largest_waiver),
            Self::OrderDisbursement
            | Self::PayAgain
            | Self::ReversePayment
            | Self::ChangeRoles
            | Self::AdoptPolicy
            | Self::EraseCustomer => None,
        }
    }
}

/// An action and what it changes. The grounds of an approval of credit and of a write-off are sealed, so they are stored
/// beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proposed {
    /// Approve the credit of a customer.
    ApproveCredit,
    /// Order the disbursement of a loan.
    OrderDisbursement,
    /// Order a disbursement again that the bank returned.
    PayAgain,
    /// Reverse a payment.
    ReversePayment,
    /// Write a loan off.
    WriteOff,
    /// Give an operator these roles.
    ChangeRoles(RoleNames),
    /// Bring a version of the credit policy into force.
    AdoptPolicy,
    /// Erase the data of a customer's people.
    EraseCustomer,
}

impl Proposed {
    /// The action.
    pub const fn action(&self) -> Action {
        match self {
            Self::ApproveCredit => Action::ApproveCredit,
            Self::OrderDisbursement => Action::OrderDisbursement,
            Self::PayAgain => Action::PayAgain,
            Self::ReversePayment => Action::ReversePayment,
            Self::WriteOff => Action::WriteOff,
            Self::ChangeRoles(_) => Action::ChangeRoles,
            Self::AdoptPolicy => Action::AdoptPolicy,
            Self::EraseCustomer => Action::EraseCustomer,
        }
    }
}
