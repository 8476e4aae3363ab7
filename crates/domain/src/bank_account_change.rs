//! A change of account that the borrower has to confirm.
//!
//! Once the first contract is signed, loans are paid out to the account that the signers saw. A request for another
//! account is only a change in the state pending. The borrower confirms it with a code, which the server sends to the
//! address of the signature. A pending change is withdrawn if the partner gives the present account again. It expires
//! after [`LIFETIME`]. A partner's token alone therefore never moves a borrower's money.

use std::time::Duration;

use crate::bank::AccountDetails;
use crate::closed::{Changed, closed};
use crate::id::{BankAccountId, CustomerId, PartnerId};
use crate::machine::{Illegal, Transition};
use crate::mailed_code::{Checked, MailedCode, SendRefused};
use crate::person::Email;
use crate::spelled;
use crate::time::Timestamp;

/// The time in which a change can be confirmed.
pub const LIFETIME: Duration = Duration::from_secs(86_400);

closed! {
    /// A change of account. Only its commands change it.
    pub struct BankAccountChange(BankAccountChangeRecord);
}

/// The fields of a change of account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankAccountChangeRecord {
    /// The partner.
    pub partner: PartnerId,
    /// The owner of the account.
    pub customer: CustomerId,
    /// The state of the change.
    pub state: ChangeState,
    /// The account's id, used once the change is confirmed.
    pub account: BankAccountId,
    /// The requested account.
    pub details: AccountDetails,
    /// The address for the code: the applicant's address in the newest signed contract.
    pub to: Email,
    /// Time of the request.
    pub requested_at: Timestamp,
    /// The code of its link.
    pub mailed: MailedCode,
}

/// The values of a request for a change.
#[derive(Debug, Clone)]
pub struct NewChange {
    /// The partner.
    pub partner: PartnerId,
    /// The customer.
    pub customer: CustomerId,
    /// The id of the account.
    pub account: BankAccountId,
    /// The new account.
    pub details: AccountDetails,
    /// The address for the code.
    pub to: Email,
}

impl BankAccountChange {
    /// Requests the customer's first change and records that a code with this keyed hash is sent.
    pub fn request(new: NewChange, code_hash: String, now: Timestamp) -> Result<Changed<Self>, SendRefused> {
        let mut mailed = MailedCode::default();
        mailed.send(code_hash, now)?;
        Ok(Self::pending(new, mailed, ChangeState::Pending, now))
    }

    /// Requests another change in place of this one, under a new link.
    pub fn request_again(
        self, new: NewChange, code_hash: String, now: Timestamp,
    ) -> Result<Changed<Self>, SendRefused> {
        let next =
            self.state.step(ChangeInput::Request).expect("a change can be asked for in every state").next;
        let mut mailed = self.mailed.renewed();
        mailed.send(code_hash, now)?;
        Ok(Self::pending(new, mailed, next, now))
    }

    fn pending(new: NewChange, mailed: MailedCode, state: ChangeState, now: Timestamp) -> Changed<Self> {
        let NewChange { partner, customer, account, details, to } = new;
        let record = BankAccountChangeRecord {
            partner,
            customer,
            state,
            account,
            details,
            to,
            requested_at: now,
            mailed,
        };
        Changed::silent(Self(record))
    }

    /// Records that another code is sent.
    pub fn send_code(mut self, code_hash: String, now: Timestamp) -> Result<Changed<Self>, SendRefused> {
        self.0.mailed.send(code_hash, now)?;
        Ok(Changed::silent(self))
    }

    /// Checks a code by its hash. The right one confirms the change; a wrong one is counted.
    pub fn check(mut self, code_hash: &str, now: Timestamp) -> Result<(Changed<Self>, Checked), Illegal> {
        let checked = self.0.mailed.check(code_hash, now);
        if checked == Checked::Right {
            self.0.state = self.state.step(ChangeInput::Confirm)?.next;
        }
        Ok((Changed::silent(self), checked))
    }

    /// Withdraws a pending change.
    pub fn withdraw(mut self) -> Result<Changed<Self>, Illegal> {
        self.0.state = self.state.step(ChangeInput::Withdraw)?.next;
        Ok(Changed::silent(self))
    }

    /// Whether the change can still be confirmed at `now`.
    pub fn is_open(&self, now: Timestamp) -> bool {
        match self.state {
            ChangeState::Pending => now < self.requested_at.plus(LIFETIME),
            ChangeState::Confirmed | ChangeState::Withdrawn => false,
        }
    }
}

/// The state of a change of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeState {
    /// The borrower has not confirmed it yet.
    Pending,
    /// The borrower has confirmed it, and the account has changed.
    Confirmed,
    /// The partner gave the present account again.
    Withdrawn,
}

/// The inputs of the state machine of a change of account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeInput {
    /// The partner gives an account: the present one or another.
    Request,
    /// The borrower gives the code.
    Confirm,
    /// The partner gives the present account.
    Withdraw,
}

/// Changes of account have no domain events. Only the borrower gets an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeEvent {}

spelled!(ChangeState { Pending = "pending", Confirmed = "confirmed", Withdrawn = "withdrawn" });

impl ChangeState {
    /// Takes one step of the machine.
    pub fn step(self, input: ChangeInput) -> Result<Transition<Self, ChangeEvent>, Illegal> {
        let refused = |input| Err(Illegal { machine: "change of account", state: self.name(), input });
        match (self, input) {
            (Self::Pending | Self::Confirmed | Self::Withdrawn, ChangeInput::Request) => {
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
        let inputs = [I::Request, I::Confirm, I::Withdraw];
        insta::assert_snapshot!(crate::machine::matrix(&ChangeState::ALL, &inputs, |s, i| s.step(*i)));
    }
}
