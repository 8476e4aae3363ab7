//! A customer: a borrowing company with the person who answers for it, from registration to approval.

use crate::id::{CustomerId, PartnerId};
use crate::kyc::{KycFile, Subject};
use crate::machine::{Illegal, Transition};
use crate::person::{Email, Name, Phone};
use crate::tax_id::{Cnpj, Cpf};
use crate::time::Timestamp;

/// The company's legal nature (natureza jurídica), which decides the documents and the signers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LegalNature {
    /// Microempreendedor individual.
    Mei,
    /// Empresário individual, a sole trader.
    Ei,
    /// Empresa individual de responsabilidade limitada.
    Eireli,
    /// Sociedade limitada.
    Ltda,
    /// Sociedade anônima.
    Sa,
}

impl LegalNature {
    /// Every legal nature, the smallest companies first.
    pub const ALL: [Self; 5] = [Self::Mei, Self::Ei, Self::Eireli, Self::Ltda, Self::Sa];

    /// Its name in policies, recorded decisions and the operator API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mei => "mei",
            Self::Ei => "ei",
            Self::Eireli => "eireli",
            Self::Ltda => "ltda",
            Self::Sa => "sa",
        }
    }
}

/// What the partner says of a customer and may correct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The tax number of the person who answers for the company.
    pub cpf: Cpf,
    /// The company's tax number.
    pub cnpj: Option<Cnpj>,
    /// The person's name.
    pub name: Option<Name>,
    /// Where the person is written to.
    pub email: Option<Email>,
    /// Where the person is called.
    pub phone: Option<Phone>,
    /// The company's trading name (nome fantasia).
    pub trading_name: Option<Name>,
}

/// A customer as the platform knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// Its id.
    pub id: CustomerId,
    /// The partner that registered it.
    pub partner: PartnerId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// Where it stands.
    pub state: CustomerState,
    /// What the partner says of it.
    pub registration: Registration,
    /// The partner's own identifier.
    pub external_id: Option<String>,
    /// The company's legal nature.
    pub legal_nature: LegalNature,
    /// The person of the registration, then each co-owner, as KYC and signatures know them.
    pub subjects: Vec<Subject>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Customer {
    /// Whether a sandbox tag stands in the customer's e-mail address.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.registration.email.as_ref().is_some_and(|email| email.tags().any(|t| t == tag))
    }
}

/// A customer together with its KYC file: the aggregate that one version guards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomerFile {
    /// The customer.
    pub customer: Customer,
    /// What KYC asks of it.
    pub kyc: KycFile,
}

/// Where a customer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerState {
    /// Registered; the company registry has not answered yet.
    Creating,
    /// KYC items are missing or to be corrected.
    PendingKyc,
    /// Every mandatory item is in; the lender reviews.
    UnderReview,
    /// Approved: offers may come.
    Active,
    /// Refused for good.
    Denied,
}

/// What can happen to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerInput {
    /// The company registry answered.
    RegistryAnswered,
    /// Every mandatory item is in, and the review begins.
    ReviewStarted,
    /// The reviewer rejected at least one item.
    CorrectionRequested,
    /// The reviewer accepted every mandatory item.
    Approved,
    /// The reviewer refused the customer.
    Refused,
}

/// What a partner hears of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CustomerEvent {
    /// It was registered.
    Created,
    /// Its review began.
    UnderReview,
    /// It was approved.
    Active,
    /// It was refused.
    Denied,
    /// An item of its KYC file changed.
    KycUpdated,
}

impl CustomerState {
    /// The state's name in the store and in refusals.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::PendingKyc => "pending_kyc",
            Self::UnderReview => "under_review",
            Self::Active => "active",
            Self::Denied => "denied",
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
                Input::ReviewStarted | Input::CorrectionRequested | Input::Approved | Input::Refused => {
                    refused
                }
            },
            Self::PendingKyc => match input {
                Input::ReviewStarted => Ok(Transition::sending(Self::UnderReview, Event::UnderReview)),
                Input::RegistryAnswered | Input::CorrectionRequested | Input::Approved | Input::Refused => {
                    refused
                }
            },
            Self::UnderReview => match input {
                Input::CorrectionRequested => Ok(Transition::silent(Self::PendingKyc)),
                Input::Approved => Ok(Transition::sending(Self::Active, Event::Active)),
                Input::Refused => Ok(Transition::sending(Self::Denied, Event::Denied)),
                Input::RegistryAnswered | Input::ReviewStarted => refused,
            },
            Self::Active | Self::Denied => match input {
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
        let inputs = [I::RegistryAnswered, I::ReviewStarted, I::CorrectionRequested, I::Approved, I::Refused];
        insta::assert_snapshot!(crate::machine::matrix(&states, &inputs, |s, i| s.step(*i)));
    }
}
