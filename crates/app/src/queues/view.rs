//! A case as a list shows it.

use domain::access::Proposal;
use domain::queue::CaseSubject;
use store::cases::{Case, CasePlace};
use store::mails::MailReport;
use store::overdue::{Overdue, OverduePlace};

use super::debtors::Dated;
use super::marks::Taker;
use super::place::Place;

/// A case as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseView {
    /// The case.
    pub case: Case,
    /// The name of the partner; its id if the partner has none, and empty if the subject belongs to none.
    pub partner_name: String,
    /// The name under which the customer does business; `None` without a customer or if its row is damaged.
    pub customer_name: Option<String>,
    /// The customer's CNPJ, or else its CPF, with some digits hidden.
    pub customer_tax_id: Option<String>,
    /// The operator who has taken it.
    pub taker: Option<Taker>,
    /// The other operators who look at it now.
    pub looking: Vec<Taker>,
    /// Days until the end of the time to sign.
    pub days_left: Option<u32>,
    /// Days past the effective due date of the oldest unpaid installment.
    pub days_overdue: Option<u32>,
    /// The proposal with the name of the first person, if the subject is one.
    pub proposal: Option<(Proposal, String)>,
    /// The name of the operator whom the proposal concerns.
    pub concerned: Option<String>,
    /// The e-mail, if the subject is one.
    pub mail: Option<MailReport>,
    /// The place in the queue, for the cursor of the next page.
    pub place: Place,
}

impl CaseView {
    /// A case that has a row.
    pub(super) fn waiting(case: Case) -> Self {
        let place = Place::Waiting(CasePlace { since: case.since.micros(), subject: case.subject });
        Self::of(case, place)
    }

    /// An overdue loan.
    pub(super) fn overdue(loan: &Overdue, dated: &Dated) -> Self {
        let place = Place::Overdue(OverduePlace { due: loan.due, loan: loan.loan });
        let case = Case {
            partner: Some(loan.partner),
            subject: CaseSubject::Loan(loan.loan),
            customer: Some(loan.customer),
            amount: Some(loan.unpaid),
            sign_by: None,
            since: dated.overdue_since(loan.due),
            assignee: loan.assignee,
        };
        Self { days_overdue: Some(dated.days_overdue(loan.due)), ..Self::of(case, place) }
    }

    fn of(case: Case, place: Place) -> Self {
        Self {
            case,
            partner_name: String::new(),
            customer_name: None,
            customer_tax_id: None,
            taker: None,
            looking: Vec::new(),
            concerned: None,
            days_left: None,
            days_overdue: None,
            proposal: None,
            mail: None,
            place,
        }
    }
}
