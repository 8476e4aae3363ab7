//! Decisions without a person, through the same use cases as a person's.
//!
//! In the sandbox the autopilot makes every decision that people make in production, about a second after it becomes
//! possible. Tags in the customer's e-mail address steer these decisions. In production the autopilot only decides
//! credit by the policy, if one is configured, and tags have no effect.

use domain::actor::Actor;
use domain::credential::Environment;
use domain::credit::Outcome;
use domain::customer::Customer;
use domain::id::{CustomerId, LoanId, PartnerId};
use domain::kyc::{Judgement, Requirement, RequirementKind, Verdict};
use domain::loan::Failure;
use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::money::{Cents, Rate};
use domain::offer::{OfferTerms, Term};
use domain::time::Timestamp;
use store::jobs::Job;
use store::{StoreError, Tx};

use super::paying::{pay, plan_payment};
use super::serving::take_loan;
use super::steered::{done_or_impossible, steered_customer, steered_loan};
use super::tasks::{Rules, Task, finish_job};
use crate::credit::{self, Analysis, RecordDecision};
use crate::kyc::review;
use crate::lender::{Lender, Lifetimes};
use crate::{loans, signing, tags};

/// The policy version of decisions by tags. It names the tags' meaning.
const TAGS: &str = "sandbox-1";

/// Makes a decision and ends its job, in one transaction. An impossible decision is no error: a person may have made it
/// already.
pub fn perform(
    tx: &mut Tx<'_>, now: Timestamp, job: &Job, task: Task, rules: &Rules,
) -> Result<(), StoreError> {
    if !finish_job(tx, job)? {
        return Ok(());
    }
    match rules.environment {
        Environment::Sandbox => steer(tx, now, job, task, rules),
        Environment::Production => match task {
            Task::AnalyseCredit(id) => by_policy(tx, job.partner, now, id, rules),
            // People make these decisions; no job is planned for them.
            Task::ReviewKyc(_)
            | Task::SendFiles(_)
            | Task::FinishBiometrics(_)
            | Task::TakeLoan(_)
            | Task::SignLoan(_)
            | Task::StartDisbursement(_)
            | Task::SettleDisbursement(_)
            | Task::PayInstallment(_) => Ok(()),
        },
    }
}

fn steer(tx: &mut Tx<'_>, now: Timestamp, job: &Job, task: Task, rules: &Rules) -> Result<(), StoreError> {
    let (tenant, lender) = (job.partner, &*rules.lender);
    let (lifetimes, book) = (&lender.lifetimes, lender.book.in_force());
    match task {
        Task::AnalyseCredit(id) => analyse(tx, tenant, now, id, rules),
        Task::ReviewKyc(id) => review_kyc(tx, tenant, now, id, lifetimes),
        Task::TakeLoan(id) => take_loan(tx, tenant, now, id, lender),
        Task::SignLoan(id) => sign(tx, tenant, now, id, lender),
        Task::StartDisbursement(id) => match steered_loan(tx, tenant, id)? {
            Some((_, customer)) if !tags::has(&customer.registration, "never_disbursed") => {
                done_or_impossible(loans::start_disbursement(tx, tenant, now, id))
            }
            Some(_) | None => Ok(()),
        },
        Task::SettleDisbursement(id) => settle(tx, tenant, now, id, lender),
        Task::PayInstallment(id) => pay(tx, tenant, now, job.due_at, id, &book),
        // The worker takes the selfie and submits files, because they are written outside any transaction.
        Task::FinishBiometrics(_) | Task::SendFiles(_) => Ok(()),
    }
}

/// Decides credit by the customer's tags, or by the policy if no tag decides.
fn analyse(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, rules: &Rules,
) -> Result<(), StoreError> {
    let Some(file) = steered_customer(tx, tenant, id)? else { return Ok(()) };
    if credit::is_decided(tx, tenant, id)? {
        return Ok(());
    }
    let Some((outcome, reason)) = tagged_outcome(&file.customer) else {
        return by_policy(tx, tenant, now, id, rules);
    };
    let command = RecordDecision {
        customer: id,
        outcome,
        inputs: Vec::new(),
        actor: Actor::Sandbox,
        policy_version: TAGS.to_owned(),
        reasons: vec![reason.to_owned()],
        valid_days: None,
    };
    done_or_impossible(credit::record_decision(tx, tenant, now, &command, rules.lender.lifetimes.offer))
}

fn by_policy(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, rules: &Rules,
) -> Result<(), StoreError> {
    let Some(policy) = &rules.policy else { return Ok(()) };
    let analysis =
        Analysis { policy, registry: rules.registry, offer_lifetime: rules.lender.lifetimes.offer };
    done_or_impossible(credit::analyse(tx, tenant, now, id, &analysis))
}

/// The decision that the customer's tags ask for, and the reason.
fn tagged_outcome(customer: &Customer) -> Option<(Outcome, &'static str)> {
    if tags::has(&customer.registration, "no_offer") {
        return Some((Outcome::Refused, "tag no_offer"));
    }
    if tags::has(&customer.registration, "credit_referred") {
        return Some((Outcome::Referred, "tag credit_referred"));
    }
    let reason = match (
        tags::has(&customer.registration, "range_offer"),
        tags::has(&customer.registration, "small_offer"),
    ) {
        (true, false) => "tag range_offer",
        (false, true) => "tag small_offer",
        (true, true) => "tags range_offer, small_offer",
        (false, false) => return None,
    };
    Some((Outcome::Approved(tagged_terms(customer)), reason))
}

/// The terms of a tagged offer: a small or a large amount, and a range of installments or exactly six.
fn tagged_terms(customer: &Customer) -> OfferTerms {
    let small = tags::has(&customer.registration, "small_offer");
    let regime = IofRegime::of(customer.registration.cnpj, customer.legal_nature);
    let range = tags::has(&customer.registration, "range_offer");
    OfferTerms {
        approved_amount: Cents::new(if small { 500_000 } else { 5_000_000 }),
        min_amount: Cents::new(100_000),
        interest_rate: Rate::from_scaled(if small { 1_990_000 } else { 3_500_000 }),
        term: if range { Term::Range { min: 3, max: 24 } } else { Term::Fixed(6) },
        product: Product { fee: Product::DEFAULT_FEE, regime, charges: Charges::Financed },
    }
}

fn review_kyc(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: CustomerId, lifetimes: &Lifetimes,
) -> Result<(), StoreError> {
    let Some(file) = steered_customer(tx, tenant, id)? else { return Ok(()) };
    if tags::has(&file.customer.registration, "denied") {
        return done_or_impossible(review::refuse(tx, tenant, now, id, None));
    }
    let accepted = |requirement: &Requirement| Judgement {
        key: requirement.key,
        documents: requirement.documents(),
        verdict: Verdict::Accept,
    };
    let mut judgements: Vec<_> = file.kyc.awaiting_review().map(accepted).collect();
    if tags::has(&file.customer.registration, "kyc_rejected") && file.kyc.corrections == 0 {
        let is_document = |kind| !matches!(kind, RequirementKind::RegistrationField(_));
        if let Some(judgement) = judgements.iter_mut().find(|judgement| is_document(judgement.key.kind)) {
            let reason = "Documento ilegível. Envie uma foto nítida, sem cortes.".to_owned();
            judgement.verdict = Verdict::Reject { reason };
        }
    }
    done_or_impossible(review::decide(tx, tenant, now, id, &judgements, lifetimes.offer))
}

fn sign(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, lender: &Lender,
) -> Result<(), StoreError> {
    let Some((loan, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    if tags::has(&customer.registration, "never_signs") {
        return Ok(());
    }
    for signer in loan.signers.iter().filter(|signer| signer.signed_at.is_none()) {
        done_or_impossible(signing::sign_in_sandbox(tx, tenant, now, id, signer.subject, lender))?;
    }
    Ok(())
}

fn settle(
    tx: &mut Tx<'_>, tenant: PartnerId, now: Timestamp, id: LoanId, lender: &Lender,
) -> Result<(), StoreError> {
    let Some((_, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    if tags::has(&customer.registration, "disbursement_pending") {
        return Ok(());
    }
    if tags::has(&customer.registration, "disbursement_failed") {
        let failure = Failure {
            code: "disbursement_failed".to_owned(),
            message: "O Pix foi devolvido pelo banco do cliente.".to_owned(),
        };
        return done_or_impossible(loans::fail_disbursement(tx, tenant, now, id, failure));
    }
    done_or_impossible(loans::confirm_disbursement(tx, tenant, now, id, Actor::Sandbox, lender))?;
    let Some(loan) = store::loans::find(tx, tenant, id)? else { return Ok(()) };
    plan_payment(tx, now, &loan, &customer, Some(loan.first_due()))
}
