//! A loan for its events: its people, its state and a few figures, without the schedule.

use super::number::CcbNumber;
use super::signer::LinkToken;
use super::state::{DisbursementMethod, LoanState};
use crate::id::{CustomerId, LoanId, OfferId, PartnerId};
use crate::money::Cents;
use crate::person::Name;
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// The figures for events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The amount requested.
    pub requested: Cents,
    /// The principal.
    pub principal: Cents,
    /// The amount paid out to the customer.
    pub net: Cents,
    /// The number of installments.
    pub installments: u16,
}

/// A signer, for events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSigner {
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// Time of the signature.
    pub signed_at: Option<Timestamp>,
}

/// A loan at the moment of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanSnapshot {
    /// The loan's id.
    pub id: LoanId,
    /// The partner.
    pub partner: PartnerId,
    /// The borrower.
    pub customer: CustomerId,
    /// The offer that it took.
    pub offer: OfferId,
    /// The state of its machine.
    pub state: LoanState,
    /// The figures.
    pub figures: Figures,
    /// The contract's number, if it existed then.
    pub ccb_number: Option<CcbNumber>,
    /// The signers.
    pub signers: Vec<SnapshotSigner>,
    /// The secret of the applicant's signing link, if the contract could be signed then.
    pub open_link: Option<LinkToken>,
}

impl LoanSnapshot {
    /// The way in which the money is paid out, for disbursing, active and finished loans.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        self.state.disbursement_method()
    }
}
