//! Everything on which an operator decides about a customer's credit: the facts, what the policy says of them today,
//! and the decisions before.

use std::collections::HashMap;

use domain::access::{Action, Proposal, ProposalState};
use domain::credit::Decision;
use domain::credit::policy::{Facts, Policy, Verdict, Weighed};
use domain::customer::CustomerFile;
use domain::id::{CustomerId, OperatorId, PartnerId};
use domain::offer::OfferTerms;
use domain::time::{RealTime, Timestamp};
use store::{Failed, Tx};

use super::analysis::{decisions, facts};
use crate::customers::registry::CompanyRegistry;
use crate::directory::place;
use crate::refused::NotFound;

/// The lender's rules about credit.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// The company registry.
    pub registry: CompanyRegistry,
    /// The policy in force, if there is one.
    pub policy: Option<&'a Policy>,
}

/// The verdict of the policy in force on a customer.
#[derive(Debug, Clone)]
pub struct Weighing {
    /// The version of the policy.
    pub version: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The terms of the row that fits, also if an operator approves.
    pub terms: Option<OfferTerms>,
    /// The answer of every rule.
    pub rules: Vec<Weighed>,
}

/// A customer's credit on one sheet.
#[derive(Debug, Clone)]
pub struct CreditSheet {
    /// The customer.
    pub file: CustomerFile,
    /// The name of the partner.
    pub partner: String,
    /// The present time of the partner.
    pub now: Timestamp,
    /// The facts today.
    pub facts: Facts,
    /// The policy's opinion of them; `None` without a policy.
    pub weighing: Option<Weighing>,
    /// The approval that waits for a second person.
    pub proposal: Option<Proposal>,
    /// The number of decisions.
    pub count: i64,
    /// The newest decisions, newest first.
    pub decisions: Vec<Decision>,
    /// The names of the operators who decided.
    pub names: HashMap<OperatorId, String>,
}

/// The sheet of a customer's credit, at the real time `real`. It only reads, so it takes no turn among the analyses.
pub fn sheet(
    tx: &mut Tx<'_>, real: RealTime, id: CustomerId, rules: Rules<'_>,
) -> Result<CreditSheet, Failed<NotFound>> {
    let (tenant, now): (PartnerId, Timestamp) = place(tx, real, &id)?;
    let file = store::customers::find(tx, tenant, id)?.ok_or(Failed::Refused(NotFound))?.into_value();
    let facts = facts(tx, &file.customer, rules.registry, now)?;
    let weighing = rules.policy.map(|policy| Weighing {
        version: policy.version.clone(),
        verdict: policy.evaluate(&facts),
        terms: policy.terms(&facts),
        rules: policy.weigh(&facts),
    });
    let proposal = store::proposals::waiting_for(tx, &id.to_string(), Action::ApproveCredit)?;
    let proposal = proposal.map(store::Stored::into_value);
    let decisions = decisions(tx, tenant, id)?.items;
    let people: Vec<OperatorId> =
        decisions.iter().filter_map(|decision| decision.decided_by.operator()).collect();
    let names = store::operators::names(tx, &people)?;
    let partner = crate::partners::name(tx, tenant)?;
    Ok(CreditSheet {
        file,
        partner,
        now,
        facts,
        weighing,
        proposal: proposal.filter(|waiting| waiting.state_at(real) == ProposalState::Proposed),
        count: store::credit::count(tx, tenant, id)?,
        decisions,
        names,
    })
}
