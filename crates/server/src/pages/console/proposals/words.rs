//! The subject of a proposal in words. Numbers of people and accounts are masked.

use app::people::proposal_sheet::{Sheet, Subject};
use domain::access::Action;
use domain::bank::Destination;
use domain::loan::Loan;
use domain::written;

use crate::pages::kit::badge::Badge;
use crate::pages::texts::Texts;

/// The words for a proposal in a list.
pub(in crate::pages::console) fn about(action: Action, proposer: &str, t: &Texts) -> String {
    format!("{}, {}", (t.proposal.action)(action), (t.proposal.by)(proposer))
}

/// A fact beside its name.
pub(super) struct Fact {
    pub(super) name: &'static str,
    pub(super) value: String,
    /// The page of the value; empty if it has none.
    pub(super) href: String,
}

fn fact(name: &'static str, value: String) -> Fact {
    Fact { name, value, href: String::new() }
}

/// The name of the customer, or its id.
pub(super) fn customer_name(sheet: &Sheet) -> String {
    sheet.customer_name().unwrap_or_else(|| sheet.customer.customer.id.to_string())
}

/// The facts on which the second person decides.
pub(super) fn facts(sheet: &Sheet, t: &Texts) -> Vec<Fact> {
    let p = &t.proposal;
    let registration = &sheet.customer.customer.registration;
    let tax_id =
        registration.cnpj.as_ref().map_or_else(|| registration.cpf.masked(), domain::tax_id::Cnpj::masked);
    let href = format!("/console/customers/{}", sheet.customer.customer.id);
    let mut facts = vec![
        Fact { name: p.customer, value: customer_name(sheet), href },
        fact(p.tax_id, tax_id),
        fact(p.partner, sheet.partner.clone()),
    ];
    match &sheet.subject {
        Subject::Disbursement { loan, destination } => {
            facts.push(contract(loan, t));
            facts.push(fact(p.destination, masked(destination, t)));
            facts.push(fact(p.installments, written::installments(&loan.quote)));
        }
        Subject::Reversal { payment, loan } => {
            facts.push(contract(loan, t));
            facts.push(fact(p.paid_on, written::moment(payment.payment.paid_at)));
            facts.push(fact(p.reference, payment.reference.clone()));
        }
    }
    facts
}

fn contract(loan: &Loan, t: &Texts) -> Fact {
    let number = loan.ccb_number.as_ref().map_or_else(|| loan.id.to_string(), ToString::to_string);
    Fact { name: t.proposal.contract, value: number, href: format!("/console/loans/{}", loan.id) }
}

/// The destination of money without the whole number of an account or a person.
fn masked(destination: &Destination, t: &Texts) -> String {
    let p = &t.proposal;
    match destination {
        Destination::Account(account) => {
            let digits: Vec<char> = account.number.chars().collect();
            let end: String = digits[digits.len().saturating_sub(3)..].iter().collect();
            format!("{} ••{end}-{}", account.bank_name, account.digit)
        }
        Destination::CompanyKey(cnpj) => (p.pix_key)(p.key_company, &cnpj.masked()),
        Destination::PersonKey(cpf) => (p.pix_key)(p.key_person, &cpf.masked()),
    }
}

/// How the subject of a stale proposal is now.
pub(super) fn now(sheet: &Sheet, t: &Texts) -> String {
    match &sheet.subject {
        Subject::Disbursement { loan, .. } => {
            let state = Badge::of_loan(&loan.state, &t.badges).label;
            (t.proposal.loan_is)(&state, &written::moment(loan.updated_at))
        }
        Subject::Reversal { .. } => t.proposal.payment_is.to_owned(),
    }
}
