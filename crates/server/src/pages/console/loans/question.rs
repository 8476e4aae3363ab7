//! A question about a loan.

use app::loan_sheet::Sheet;

use super::super::question::{Ask, From, Question};
use crate::pages::loan::figures;
use crate::pages::people::visit::Visit;

/// A question with the loan's customer, contract and destination.
pub(super) fn of_loan(visit: Visit, sheet: &Sheet, question: Question) -> Ask {
    let t = visit.texts();
    let loan = &sheet.statement.loan;
    let from = From {
        list: ("/console/loans", t.loan.loans),
        page: format!("/console/loans/{}", loan.id),
        name: figures::contract(loan),
    };
    let mut ask = Ask::of(visit, from, question);
    ask.facts =
        vec![(t.asking.customer, figures::name(sheet, t)), (t.asking.contract, figures::contract(loan))];
    ask.facts.extend(loan.destination.as_ref().map(|to| (t.asking.destination, figures::masked(to))));
    ask
}
