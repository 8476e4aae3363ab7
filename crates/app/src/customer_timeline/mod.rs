//! The history of a customer: what it sent, what was decided, its offers, loans, e-mails and notes, and the events that
//! were recorded for its partner.
//!
//! A history reads the same number of statements for every customer.

use std::collections::HashMap;

use domain::access::Permissions;
use domain::actor::Actor;
use domain::credit::{Decision, Outcome};
use domain::event::EventKind;
use domain::id::{LoanId, OfferId, OperatorId};
use domain::kyc::{BiometricsSession, RequirementKey, RequirementState, SessionState};
use domain::money::Cents;
use domain::page::{Limit, Page};
use domain::queue::CaseSubject;
use domain::time::Timestamp;
use store::{Cursor, StoreError, Tx};

use crate::customers::Sheet;
use crate::loan_sheet;
use crate::mails::MailReport;
use crate::webhooks::history::{self, Recorded};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happened {
    /// The partner's time at which it happened.
    pub at: Timestamp,
    /// The kind of event.
    pub what: What,
}

/// The kind of an event in a customer's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The partner registered the customer.
    Registered,
    /// The evidence of a requirement was complete.
    Sent(RequirementKey),
    /// A link to the hosted page of the KYC was made.
    LinkMade {
        /// Whether a person has opened the page.
        is_visited: bool,
    },
    /// Credit was decided.
    Decided {
        /// The outcome.
        outcome: DecidedOutcome,
        /// The maker of the decision.
        by: Decider,
        /// The version of the policy.
        policy: String,
    },
    /// An offer was made.
    Offered {
        /// The offer.
        offer: OfferId,
        /// Its largest amount.
        amount: Cents,
    },
    /// A loan took a step.
    Loan {
        /// The loan.
        loan: LoanId,
        /// The step.
        step: loan_sheet::What,
    },
    /// An e-mail was written. Boxed: it is much larger than the others.
    Mail(Box<MailReport>),
    /// An operator wrote a note.
    Note {
        /// The name of the author.
        author: Option<String>,
    },
    /// A person opened the hosted page of the KYC.
    PageVisited,
    /// An event was recorded for the partner. Boxed: it is much larger than the others.
    Recorded(Box<Recorded>),
}

/// The outcome of a decision on credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecidedOutcome {
    /// An offer may be made, up to this amount.
    Approved(Cents),
    /// No offer is made.
    Refused,
    /// An operator must decide.
    Referred,
}

/// The maker of a decision on credit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decider {
    /// The operator with this name, if it is known.
    Operator(Option<String>),
    /// The policy.
    Policy,
    /// The sandbox.
    Sandbox,
}

/// The history of a customer, newest first: the newest 100 of each kind, and the newest 50 e-mails. These permissions
/// decide about the events.
pub fn timeline(tx: &mut Tx<'_>, sheet: &Sheet, may: Permissions) -> Result<Vec<Happened>, StoreError> {
    let customer = &sheet.file.customer;
    let (partner, id) = (customer.partner, customer.id);
    let decisions = store::credit::of_customer(tx, partner, id)?.items;
    let sessions = store::kyc::sessions_of(tx, partner, id)?;
    let notes = store::notes::list(tx, partner, CaseSubject::Customer(id), &Cursor::first(Limit::MOST))?;
    // A first page has no cursor that could be unknown.
    let notes = notes.unwrap_or_else(|_unknown| Page::empty(false)).items;
    let operators: Vec<OperatorId> = decisions
        .iter()
        .filter_map(|decision| decision.decided_by.operator())
        .chain(notes.iter().map(|note| note.author))
        .collect();
    let names = store::operators::names(tx, &operators)?;
    let mut all = of_sheet(sheet);
    all.extend(decisions.into_iter().map(|decision| decided(decision, &names)));
    all.extend(sessions.iter().map(link));
    all.extend(notes.iter().map(|note| Happened {
        at: note.written_at.unmoved(),
        what: What::Note { author: names.get(&note.author).cloned() },
    }));
    let offers = sheet.offers.items.iter().map(|offer| offer.id);
    let loans = sheet.loans.items.iter().map(|loan| loan.id);
    all.extend(history::of_customer(tx, &sheet.file, offers, loans, may)?.into_iter().map(recorded));
    all.sort_by_key(|happened| std::cmp::Reverse(happened.at));
    Ok(all)
}

/// The part of the history that the sheet holds.
fn of_sheet(sheet: &Sheet) -> Vec<Happened> {
    let mut all = vec![Happened { at: sheet.file.customer.created_at, what: What::Registered }];
    all.extend(sheet.file.kyc.requirements.iter().filter_map(|requirement| {
        let at = match &requirement.state {
            RequirementState::Missing => return None,
            RequirementState::Submitted { at }
            | RequirementState::Accepted { at }
            | RequirementState::Rejected { at, .. } => *at,
        };
        Some(Happened { at, what: What::Sent(requirement.key) })
    }));
    all.extend(sheet.offers.items.iter().map(|offer| Happened {
        at: offer.created_at,
        what: What::Offered { offer: offer.id, amount: offer.terms.approved_amount },
    }));
    for loan in &sheet.loans.items {
        let id = loan.id;
        let steps = loan_sheet::steps(loan).into_iter();
        all.extend(
            steps.map(|step| Happened { at: step.at, what: What::Loan { loan: id, step: step.what } }),
        );
    }
    let mails = sheet.mails.items.iter();
    all.extend(mails.map(|mail| Happened { at: mail.created_at, what: What::Mail(Box::new(mail.clone())) }));
    all
}

fn decided(decision: Decision, names: &HashMap<OperatorId, String>) -> Happened {
    let outcome = match &decision.outcome {
        Outcome::Approved(terms) => DecidedOutcome::Approved(terms.approved_amount),
        Outcome::Refused => DecidedOutcome::Refused,
        Outcome::Referred => DecidedOutcome::Referred,
    };
    let by = match decision.decided_by {
        Actor::Operator(id) => Decider::Operator(names.get(&id).cloned()),
        Actor::Policy => Decider::Policy,
        Actor::Sandbox => Decider::Sandbox,
    };
    let what = What::Decided { outcome, by, policy: decision.policy_version };
    Happened { at: decision.decided_at, what }
}

fn recorded(event: Recorded) -> Happened {
    let at = event.occurred_at;
    let what = match event.kind {
        EventKind::BiometricsOpened => What::PageVisited,
        EventKind::Customer(_) | EventKind::Offer(_) | EventKind::Loan(_) => What::Recorded(Box::new(event)),
    };
    Happened { at, what }
}

fn link(session: &BiometricsSession) -> Happened {
    let is_visited = match session.state {
        SessionState::Open => false,
        SessionState::Visited | SessionState::InUse | SessionState::Completed => true,
    };
    Happened { at: session.created_at, what: What::LinkMade { is_visited } }
}
