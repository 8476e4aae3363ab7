//! An operator's decision on a customer's credit.

use std::time::Duration;

use domain::access::Limits;
use domain::actor::Actor;
use domain::credit::{Approval, Decision, NewTerms, Outcome};
use domain::customer::{Customer, CustomerFile};
use domain::id::{CustomerId, PartnerId};
use domain::loan::iof::IofRegime;
use domain::money::Cents;
use domain::offer::OfferTerms;
use domain::time::Timestamp;
use store::{Failed, Stored, Tx};

use super::analysis::{RecordDecision, record_about};
use crate::customers::registry::CompanyRegistry;
use crate::refused::not_found_in;

/// An operator's decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decide {
    /// The customer.
    pub customer: CustomerId,
    /// The offer of an approval; `None` refuses.
    pub offer: Option<NewTerms>,
    /// The facts behind the decision: names and values.
    pub inputs: Vec<(String, String)>,
    /// The version of the credit policy that was followed.
    pub policy_version: String,
    /// The reasons, in words.
    pub reasons: Vec<String>,
    /// Validity of the offer in days; `None`: the configured validity.
    pub valid_days: Option<u16>,
    /// The number of decisions that the operator has seen; `None` decides whatever others have decided.
    pub seen: Option<i64>,
}

impl Decide {
    /// The decision of an approval.
    pub fn of(customer: CustomerId, approval: Approval, seen: i64) -> Self {
        let Approval { offer, inputs, policy_version, reasons, valid_days } = approval;
        Self { customer, offer: Some(offer), inputs, policy_version, reasons, valid_days, seen: Some(seen) }
    }

    /// Whether it approves more than these limits allow.
    pub(crate) fn is_above(&self, limits: Limits) -> bool {
        self.offer.as_ref().is_some_and(|offer| offer.terms.approved_amount > limits.largest_approval)
    }

    /// The approval; `None` if it refuses.
    pub(crate) fn approval(&self) -> Option<Approval> {
        let Self { offer, inputs, policy_version, reasons, valid_days, customer: _, seen: _ } = self.clone();
        offer.map(|offer| Approval { offer, inputs, policy_version, reasons, valid_days })
    }
}

/// The operator who decides, and the lender's rules.
#[derive(Debug, Clone, Copy)]
pub struct Authority {
    /// The operator.
    pub actor: Actor,
    /// The limits of the operator's roles.
    pub limits: Limits,
    /// The company registry.
    pub registry: CompanyRegistry,
    /// Validity of an offer, if the decision gives none.
    pub offer_lifetime: Duration,
}

/// The reason why a decision was not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecideRefused {
    /// The customer does not exist.
    NotFound,
    /// A natural person cannot make this declaration.
    NoCompany,
    /// The date of the declaration is in the future.
    DeclaredLater,
    /// The amount is above the limit of the operator's roles.
    AboveLimit(Cents),
    /// Somebody has decided since the operator looked.
    Changed,
}

not_found_in!(DecideRefused);

/// Records an operator's decision.
pub fn decide(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &Decide, by: &Authority,
) -> Result<Decision, Failed<DecideRefused>> {
    if command.is_above(by.limits) {
        return Err(Failed::Refused(DecideRefused::AboveLimit(by.limits.largest_approval)));
    }
    let Decidable { file, record, .. } = decidable(tx, tenant, now, command, by)?;
    Ok(record_about(tx, now, file, &record, by.offer_lifetime)?)
}

/// A decision that can be recorded now, if the limit is enough.
pub(crate) struct Decidable {
    /// The customer.
    file: Stored<CustomerFile>,
    /// The decision.
    record: RecordDecision,
    /// The number of decisions before it.
    pub(crate) decisions: i64,
}

impl Decidable {
    /// The terms of an approval, with the tax regime of the customer.
    pub(crate) fn terms(&self) -> Option<&OfferTerms> {
        match &self.record.outcome {
            Outcome::Approved(terms) => Some(terms),
            Outcome::Refused | Outcome::Referred => None,
        }
    }
}

/// Checks everything about a decision but the limit. Nothing is changed.
pub(crate) fn decidable(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &Decide, by: &Authority,
) -> Result<Decidable, Failed<DecideRefused>> {
    let file = store::customers::find(tx, tenant, command.customer)?;
    let file = file.ok_or(Failed::Refused(DecideRefused::NotFound))?;
    // After the customer, whose version another decision changes: so none comes between this and the commit.
    let decisions = store::credit::count(tx, tenant, command.customer)?;
    if command.seen.is_some_and(|seen| seen != decisions) {
        return Err(Failed::Refused(DecideRefused::Changed));
    }
    let record = record(&file.customer, now, command, by).map_err(Failed::Refused)?;
    Ok(Decidable { file, record, decisions })
}

fn record(
    customer: &Customer, now: Timestamp, command: &Decide, by: &Authority,
) -> Result<RecordDecision, DecideRefused> {
    let terms = command.offer.as_ref().map(|offer| taxed(customer, now, offer, by.registry)).transpose()?;
    let mut inputs = command.inputs.clone();
    if let Some(declared) = command.offer.as_ref().and_then(|offer| offer.simples_declared_on) {
        inputs.push(("simples_declarado_em".to_owned(), declared.to_string()));
    }
    Ok(RecordDecision {
        customer: command.customer,
        outcome: terms.map_or(Outcome::Refused, Outcome::Approved),
        inputs,
        actor: by.actor,
        policy_version: command.policy_version.clone(),
        reasons: command.reasons.clone(),
        valid_days: command.valid_days,
    })
}

/// The terms of an offer, with the tax regime of the customer.
pub(super) fn taxed(
    customer: &Customer, now: Timestamp, offer: &NewTerms, registry: CompanyRegistry,
) -> Result<OfferTerms, DecideRefused> {
    let regime = match offer.simples_declared_on {
        None => registry.regime(customer),
        Some(_) if customer.registration.cnpj.is_none() => return Err(DecideRefused::NoCompany),
        Some(declared) if declared > now.business_date() => return Err(DecideRefused::DeclaredLater),
        Some(_) => IofRegime::Simples,
    };
    let mut terms = offer.terms.clone();
    terms.product.regime = regime;
    Ok(terms)
}
