//! Credit decisions of people and of the policy, and the offers that they allow.

use std::time::Duration;

use domain::actor::Actor;
use domain::credit::policy::{Exposure, Exposures, Facts, Policy, age_months};
use domain::credit::{Decision, Outcome};
use domain::customer::{Customer, CustomerFile, CustomerState};
use domain::id::{CustomerId, PartnerId};
use domain::offer::{NewOffer, Offer};
use domain::page::Page;
use domain::time::Timestamp;
use store::Failed;
use store::exposure::Exposed;
use store::{StoreError, Stored, Tx};

use crate::customers;
use crate::customers::registry::CompanyRegistry;
use crate::refused::NotFound;

/// A decision to record.
#[derive(Debug, Clone)]
pub struct RecordDecision {
    /// The customer of the decision.
    pub customer: CustomerId,
    /// The outcome.
    pub outcome: Outcome,
    /// The facts behind the decision: names and values.
    pub inputs: Vec<(String, String)>,
    /// The maker of the decision.
    pub actor: Actor,
    /// The version of the credit policy that was followed.
    pub policy_version: String,
    /// The reasons, in words.
    pub reasons: Vec<String>,
    /// Validity of its offer in days; `None`: the configured validity.
    pub valid_days: Option<u16>,
}

/// Records a decision. If it approves and the customer is active, its offer is made.
pub fn record_decision(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, command: &RecordDecision, offer_lifetime: Duration,
) -> Result<Decision, Failed<NotFound>> {
    let file = store::customers::find(tx, tenant, command.customer)?;
    let file = file.ok_or(Failed::Refused(NotFound))?;
    Ok(record_about(tx, now, file, command, offer_lifetime)?)
}

/// Records a decision on a customer that was read.
pub(super) fn record_about(
    tx: &mut Tx<'_>, now: Timestamp, file: Stored<CustomerFile>, command: &RecordDecision,
    offer_lifetime: Duration,
) -> Result<Decision, StoreError> {
    let tenant = file.customer.partner;
    let decision = Decision {
        id: tx.new_id(now),
        customer: command.customer,
        outcome: command.outcome.clone(),
        inputs: command.inputs.clone(),
        decided_by: command.actor,
        policy_version: command.policy_version.clone(),
        reasons: command.reasons.clone(),
        valid_days: command.valid_days,
        decided_at: now,
    };
    store::credit::insert_decision(tx, tenant, &decision)?;
    // The version of the customer serializes this with the review that activates the customer, and with other decisions.
    // So the later of the two sees the other one's result: it makes the offer, or finds that somebody has decided.
    let file = customers::hold(tx, file)?;
    make_allowed_offers(tx, tenant, now, &file, offer_lifetime)?;
    Ok(decision)
}

/// Decides a customer's credit by the policy. If there is a decision already, nothing happens.
pub fn analyse(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, analysis: &Analysis<'_>,
) -> Result<(), Failed<NotFound>> {
    let file = store::customers::find(tx, tenant, customer)?.ok_or(Failed::Refused(NotFound))?;
    if is_decided(tx, tenant, customer)? {
        return Ok(());
    }
    take_turn(tx, &file.customer)?;
    let facts = facts(tx, &file.customer, analysis.registry, now)?;
    let verdict = analysis.policy.evaluate(&facts);
    let command = RecordDecision {
        customer,
        outcome: verdict.outcome,
        inputs: facts.inputs(),
        actor: Actor::Policy,
        policy_version: analysis.policy.version.clone(),
        reasons: verdict.reasons,
        valid_days: verdict.valid_days,
    };
    record_decision(tx, tenant, now, &command, analysis.offer_lifetime).map(drop)
}

/// The inputs of a credit analysis.
#[derive(Debug, Clone, Copy)]
pub struct Analysis<'a> {
    /// The credit policy.
    pub policy: &'a Policy,
    /// The company registry.
    pub registry: CompanyRegistry,
    /// Validity of an offer, if the policy gives none.
    pub offer_lifetime: Duration,
}

/// The facts of a customer for the policy, at `now`.
pub(super) fn facts(
    tx: &mut Tx<'_>, customer: &Customer, registry: CompanyRegistry, now: Timestamp,
) -> Result<Facts, StoreError> {
    let opened = registry.look_up(&customer.registration).opened_on;
    Ok(Facts {
        legal_nature: customer.legal_nature,
        regime: registry.regime(customer),
        company_age_months: opened.and_then(|opened| age_months(opened, now.business_date())),
        partner: customer.partner,
        exposure: exposures(tx, customer)?,
    })
}

/// The facts of a customer as an operator's decision keeps them, for a decision that brings none.
pub fn known_inputs(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, customer: CustomerId, registry: CompanyRegistry,
) -> Result<Vec<(String, String)>, Failed<NotFound>> {
    let file = store::customers::find(tx, tenant, customer)?.ok_or(Failed::Refused(NotFound))?;
    Ok(facts(tx, &file.customer, registry, now)?.inputs())
}

/// From here to the commit, other analyses of the same person or company wait. So the next one sees the amount that
/// this one granted.
fn take_turn(tx: &mut Tx<'_>, customer: &Customer) -> Result<(), StoreError> {
    let (person, company) = (Exposed::person(tx, customer), Exposed::company(tx, customer));
    let both: Vec<&Exposed> = [&person].into_iter().chain(&company).collect();
    store::exposure::take_turn(tx, &both)
}

/// The amounts that the person and the company were granted and owe, over all partners.
fn exposures(tx: &mut Tx<'_>, customer: &Customer) -> Result<Exposures, StoreError> {
    let (person, company) = (Exposed::person(tx, customer), Exposed::company(tx, customer));
    Ok(Exposures {
        person: store::exposure::of(tx, &person)?,
        company: match &company {
            Some(company) => store::exposure::of(tx, company)?,
            None => Exposure::default(),
        },
    })
}

/// The customer's decisions, newest first.
pub fn decisions(
    tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId,
) -> Result<Page<Decision>, StoreError> {
    store::credit::of_customer(tx, tenant, customer)
}

/// Whether the customer's credit has been decided, or referred to an operator.
pub fn is_decided(tx: &mut Tx<'_>, tenant: PartnerId, customer: CustomerId) -> Result<bool, StoreError> {
    store::credit::is_decided(tx, tenant, customer)
}

/// Makes the offers of approved decisions that have none yet, if the customer is active.
pub(crate) fn make_allowed_offers(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, file: &CustomerFile, lifetime: Duration,
) -> Result<(), StoreError> {
    if file.customer.state != CustomerState::Active {
        return Ok(());
    }
    for decision in store::credit::approved_without_offer(tx, tenant, file.customer.id)? {
        if let Outcome::Approved(terms) = &decision.outcome {
            let mut terms = terms.clone();
            // The customer's CNPJ may have been removed since the decision.
            terms.product.regime = terms.product.regime.of_borrower(file.customer.registration.cnpj);
            let days = decision.valid_days.map(|days| Duration::from_secs(u64::from(days) * 86_400));
            let lifetime = days.unwrap_or(lifetime);
            let new = NewOffer {
                id: tx.new_id(now),
                customer: file.customer.id,
                partner: tenant,
                external_id: file.customer.external_id.clone(),
                terms,
                valid_until: now.plus(lifetime),
            };
            store::offers::insert(tx, Offer::open(new, now), decision.id)?;
        }
    }
    Ok(())
}
