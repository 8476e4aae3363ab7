//! Recorded credit decisions.

use domain::credit::{Decision, Outcome};
use domain::id::{CustomerId, DecisionId, PartnerId};

use crate::document::{self, TermsDoc, corrupt};
use crate::{StoreError, Tx, args};

/// Records a decision.
pub fn insert_decision(tx: &mut Tx<'_>, partner: PartnerId, decision: &Decision) -> Result<(), StoreError> {
    let (outcome, terms) = match &decision.outcome {
        Outcome::Approved(terms) => ("approved", Some(document::to_json(&TermsDoc::of(terms)))),
        Outcome::Refused => ("refused", None),
    };
    let sql = "insert into credit_decisions \
               (partner_id, id, customer_id, outcome, terms, policy_version, reasons, decided_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
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
    let sql = "select d.id, d.terms, d.policy_version, d.reasons, d.decided_at from credit_decisions d \
               left join offers o on o.partner_id = d.partner_id and o.decision_id = d.id \
               where d.partner_id = $1 and d.customer_id = $2 and d.outcome = 'approved' and o.id is null \
               order by d.decided_at";
    tx.query(sql, args![partner, customer], |row| {
        let terms: Option<String> = row.get(1)?;
        let terms = terms.ok_or_else(|| corrupt("an approved decision without terms"))?;
        let reasons: String = row.get(3)?;
        Ok(Decision {
            id: row.get::<DecisionId>(0)?,
            customer,
            outcome: Outcome::Approved(document::from_json::<TermsDoc>(terms.as_bytes())?.read()?),
            policy_version: row.get(2)?,
            reasons: document::from_json(reasons.as_bytes())?,
            decided_at: row.get(4)?,
        })
    })
}

/// Whether the customer's credit has been decided at all.
pub fn is_decided(tx: &mut Tx<'_>, partner: PartnerId, customer: CustomerId) -> Result<bool, StoreError> {
    let sql = "select id from credit_decisions where partner_id = $1 and customer_id = $2 limit 1";
    Ok(tx.query_opt(sql, args![partner, customer], |row| row.get::<DecisionId>(0))?.is_some())
}
