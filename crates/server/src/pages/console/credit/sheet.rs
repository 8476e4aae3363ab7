//! The page of a customer's credit, from the sheet that the use case read.

use askama::Template;
use domain::access::{FourEyes, Permission};
use domain::credit::Outcome;
use domain::queue::Queue;
use domain::written;

use super::super::proposals;
use super::form::{Given, Problem};
use super::price::Price;
use super::rows::{self, Fact, Past, Says};
use super::shown::{Seen, Shown};
use crate::pages::kit::badge::Badge;
use crate::pages::kit::frame::Frame;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/credit.html")]
pub(super) struct CreditPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    queue_name: &'static str,
    id: String,
    name: String,
    badge: Option<Badge>,
    tax_id: String,
    has_company: bool,
    partner: String,
    says: Option<Says>,
    facts: Vec<Fact>,
    past: Vec<Past>,
    given: Given,
    price: Option<Price>,
    may_decide: bool,
    limit: String,
    /// The question before an approval; empty if the page asks nothing.
    question: String,
    /// The consequence of the approval.
    follows: &'static str,
    approve_now: String,
    /// The page of the approval that waits for a second person; empty if none does.
    waiting: String,
    problem: Option<(Problem, String)>,
}

impl CreditPage {
    pub(super) fn of(visit: Visit, seen: &Seen, shown: &Shown) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let Seen { sheet, given, priced } = seen;
        let registration = &sheet.file.customer.registration;
        let name = registration.known_as().map_or_else(|| t.customer.unnamed.to_owned(), ToString::to_string);
        let grants = &visit.visitor.grants;
        // A text that is no amount is asked back by the form.
        let amount = written::amount(&given.amount).map_or_else(String::new, written::money);
        let problem = shown.problem;
        let (limit, two) =
            (grants.limits.largest_approval, visit.state.config.four_eyes == FourEyes::Required);
        let proposes = two && written::amount(&given.amount).is_some_and(|amount| amount > limit);
        let c = &t.credit;
        let (question, follows, approve_now) = if proposes {
            ((c.propose_question)(&amount, &name), c.propose_follows, (c.propose_now)(&amount))
        } else {
            ((c.question)(&amount, &name), c.follows, (c.approve_now)(&amount))
        };
        Self {
            queue_name: (t.queue.name)(Queue::CreditReferred),
            id: sheet.file.customer.id.to_string(),
            badge: sheet.decisions.first().map(|newest| newest_badge(&newest.outcome, t)),
            tax_id: registration
                .cnpj
                .as_ref()
                .map_or_else(|| registration.cpf.masked(), domain::tax_id::Cnpj::masked),
            has_company: registration.cnpj.is_some(),
            partner: sheet.partner.clone(),
            says: sheet.weighing.as_ref().map(|weighing| Says::of(weighing, t)),
            facts: rows::facts(sheet, t),
            past: sheet.decisions.iter().map(|decision| Past::of(decision, sheet, t)).collect(),
            price: priced.as_ref().map(|quote| Price::of(quote, t)),
            may_decide: grants.allows(Permission::DecideCredit),
            limit: (if two { c.limit_of_two } else { c.limit })(&written::money(limit)),
            question: if shown.asks { question } else { String::new() },
            follows,
            approve_now,
            waiting: sheet.proposal.as_ref().map_or_else(String::new, |one| proposals::address(one.id)),
            problem: problem.map(|problem| (problem, words(problem, t))),
            given: given.clone(),
            name,
            path: visit.path,
            frame: visit.frame,
            around,
            t,
        }
    }

    /// An address of this customer, which keeps the case for which the page was opened.
    fn own(&self, rest: &str) -> String {
        self.around.kept(&format!("/console/customers/{}{rest}", self.id))
    }

    /// The words of a problem beside the field that it is about.
    fn error(&self, field: &str) -> &str {
        let of = |problem: &Problem| match problem {
            Problem::Amount | Problem::AboveLimit(_) => "amount",
            Problem::Rate => "rate",
            Problem::Installments => "fewest",
            Problem::Reasons => "reasons",
            Problem::Declared => "simples_on",
            Problem::Terms | Problem::Changed => "",
        };
        self.problem.as_ref().filter(|(problem, _)| of(problem) == field).map_or("", |(_, words)| words)
    }
}

/// The badge of a customer whose newest decision has this outcome.
fn newest_badge(outcome: &Outcome, t: &Texts) -> Badge {
    match outcome {
        Outcome::Referred => Badge::waiting_for_decision(&t.credit),
        Outcome::Approved(_) | Outcome::Refused => Badge::of_decision(outcome, &t.credit),
    }
}

/// Why nothing was recorded, and what to do next.
fn words(problem: Problem, t: &Texts) -> String {
    let c = &t.credit;
    match problem {
        Problem::Amount => c.wrong_amount.to_owned(),
        Problem::Rate => c.wrong_rate.to_owned(),
        Problem::Installments => c.wrong_installments.to_owned(),
        Problem::Reasons => c.wrong_reasons.to_owned(),
        Problem::Declared => c.wrong_declared.to_owned(),
        Problem::Terms => c.wrong_terms.to_owned(),
        Problem::AboveLimit(limit) => (c.above_limit)(&written::money(limit)),
        Problem::Changed => c.changed.to_owned(),
    }
}
