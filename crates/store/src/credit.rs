//! Recorded credit decisions.

use std::borrow::Cow;

use domain::actor::Actor;
use domain::credit::{Decision, Outcome};
use domain::id::{CustomerId, DecisionId, PartnerId};
use domain::offer::OfferTerms;
use domain::page::Page;
use domain::queue::{CaseSubject, Queue};
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use crate::case_ends::Moment;
use crate::cases::{self, Entering};
use crate::document::{self, context, corrupt};
use crate::listing::opened;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A decision as it is stored.
    struct DecisionRow in "credit_decisions" by (partner_id, id) {
        partner_id: PartnerId,
        id: DecisionId,
        customer_id: CustomerId,
        outcome: Cow<'static, str>,
        terms: Option<OfferTerms>,
        policy_version: String,
        sealed: Vec<u8>,
        decided_by: Actor,
        valid_days: Option<u16>,
        decided_at: Timestamp,
    }
}

impl DecisionRow {
    fn of(tx: &mut Tx<'_>, partner: PartnerId, decision: &Decision) -> Result<Self, StoreError> {
        let (outcome, terms) = match &decision.outcome {
            Outcome::Approved(terms) => ("approved", Some(terms.clone())),
            Outcome::Refused => ("refused", None),
            Outcome::Referred => ("referred", None),
        };
        // A decision is written once and never changed, so its grounds are sealed for its id without a version.
        let grounds = GroundsDoc { reasons: decision.reasons.clone(), inputs: decision.inputs.clone() };
        let grounds = document::to_json(&grounds);
        Ok(Self {
            partner_id: partner,
            id: decision.id,
            customer_id: decision.customer,
            outcome: outcome.into(),
            terms,
            policy_version: decision.policy_version.clone(),
            sealed: tx.seal(partner, &context("credit_decisions", decision.id), grounds.as_bytes())?,
            decided_by: decision.decided_by,
            valid_days: decision.valid_days,
            decided_at: decision.decided_at,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Decision, StoreError> {
        let outcome = match (self.outcome.as_ref(), self.terms) {
            ("approved", Some(terms)) => Outcome::Approved(terms),
            ("refused", _) => Outcome::Refused,
            ("referred", _) => Outcome::Referred,
            _neither => {
                return Err(corrupt("a decision with an unknown outcome, or an approval without terms"));
            }
        };
        let GroundsDoc { reasons, inputs } = grounds(tx, self.partner_id, self.id, &self.sealed)?;
        Ok(Decision {
            id: self.id,
            customer: self.customer_id,
            outcome,
            inputs,
            decided_by: self.decided_by,
            policy_version: self.policy_version,
            reasons,
            valid_days: self.valid_days,
            decided_at: self.decided_at,
        })
    }
}

/// The reasons of a decision and its input facts. They name people and their figures.
#[derive(Serialize, Deserialize)]
struct GroundsDoc {
    reasons: Vec<String>,
    inputs: Vec<(String, String)>,
}

fn grounds(
    tx: &mut Tx<'_>, partner: PartnerId, id: DecisionId, sealed: &[u8],
) -> Result<GroundsDoc, StoreError> {
    document::from_json(&tx.unseal(partner, &context("credit_decisions", id), sealed)?)
}

/// The input facts in the sealed grounds of a decision.
pub(crate) fn inputs(
    tx: &mut Tx<'_>, partner: PartnerId, id: DecisionId, sealed: &[u8],
) -> Result<Vec<(String, String)>, StoreError> {
    Ok(grounds(tx, partner, id, sealed)?.inputs)
}

/// Records a decision.
pub fn insert_decision(tx: &mut Tx<'_>, partner: PartnerId, decision: &Decision) -> Result<(), StoreError> {
    let row = DecisionRow::of(tx, partner, decision)?;
    tx.insert(&row)?;
    let (subject, queue) = (CaseSubject::Customer(decision.customer), Queue::CreditReferred);
    match decision.outcome {
        Outcome::Referred => {
            let case = Entering::of_customer(partner, decision.customer, queue, decision.decided_at);
            cases::enter(tx, &case)
        }
        Outcome::Approved(_) | Outcome::Refused => {
            cases::leave(tx, partner, subject, queue, Moment::OnClock(decision.decided_at))
        }
    }
}

/// Erases the reasons and the input facts of a customer's decisions. The outcomes and terms remain.
pub fn forget_grounds(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<(), StoreError> {
    let ids = "select id from credit_decisions where partner_id = $1 and customer_id = $2";
    let ids: Vec<DecisionId> = tx.fetch_all(ids, args![partner, customer])?;
    let nothing = document::to_json(&GroundsDoc { reasons: Vec::new(), inputs: Vec::new() });
    for id in ids {
        let sealed = tx.seal(partner, &context("credit_decisions", id), nothing.as_bytes())?;
        let sql = "update credit_decisions set sealed = $3 where partner_id = $1 and id = $2";
        tx.execute_one(sql, args![partner, id, sealed])?;
    }
    Ok(())
}

/// The customer's approved decisions without an offer.
pub fn approved_without_offer(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Vec<Decision>, StoreError> {
    let approved = "where partner_id = $1 and customer_id = $2 and outcome = 'approved' and not exists ( \
                    select 1 from offers o where o.partner_id = credit_decisions.partner_id \
                    and o.decision_id = credit_decisions.id) order by decided_at";
    let rows = tx.find_all::<DecisionRow>(approved, args![partner, customer])?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// The customer's decisions, newest first.
pub fn of_customer(
    tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId,
) -> Result<Page<Decision>, StoreError> {
    let newest = "where partner_id = $1 and customer_id = $2 order by decided_at desc, id desc limit 100";
    let rows = tx.find_marked(DecisionRow::id, newest, args![partner, customer])?;
    opened(tx, rows, false, DecisionRow::open)
}

/// The number of the customer's decisions. It only grows, so it is the version of the customer's credit.
pub fn count(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<i64, StoreError> {
    let sql = "select count(*) from credit_decisions where partner_id = $1 and customer_id = $2";
    tx.fetch_one(sql, args![partner, customer])
}

/// Whether the customer's credit was ever decided or referred to an operator.
pub fn is_decided(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<bool, StoreError> {
    let sql = "select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 1";
    Ok(tx.fetch_opt::<DecisionId>(sql, args![partner, customer])?.is_some())
}
