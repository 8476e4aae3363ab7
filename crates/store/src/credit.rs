//! Recorded credit decisions.

use domain::credit::{Decision, Outcome};
use domain::id::{CustomerId, DecisionId, PartnerId};
use domain::page::Page;
use serde::{Deserialize, Serialize};

use crate::db::Row;
use crate::document::{self, TermsDoc, context, corrupt};
use crate::listing::{listed, opened};
use crate::{StoreError, Tx, args};

/// Records a decision.
pub fn insert_decision(tx: &mut Tx<'_>, partner: PartnerId, decision: &Decision) -> Result<(), StoreError> {
    let (outcome, terms) = match &decision.outcome {
        Outcome::Approved(terms) => ("approved", Some(document::to_json(&TermsDoc::of(terms)))),
        Outcome::Refused => ("refused", None),
        Outcome::Referred => ("referred", None),
    };
    let sql = "insert into credit_decisions \
               (partner_id, id, customer_id, outcome, terms, policy_version, sealed, decided_by, valid_days, \
               decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let sealed = grounds_sealed(tx, partner, decision.id, &decision.reasons, &decision.inputs)?;
    tx.execute_later(
        sql,
        args![
            partner,
            decision.id,
            decision.customer,
            outcome,
            terms,
            decision.policy_version,
            sealed,
            decision.decided_by,
            decision.valid_days.map(i64::from),
            decision.decided_at,
        ],
    )
}

/// The customer's approved decisions for which no offer has been made.
pub fn approved_without_offer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Vec<Decision>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from credit_decisions d \
         left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id \
         where d.partner_id = $1 and d.customer_id = $2 and d.outcome = 'approved' and o.id is null \
         order by d.decided_at"
    );
    let rows = tx.query(&sql, args![partner, customer], StoredDecision::read)?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// The customer's decisions, newest first.
pub fn of_customer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Page<Decision>, StoreError> {
    let sql = format!(
        "select {COLUMNS}, d.id from credit_decisions d where d.partner_id = $1 and d.customer_id = $2 \
         order by d.decided_at desc, d.id desc limit 100"
    );
    let rows = tx.query(&sql, args![partner, customer], |row| Ok(listed(row, StoredDecision::read)))?;
    opened(tx, "credit_decisions", rows, false, StoredDecision::open)
}

const COLUMNS: &str = "d.partner_id, d.id, d.customer_id, d.outcome, d.terms, d.policy_version, d.sealed, \
                       d.decided_by, d.valid_days, d.decided_at";

/// Why a decision was made, and on what: it names people and their figures.
#[derive(Serialize, Deserialize)]
struct GroundsDoc {
    reasons: Vec<String>,
    inputs: Vec<(String, String)>,
}

/// Seals a decision's grounds. A decision is written once and never changed, so they are sealed for its id.
fn grounds_sealed(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    id: DecisionId,
    reasons: &[String],
    inputs: &[(String, String)],
) -> Result<Vec<u8>, StoreError> {
    let grounds = document::to_json(&GroundsDoc { reasons: reasons.to_vec(), inputs: inputs.to_vec() });
    tx.seal(partner, &context("credit_decisions", id), grounds.as_bytes())
}

/// A row as it is stored.
struct StoredDecision {
    partner: PartnerId,
    decision: Decision,
    sealed: Vec<u8>,
}

impl StoredDecision {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { partner: row.get(0)?, decision: decision(row)?, sealed: row.get(6)? })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Decision, StoreError> {
        let Self { partner, decision, sealed } = self;
        let grounds = tx.unseal(partner, &context("credit_decisions", decision.id), &sealed)?;
        let GroundsDoc { reasons, inputs } = document::from_json(&grounds)?;
        Ok(Decision { reasons, inputs, ..decision })
    }
}

/// The decision without its grounds, which are sealed.
fn decision(row: &Row<'_>) -> Result<Decision, StoreError> {
    let (outcome, terms): (String, Option<String>) = (row.get(3)?, row.get(4)?);
    let outcome = match (outcome.as_str(), terms) {
        ("approved", Some(terms)) => {
            Outcome::Approved(document::from_json::<TermsDoc>(terms.as_bytes())?.read()?)
        }
        ("refused", _) => Outcome::Refused,
        ("referred", _) => Outcome::Referred,
        _neither => return Err(corrupt("a decision of no known outcome, or approved without terms")),
    };
    Ok(Decision {
        id: row.get(1)?,
        customer: row.get(2)?,
        outcome,
        inputs: Vec::new(),
        decided_by: row.get(7)?,
        policy_version: row.get(5)?,
        reasons: Vec::new(),
        valid_days: row.get::<Option<i64>>(8)?.map(u16::try_from).transpose().map_err(corrupt)?,
        decided_at: row.get(9)?,
    })
}

/// Whether the customer's credit has been decided at all, or referred to an operator.
pub fn is_decided(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<bool, StoreError> {
    let sql = "select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 1";
    Ok(tx.query_opt(sql, args![partner, customer], |row| row.get::<DecisionId>(0))?.is_some())
}
