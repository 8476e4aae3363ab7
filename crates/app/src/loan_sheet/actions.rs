//! The decisions on a loan that people can make now, and why the others are blocked.

use domain::access::{Action, Grants, Permission};
use domain::id::ProposalId;
use domain::loan::{LoanState, SigningPhase};
use domain::spelled;

use super::sheet::Sheet;

/// A decision on a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoanAction {
    /// Record a payment.
    RecordPayment,
    /// Reverse one of its payments.
    ReversePayment,
    /// Write to the signers again.
    InviteSigners,
    /// Order the disbursement.
    OrderDisbursement,
    /// Order the disbursement again that the bank returned.
    PayAgain,
    /// Record that the customer has the money.
    ConfirmDisbursement,
    /// Record that the money did not reach the customer.
    FailDisbursement,
    /// Cancel the loan.
    Cancel,
    /// Write the loan off.
    WriteOff,
}

spelled!(LoanAction {
    RecordPayment = "payment",
    ReversePayment = "reversal",
    InviteSigners = "invitations",
    OrderDisbursement = "disbursement",
    PayAgain = "pay-again",
    ConfirmDisbursement = "confirm",
    FailDisbursement = "fail",
    Cancel = "cancel",
    WriteOff = "write-off",
});

impl LoanAction {
    /// The permission of its use case.
    pub const fn permission(self) -> Permission {
        match self {
            Self::RecordPayment => Permission::RecordPayment,
            Self::ReversePayment => Permission::ReversePayment,
            Self::InviteSigners => Permission::InviteSigners,
            Self::OrderDisbursement | Self::PayAgain => Permission::OrderDisbursement,
            Self::ConfirmDisbursement | Self::FailDisbursement => Permission::SettleDisbursement,
            Self::Cancel => Permission::CancelLoan,
            Self::WriteOff => Permission::WriteOffLoan,
        }
    }
}

impl LoanAction {
    /// The action of the proposal that it may become.
    pub const fn proposal(self) -> Option<Action> {
        match self {
            Self::OrderDisbursement => Some(Action::OrderDisbursement),
            Self::PayAgain => Some(Action::PayAgain),
            Self::ReversePayment => Some(Action::ReversePayment),
            Self::WriteOff => Some(Action::WriteOff),
            Self::RecordPayment
            | Self::InviteSigners
            | Self::ConfirmDisbursement
            | Self::FailDisbursement
            | Self::Cancel => None,
        }
    }
}

/// The reason why a decision cannot be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocked {
    /// No role of the operator has the permission.
    NotPermitted,
    /// The loan's state does not allow it.
    State,
    /// It is proposed already and waits for a second person.
    Proposed(ProposalId),
}

/// A decision, and whether it can be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Possible {
    /// The decision.
    pub action: LoanAction,
    /// The reason why it cannot be made; `None` if it can.
    pub blocked: Option<Blocked>,
}

/// Every decision on the loan of a sheet. The use cases themselves refuse what is blocked here, whoever calls them.
pub fn possible(sheet: &Sheet, grants: &Grants) -> Vec<Possible> {
    let proposed = |action: LoanAction| {
        let proposed = sheet.proposals.iter().find(|waiting| action.proposal() == Some(waiting.action()));
        proposed.map(|waiting| Blocked::Proposed(waiting.id))
    };
    let blocked = |action: LoanAction| {
        if !grants.allows(action.permission()) {
            return Some(Blocked::NotPermitted);
        }
        proposed(action).or_else(|| (!fits(action, sheet)).then_some(Blocked::State))
    };
    LoanAction::ALL.into_iter().map(|action| Possible { action, blocked: blocked(action) }).collect()
}

/// Whether the loan's state allows a decision.
fn fits(action: LoanAction, sheet: &Sheet) -> bool {
    let (loan, now) = (&sheet.statement.loan, sheet.now);
    let state = &loan.state;
    match action {
        LoanAction::RecordPayment => state.is_repaying(),
        LoanAction::ReversePayment => state.is_disbursed(),
        LoanAction::InviteSigners => {
            state.kind().signing_phase() == SigningPhase::Open && now <= loan.sign_by
        }
        LoanAction::OrderDisbursement => matches!(state, LoanState::Signed),
        LoanAction::PayAgain => matches!(state, LoanState::Error(_)) && loan.attempts() > 0,
        LoanAction::ConfirmDisbursement | LoanAction::FailDisbursement => {
            matches!(state, LoanState::Disbursing)
        }
        LoanAction::Cancel => loan.clone().cancel(now).is_ok(),
        LoanAction::WriteOff => loan.may_be_written_off(sheet.days_overdue()).is_ok(),
    }
}
