//! A loan for answers: its state and its figures, without the schedule. Its only secret is an open signing link.
//!
//! A look-up is the most frequent request, and a schedule has dozens of numbers, so a look-up reads no more than
//! this.

use super::aggregate::Loan;
use super::number::CcbNumber;
use super::pricing::Quote;
use super::signer::LinkToken;
use super::state::{DisbursementMethod, LoanState};
use crate::id::{CustomerId, LoanId, OfferId, SimulationId};
use crate::money::{Cents, Rate};
use crate::time::{Date, Timestamp};

/// The price of a loan without its schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// The amount requested.
    pub requested: Cents,
    /// The service fee.
    pub fee: Cents,
    /// The tax on the loan (IOF).
    pub iof: Cents,
    /// The principal.
    pub principal: Cents,
    /// The amount paid out to the customer.
    pub net: Cents,
    /// The first installment.
    pub installment: Cents,
    /// The sum of all installments.
    pub total: Cents,
    /// Interest per month.
    pub monthly_rate: Rate,
    /// Interest per year.
    pub annual_rate: Rate,
    /// The total effective cost (CET) per year.
    pub cet_annual: Rate,
    /// The total effective cost (CET) per month.
    pub cet_monthly: Rate,
    /// The first due date.
    pub first_due: Date,
    /// The number of installments.
    pub installments: u16,
}

impl From<&Quote> for Price {
    fn from(quote: &Quote) -> Self {
        Self {
            requested: quote.requested,
            fee: quote.fee,
            iof: quote.iof,
            principal: quote.principal,
            net: quote.net,
            installment: quote.installment,
            total: quote.total,
            monthly_rate: quote.monthly_rate,
            annual_rate: quote.annual_rate,
            cet_annual: quote.cet_annual,
            cet_monthly: quote.cet_monthly,
            first_due: quote.first_due(),
            installments: quote.installments(),
        }
    }
}

/// A loan for answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoanSummary {
    /// The loan's id.
    pub id: LoanId,
    /// The borrower.
    pub customer: CustomerId,
    /// The offer that it took.
    pub offer: OfferId,
    /// The simulation whose price it has.
    pub simulation: SimulationId,
    /// The state of its machine.
    pub state: LoanState,
    /// The price.
    pub price: Price,
    /// The contract's number, once it exists.
    pub ccb_number: Option<CcbNumber>,
    /// The secret of the applicant's signing link, while the contract can be signed.
    pub open_link: Option<LinkToken>,
    /// Time of the request.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl LoanSummary {
    /// The way in which the money is paid out, for disbursing, active and finished loans.
    pub fn disbursement_method(&self) -> Option<DisbursementMethod> {
        self.state.disbursement_method()
    }

    /// Whether the customer has received the money.
    pub fn is_disbursed(&self) -> bool {
        self.state.is_disbursed()
    }
}

impl From<&Loan> for LoanSummary {
    fn from(loan: &Loan) -> Self {
        Self {
            id: loan.id,
            customer: loan.customer,
            offer: loan.offer,
            simulation: loan.simulation,
            state: loan.state.clone(),
            price: Price::from(&loan.quote),
            ccb_number: loan.ccb_number,
            open_link: loan.open_signing_token().cloned(),
            created_at: loan.created_at,
            updated_at: loan.updated_at,
        }
    }
}
