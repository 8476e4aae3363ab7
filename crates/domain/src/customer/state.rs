//! The customer's state machine: creating → pending KYC ⇄ under review → active | denied.

use crate::machine::{Illegal, Transition};
use crate::spelled;

/// The state of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerState {
    /// Registered; the company registry has not answered yet.
    Creating,
    /// Requirements of KYC are missing or rejected.
    PendingKyc,
    /// Every mandatory requirement is submitted, and the lender reviews them.
    UnderReview,
    /// Approved: the lender may make offers.
    Active,
    /// Refused for good.
    Denied,
}

/// The inputs of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerInput {
    /// The company registry answered.
    RegistryAnswered,
    /// Every mandatory requirement is submitted, and the review begins.
    ReviewStarted,
    /// The reviewer rejected at least one requirement.
    CorrectionRequested,
    /// The reviewer accepted every mandatory requirement.
    Approved,
    /// The reviewer refused the customer.
    Refused,
    /// The person's data was erased.
    Erased,
}

/// The domain events of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerEvent {
    /// The customer was registered.
    Created,
    /// The review began.
    UnderReview,
    /// The customer was approved.
    Active,
    /// The customer was refused.
    Denied,
    /// A requirement of its KYC file changed.
    KycUpdated,
}

spelled!(CustomerState {
    Creating = "creating",
    PendingKyc = "pending_kyc",
    UnderReview = "under_review",
    Active = "active",
    Denied = "denied",
});

spelled!(CustomerEvent {
    Created = "customer_created",
    UnderReview = "customer_under_review",
    Active = "customer_active",
    Denied = "customer_denied",
    KycUpdated = "customer_kyc_updated",
});

impl CustomerState {
    /// Whether the customer was refused for good.
    pub const fn is_refused(self) -> bool {
        match self {
            Self::Denied => true,
            Self::Creating | Self::PendingKyc | Self::UnderReview | Self::Active => false,
        }
    }

    /// Takes one step of the machine.
    pub fn step(self, input: CustomerInput) -> Result<Transition<Self, CustomerEvent>, Illegal> {
        use CustomerEvent as Event;
        use CustomerInput as Input;
        let refused = Err(Illegal { machine: "customer", state: self.name(), input: input.name() });
        match self {
            Self::Creating => match input {
                Input::RegistryAnswered => Ok(Transition::sending(Self::PendingKyc, Event::Created)),
                Input::Erased => Ok(Transition::sending(Self::Denied, Event::Denied)),
                Input::ReviewStarted | Input::CorrectionRequested | Input::Approved | Input::Refused => {
                    refused
                }
            },
            Self::PendingKyc => match input {
                Input::ReviewStarted => Ok(Transition::sending(Self::UnderReview, Event::UnderReview)),
                Input::Erased => Ok(Transition::sending(Self::Denied, Event::Denied)),
                Input::RegistryAnswered | Input::CorrectionRequested | Input::Approved | Input::Refused => {
                    refused
                }
            },
            Self::UnderReview => match input {
                Input::CorrectionRequested => Ok(Transition::silent(Self::PendingKyc)),
                Input::Approved => Ok(Transition::sending(Self::Active, Event::Active)),
                Input::Refused | Input::Erased => Ok(Transition::sending(Self::Denied, Event::Denied)),
                Input::RegistryAnswered | Input::ReviewStarted => refused,
            },
            Self::Active => match input {
                Input::Erased => Ok(Transition::sending(Self::Denied, Event::Denied)),
                Input::RegistryAnswered
                | Input::ReviewStarted
                | Input::CorrectionRequested
                | Input::Approved
                | Input::Refused => refused,
            },
            Self::Denied => match input {
                Input::Erased => Ok(Transition::silent(Self::Denied)),
                Input::RegistryAnswered
                | Input::ReviewStarted
                | Input::CorrectionRequested
                | Input::Approved
                | Input::Refused => refused,
            },
        }
    }
}

impl CustomerInput {
    const fn name(self) -> &'static str {
        match self {
            Self::RegistryAnswered => "registry_answered",
            Self::ReviewStarted => "review_started",
            Self::CorrectionRequested => "correction_requested",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Erased => "erased",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_customer_machine_is_this_matrix() {
        use {CustomerInput as I, CustomerState as S};
        let states = [S::Creating, S::PendingKyc, S::UnderReview, S::Active, S::Denied];
        let inputs = [
            I::RegistryAnswered,
            I::ReviewStarted,
            I::CorrectionRequested,
            I::Approved,
            I::Refused,
            I::Erased,
        ];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }
}
