//! A loan as its events show it: who, where it stands and a few figures, without the schedule.

use super::number::CcbNumber;
use super::signer::LinkToken;
use super::state::{DisbursementMethod, LoanState};
use crate::id::{CustomerId, LoanId, OfferId, PartnerId};
use crate::money::Cents;
use crate::person::Name;
use crate::tax_id::Cpf;
use crate::time::Timestamp;

/// The figures that events show.
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

/// Someone who must sign, as events show them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotSigner {
    /// The person's name.
    pub name: Option<Name>,
    /// The person's tax number.
    pub cpf: Cpf,
    /// When they signed.
    pub signed_at: Option<Timestamp>,
}

/// A loan at the moment of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanSnapshot {
    /// Its id.
    pub id: LoanId,
    /// The partner.
    pub partner: PartnerId,
    /// The borrower.
    pub customer: CustomerId,
    /// The offer it took.
    pub offer: OfferId,
    /// Its state.
    pub state: LoanState,
    /// The figures.
    pub figures: Figures,
    /// The contract's number, once it existed.
    pub ccb_number: Option<CcbNumber>,
    /// The signers.
    pub signers: Vec<SnapshotSigner>,
    /// The secret of the applicant's signing link, while there was something to sign.
    pub open_link: Option<LinkToken>,
}

impl LoanSnapshot {
    /// How the money went out; known from disbursement on.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        self.state.disbursement_method()
    }
}
