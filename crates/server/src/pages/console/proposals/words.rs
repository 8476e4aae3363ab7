//! The subject of a proposal in words. Numbers of people and accounts are masked.

use app::people::proposal_sheet::{Sheet, Subject};
use domain::access::{Action, Proposed, RoleNames};
use domain::bank::Destination;
use domain::credit::Approval;
use domain::customer::CustomerFile;
use domain::id::ProposalId;
use domain::loan::pricing::Charges;
use domain::loan::{Loan, LoanState};
use domain::written;

use crate::pages::kit::badge::Badge;
use crate::pages::kit::shown::exact;
use crate::pages::texts::Texts;

/// The words for a proposal in a list.
pub(in crate::pages::console) fn about(action: Action, proposer: &str, t: &Texts) -> String {
    format!("{}, {}", (t.proposal.action)(action), (t.proposal.by)(proposer))
}

/// The address of a proposal's page.
pub(in crate::pages::console) fn address(id: ProposalId) -> String {
    format!("/console/proposals/{id}")
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

/// The facts on which the second person decides.
pub(super) fn facts(sheet: &Sheet, t: &Texts) -> Vec<Fact> {
    let p = &t.proposal;
    let mut facts: Vec<Fact> = sheet.customer.iter().flat_map(|file| customer(sheet, file, t)).collect();
    facts.extend(sheet.partner.iter().map(|name| fact(p.partner, name.clone())));
    match &sheet.subject {
        Subject::Credit(approval) => facts.extend(credit(approval, t)),
        Subject::Disbursement { loan, destination } => {
            facts.push(contract(loan, t));
            facts.push(fact(p.destination, masked(destination, t)));
            if let (Proposed::PayAgain, LoanState::Error(failure)) = (&sheet.proposal.proposed, &loan.state) {
                facts.push(fact(p.returned, failure.message.clone()));
                facts.push(fact(p.attempt, (loan.attempts() + 1).to_string()));
            }
            facts.push(fact(p.installments, (p.in_installments)(&loan.quote)));
        }
        Subject::Reversal { payment, loan } => {
            facts.push(contract(loan, t));
            facts.push(fact(p.paid_on, written::day_of(payment.payment.paid_at)));
            facts.push(fact(p.reference, payment.reference.clone()));
        }
        Subject::WriteOff { loan, reason } => {
            facts.push(contract(loan, t));
            facts.push(fact(p.reason, reason.clone()));
        }
        Subject::Roles(operator) => {
            let href = format!("/console/people/{}", operator.id);
            facts.push(Fact { name: t.console.name, value: operator.name.clone(), href });
            facts.push(fact(p.roles_now, roles(&operator.roles, t)));
            if let Proposed::ChangeRoles(next) = &sheet.proposal.proposed {
                facts.push(fact(p.roles_then, roles(next, t)));
            }
        }
        Subject::Policy(version) => {
            let href = format!("/console/settings/policy/{}", version.id);
            facts.push(Fact { name: t.policy.version, value: version.name.clone(), href });
            facts.push(fact(t.policy.comparison, (t.policy.summary)(&version.comparison)));
        }
        Subject::Erasure => {}
    }
    facts
}

/// The customer, with the page on which its credit is decided if that is proposed.
fn customer(sheet: &Sheet, file: &CustomerFile, t: &Texts) -> [Fact; 2] {
    let registration = &file.customer.registration;
    let tax_id =
        registration.cnpj.as_ref().map_or_else(|| registration.cpf.masked(), domain::tax_id::Cnpj::masked);
    let page = format!("/console/customers/{}", file.customer.id);
    let href = match &sheet.subject {
        Subject::Credit(_) => format!("{page}/credit"),
        Subject::Disbursement { .. }
        | Subject::Reversal { .. }
        | Subject::WriteOff { .. }
        | Subject::Roles(_)
        | Subject::Policy(_)
        | Subject::Erasure => page,
    };
    [Fact { name: t.proposal.customer, value: sheet.name(), href }, fact(t.proposal.tax_id, tax_id)]
}

/// The terms of an approval, and its reasons.
fn credit(approval: &Approval, t: &Texts) -> Vec<Fact> {
    let c = &t.credit;
    let terms = &approval.offer.terms;
    let (fewest, most) = terms.term.bounds();
    let charges = match terms.product.charges {
        Charges::Financed => c.financed_too,
        Charges::Deducted => c.deducted,
    };
    let mut facts = vec![
        fact(c.least, written::money(terms.min_amount)),
        fact(c.rate, (c.a_month)(&written::percent(terms.interest_rate))),
        fact(t.proposal.installments, (c.installments)(fewest, most)),
        fact(c.service_fee, written::percent(terms.product.fee)),
        fact(c.charges, charges.to_owned()),
    ];
    facts.extend(approval.reasons.iter().map(|reason| fact(t.proposal.reason, reason.clone())));
    facts
}

fn roles(roles: &RoleNames, t: &Texts) -> String {
    if roles.is_empty() {
        return t.proposal.no_roles.to_owned();
    }
    roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
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
        Subject::Disbursement { loan, .. } | Subject::WriteOff { loan, .. } => {
            let state = Badge::of_loan(&loan.state, &t.badges).label;
            (t.proposal.loan_is)(&state, &exact(loan.updated_at))
        }
        Subject::Reversal { .. } => t.proposal.payment_is.to_owned(),
        Subject::Credit(_) => t.proposal.credit_is.to_owned(),
        Subject::Policy(_) => t.proposal.policy_is.to_owned(),
        Subject::Erasure => t.proposal.customer_is.to_owned(),
        Subject::Roles(operator) => (t.proposal.roles_are)(&roles(&operator.roles, t)),
    }
}
