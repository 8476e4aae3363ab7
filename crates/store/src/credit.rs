//! Recorded credit decisions.

use domain::credit::{Decision, Outcome};
use domain::id::{CustomerId, DecisionId, PartnerId};

use crate::db::Row;
use crate::document::{self, TermsDoc, corrupt};
use crate::{StoreError, Tx, args};

/// Records a decision.
pub fn insert_decision(tx: &mut Tx<'_>, partner: PartnerId, decision: &Decision) -> Result<(), StoreError> {
    let (outcome, terms) = match &decision.outcome {
        Outcome::Approved(terms) => ("approved", Some(document::to_json(&TermsDoc::of(terms)))),
        Outcome::Refused => ("refused", None),
        Outcome::Referred => ("referred", None),
    };
    let sql = "insert into credit_decisions \
               (partner_id, id, customer_id, outcome, terms, policy_version, reasons, inputs, decided_by, valid_days, \
               decided_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    tx.execute(
        sql,
        args![
            partner,
            decision.id,
            decision.customer,
            outcome,
            terms,
            decision.policy_version,
            document::to_json(&decision.reasons),
            document::to_json(&decision.inputs),
            decision.decided_by,
            decision.valid_days.map(i64::from),
            decision.decided_at,
        ],
    )
    .map(drop)
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
    tx.query(&sql, args![partner, customer], decision)
}

/// The customer's decisions, newest first.
pub fn of_customer(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    customer: CustomerId,
) -> Result<Vec<Decision>, StoreError> {
    let sql = format!(
        "select {COLUMNS} from credit_decisions d where d.partner_id = $1 and d.customer_id = $2 \
         order by d.decided_at desc, d.id desc limit 100"
    );
    tx.query(&sql, args![partner, customer], decision)
}

const COLUMNS: &str = "d.id, d.customer_id, d.outcome, d.terms, d.policy_version, d.reasons, d.inputs, \
                       d.decided_by, d.valid_days, d.decided_at";

fn decision(row: &Row<'_>) -> Result<Decision, StoreError> {
    let (outcome, terms): (String, Option<String>) = (row.get(2)?, row.get(3)?);
    let outcome = match (outcome.as_str(), terms) {
        ("approved", Some(terms)) => {
            Outcome::Approved(document::from_json::<TermsDoc>(terms.as_bytes())?.read()?)
        }
        ("refused", _) => Outcome::Refused,
        ("referred", _) => Outcome::Referred,
        _neither => return Err(corrupt("a decision of no known outcome, or approved without terms")),
    };
    let (reasons, inputs): (String, String) = (row.get(5)?, row.get(6)?);
    Ok(Decision {
        id: row.get(0)?,
        customer: row.get(1)?,
        outcome,
        inputs: document::from_json(inputs.as_bytes())?,
        decided_by: row.get(7)?,
        policy_version: row.get(4)?,
        reasons: document::from_json(reasons.as_bytes())?,
        valid_days: row.get::<Option<i64>>(8)?.map(u16::try_from).transpose().map_err(corrupt)?,
        decided_at: row.get(9)?,
    })
}

/// Whether the customer's credit has been decided at all, or referred to an operator.
pub fn is_decided(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<bool, StoreError> {
    let sql = "select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 1";
    Ok(tx.query_opt(sql, args![partner, customer], |row| row.get::<DecisionId>(0))?.is_some())
}
