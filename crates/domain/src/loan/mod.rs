//! Loans: price, machine, contract number, signers, installments.

pub mod account;
#[cfg(test)]
mod account_tests;
mod between;
pub mod cet;
pub mod contract;
mod discount;
mod exact;
mod factor;
pub mod installment;
pub mod iof;
pub mod late;
pub mod pix;
pub mod pricing;
pub mod rates;
pub mod schedule;
mod sheet;
pub mod signing;
mod snapshot;
pub mod state;

use std::fmt;

pub use installment::{Standing, Transaction, TransactionStatus};
pub use sheet::{LoanSheet, Price};
pub use snapshot::{Figures, LoanSnapshot, SnapshotSigner};
pub use state::{Failure, LoanEvent, LoanInput, LoanState, PaymentReceived, Signatures};

use crate::bank::Destination;
use crate::id::{CustomerId, LoanId, OfferId, PartnerId, SimulationId, SubjectId};
use crate::kyc::{Subject, SubjectRole};
use crate::loan::pricing::Quote;
use crate::machine::Illegal;
use crate::person::{Email, Name};
use crate::simulation::Simulation;
use crate::tax_id::Cpf;
use crate::time::{Date, Timestamp};

/// The number of a Cédula de Crédito Bancário: gapless within a year and an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CcbNumber {
    /// The year of issue, of the business date.
    pub year: i16,
    /// Counted from 1.
    pub number: u32,
}

/// `CCB-2026-001234`.
impl fmt::Display for CcbNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CCB-{}-{:06}", self.year, self.number)
    }
}

/// How the money reaches the customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DisbursementMethod {
    /// The instant payment system: to a key, or to an account by its branch and number.
    Pix,
}

/// Someone who must sign, and whether they have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The person.
    pub subject: SubjectId,
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// What the person is to the company.
    pub role: SubjectRole,
    /// Where their codes are sent: their own address or, where they have none, the company's registered one.
    pub email: Option<Email>,
    /// The secret of their own signing link, once there is one.
    pub link: Option<LinkToken>,
    /// When they signed.
    pub signed_at: Option<Timestamp>,
}

impl Signer {
    /// A signer who has not signed. A co-owner without an address is written to at the registered one.
    pub fn of(subject: &Subject, registered_email: Option<&Email>) -> Self {
        Self {
            subject: subject.id,
            name: subject.name.clone(),
            cpf: subject.cpf,
            role: subject.role,
            email: match subject.role {
                SubjectRole::Applicant => registered_email.cloned(),
                SubjectRole::CoOwner => subject.email.as_ref().or(registered_email).cloned(),
            },
            link: None,
            signed_at: None,
        }
    }
}

/// The secret in a signing link.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkToken(String);

impl LinkToken {
    /// Wraps the text of a token.
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The token, for a link and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for LinkToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loan {
    /// Its id.
    pub id: LoanId,
    /// The partner.
    pub partner: PartnerId,
    /// The row's version, for compare-and-set.
    pub version: i64,
    /// The borrower.
    pub customer: CustomerId,
    /// The offer it took.
    pub offer: OfferId,
    /// The simulation it was made of.
    pub simulation: SimulationId,
    /// Where it stands.
    pub state: LoanState,
    /// The figures.
    pub quote: Quote,
    /// The contract's number, once it exists.
    pub ccb_number: Option<CcbNumber>,
    /// The signers.
    pub signers: Vec<Signer>,
    /// Where the money goes, from the first signature on.
    pub destination: Option<Destination>,
    /// When an unsigned loan is cancelled.
    pub sign_by: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

impl Loan {
    /// A loan of a simulation, in `processing`.
    pub fn open(
        id: LoanId,
        customer: CustomerId,
        simulation: &Simulation,
        signers: &[Subject],
        registered_email: Option<&Email>,
        now: Timestamp,
        sign_by: Timestamp,
    ) -> Self {
        Self {
            id,
            partner: simulation.partner,
            version: 1,
            customer,
            offer: simulation.offer,
            simulation: simulation.id,
            state: LoanState::Processing,
            quote: simulation.quote.clone(),
            ccb_number: None,
            signers: signers.iter().map(|subject| Signer::of(subject, registered_email)).collect(),
            destination: None,
            sign_by,
            created_at: now,
            updated_at: now,
        }
    }

    /// Takes one step of the machine, in place, and returns what it sends.
    pub fn advance(&mut self, input: &LoanInput, now: Timestamp) -> Result<Vec<LoanEvent>, Illegal> {
        let transition = self.state.step(input)?;
        self.state = transition.next;
        self.updated_at = now;
        Ok(transition.events)
    }

    /// How the money went out; known from disbursement on.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        self.state.disbursement_method()
    }

    /// Whether the customer has received the money.
    pub fn is_disbursed(&self) -> bool {
        self.state.is_disbursed()
    }

    /// The secret of the applicant's signing link, while there is something to sign.
    pub fn open_signing_token(&self) -> Option<&LinkToken> {
        let first = self.signers.first().filter(|_| self.state.has_open_link());
        first.and_then(|signer| signer.link.as_ref())
    }

    /// The contract's number as people read it; empty before there is one.
    pub fn contract_name(&self) -> String {
        self.ccb_number.map_or_else(String::new, |number| number.to_string())
    }

    /// The signer whose link this is.
    pub fn signer_of_link(&self, token: &str) -> Option<&Signer> {
        self.signers.iter().find(|signer| signer.link.as_ref().is_some_and(|link| link.expose() == token))
    }

    /// The first due date.
    pub fn first_due(&self) -> Date {
        self.quote.first_due()
    }
}
