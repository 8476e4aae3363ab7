//! A change of account that the borrower has to confirm.
//!
//! From the first signed contract on, loans are paid out to the account that the signers saw. Another account is then
//! only a request for a change, in the state pending. The borrower confirms it with a code, which the server sends to
//! the address of the signature. A pending change is withdrawn if the present account is given again. It expires after
//! [`LIFETIME`]. A partner's token alone therefore never moves a borrower's money.

use std::time::Duration;

use crate::bank::AccountDetails;
use crate::id::{BankAccountId, CustomerId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::mailed_code::MailedCode;
use crate::person::Email;
use crate::time::Timestamp;

/// How long a change waits for its confirmation.
pub const LIFETIME: Duration = Duration::from_secs(86_400);

/// A change of a customer's account; a customer has at most one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountChange {
    /// The partner.
    pub partner: PartnerId,
    /// The owner of the account.
    pub customer: CustomerId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// The state of the change.
    pub state: ChangeState,
    /// The account's id once it is confirmed.
    pub account: BankAccountId,
    /// The account asked for.
    pub details: AccountDetails,
    /// Where the code goes: the applicant's address of the newest contract that was signed.
    pub to: Email,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The code of its link.
    pub mailed: MailedCode,
}

impl AccountChange {
    /// Whether it can still be confirmed at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            ChangeState::Pending => now < self.asked_at.plus(LIFETIME),
            ChangeState::Confirmed | ChangeState::Withdrawn => false,
        }
    }
}

/// The state of a change of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeState {
    /// The borrower has been asked.
    Pending,
    /// The borrower has confirmed it, and the account is changed.
    Confirmed,
    /// The present account was given again.
    Withdrawn,
}

/// The inputs of the state machine of a change of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeInput {
    /// Somebody gives an account, this one or another.
    Ask,
    /// The borrower gives the code.
    Confirm,
    /// Somebody gives the present account.
    Withdraw,
}

/// Changes of account have no events: only the borrower gets a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeEvent {}

impl ChangeState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Pending, Self::Confirmed, Self::Withdrawn];

    /// The state's name in the store and in refusals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`ChangeState::name`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == text)
    }

    /// Takes one step of the machine.
    pub fn step(self, input: ChangeInput) -> Result<Transition<Self, ChangeEvent>, Illegal> {
        let refused = |input| Err(Illegal { machine: "change of account", state: self.name(), input });
        match (self, input) {
            (Self::Pending | Self::Confirmed | Self::Withdrawn, ChangeInput::Ask) => {
                Ok(Transition::silent(Self::Pending))
            }
            (Self::Pending, ChangeInput::Confirm) => Ok(Transition::silent(Self::Confirmed)),
            (Self::Pending, ChangeInput::Withdraw) => Ok(Transition::silent(Self::Withdrawn)),
            (Self::Confirmed | Self::Withdrawn, ChangeInput::Confirm) => refused("confirm"),
            (Self::Confirmed | Self::Withdrawn, ChangeInput::Withdraw) => refused("withdraw"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_of_account_machine_is_this_matrix() {
        use ChangeInput as I;
        let inputs = [I::Ask, I::Confirm, I::Withdraw];
        insta::assert_snapshot!(crate::machine::matrix(&ChangeState::ALL, &inputs, |s, i| s.step(*i)));
    }

    #[test]
    fn names_read_back() {
        for state in ChangeState::ALL {
            assert_eq!(ChangeState::parse(state.name()), Some(state));
        }
        assert_eq!(ChangeState::parse("expired"), None);
    }
}
