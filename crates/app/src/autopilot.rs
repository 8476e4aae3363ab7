//! Decisions that are made without a person, through the same use cases as a person's.
//!
//! In the sandbox the autopilot makes all that people make in production, about a second after they become
//! possible, steered by tags in the customer's e-mail address. In production the credit policy decides alone, where
//! one is configured, and no tag counts.

use std::sync::Arc;
use std::time::Duration;

use domain::actor::Actor;
use domain::credential::Environment;
use domain::credit::Outcome;
use domain::credit::policy::Policy;
use domain::customer::{Customer, CustomerEvent, CustomerFile};
use domain::event::{Event, EventKind, Happening};
use domain::id::{BiometricsSessionId, CustomerId, LoanId, PartnerId};
use domain::kyc::{Requirement, RequirementKind};
use domain::loan::account::{PaymentKind, Terms};
use domain::loan::iof::IofRegime;
use domain::loan::pricing::{Charges, Product};
use domain::loan::rates::RateBook;
use domain::loan::{Failure, Loan, LoanEvent, LoanState};
use domain::money::{Cents, Rate};
use domain::offer::{OfferTerms, Term};
use domain::tagged::Tagged;
use domain::time::{Date, Timestamp};
use jiff::Span;
use store::jobs::{Job, NewJob};
use store::{StoreError, Tx};

use super::credit::{Analysis, RecordDecision};
use super::payments::{self, Excess, RecordPayment};
use super::registry::CompanyRegistry;
use super::review::{Judgement, Verdict};
use super::{Failed, Lender, Lifetimes, NotFound, collection, credit, loans, review, signing};

/// The version of the tags' meaning in recorded decisions.
const TAGS: &str = "sandbox-1";

/// By what decisions are made.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Which world it is.
    pub environment: Environment,
    /// In whose name loans are made, by which rates, and how long things last.
    pub lender: Arc<Lender>,
    /// What decides credit; without it only operators do.
    pub policy: Option<Arc<Policy>>,
    /// Who knows companies.
    pub registry: CompanyRegistry,
}

/// A decision that is made without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Decide the credit of a new customer.
    AnalyseCredit(CustomerId),
    /// Review a customer's KYC.
    ReviewKyc(CustomerId),
    /// Take the selfie of a hosted session that nobody has opened.
    FinishBiometrics(BiometricsSessionId),
    /// Sign a loan for each of its signers.
    SignLoan(LoanId),
    /// Order a signed loan's disbursement.
    StartDisbursement(LoanId),
    /// Confirm a disbursement, or let it fail.
    SettleDisbursement(LoanId),
    /// Pay the oldest open installment of a customer who pays.
    PayInstallment(LoanId),
}

impl Task {
    fn kind(self) -> &'static str {
        match self {
            Self::AnalyseCredit(_) => "analyse_credit",
            Self::ReviewKyc(_) => "review_kyc",
            Self::FinishBiometrics(_) => "finish_biometrics",
            Self::SignLoan(_) => "sign_loan",
            Self::StartDisbursement(_) => "start_disbursement",
            Self::SettleDisbursement(_) => "settle_disbursement",
            Self::PayInstallment(_) => "pay_installment",
        }
    }

    fn subject(self) -> String {
        match self {
            Self::AnalyseCredit(id) | Self::ReviewKyc(id) => id.to_string(),
            Self::FinishBiometrics(id) => id.to_string(),
            Self::SignLoan(id)
            | Self::StartDisbursement(id)
            | Self::SettleDisbursement(id)
            | Self::PayInstallment(id) => id.to_string(),
        }
    }

    /// Reads a stored job; `None` where its subject does not read.
    pub fn of(job: &Job) -> Option<Self> {
        match job.kind.as_str() {
            "analyse_credit" => job.subject.parse().ok().map(Self::AnalyseCredit),
            "review_kyc" => job.subject.parse().ok().map(Self::ReviewKyc),
            "finish_biometrics" => job.subject.parse().ok().map(Self::FinishBiometrics),
            "sign_loan" => job.subject.parse().ok().map(Self::SignLoan),
            "start_disbursement" => job.subject.parse().ok().map(Self::StartDisbursement),
            "settle_disbursement" => job.subject.parse().ok().map(Self::SettleDisbursement),
            "pay_installment" => job.subject.parse().ok().map(Self::PayInstallment),
            _unknown => None,
        }
    }
}

/// Schedules the decisions that events make possible.
pub fn plan(tx: &mut Tx<'_>, rules: &Rules, events: &[Event]) -> Result<(), StoreError> {
    let planned: Vec<NewJob> = events.iter().filter_map(|event| planned(rules, event)).collect();
    store::jobs::insert_all(tx, &planned)
}

/// Whether an event of this stored kind can make a decision possible. [`plan`] finds none after any other.
pub fn plans_after(rules: &Rules, kind: &str) -> bool {
    let kinds: &[EventKind] = match (rules.environment, &rules.policy) {
        (Environment::Sandbox, _) => &[
            EventKind::CustomerCreated,
            EventKind::CustomerUnderReview,
            EventKind::LoanAwaitingSignatures,
            EventKind::LoanSigned,
            EventKind::LoanDisbursing,
            EventKind::BiometricsOpened,
        ],
        (Environment::Production, Some(_)) => &[EventKind::CustomerCreated],
        (Environment::Production, None) => &[],
    };
    kinds.iter().any(|planned| planned.name() == kind)
}

/// The decision that an event makes possible, if there is one.
fn planned(rules: &Rules, event: &Event) -> Option<NewJob> {
    // An event that is not opened plans nothing, so one that happens to be open must not either.
    if !plans_after(rules, event.happening.kind().name()) {
        return None;
    }
    let (task, delay) = match rules.environment {
        Environment::Sandbox => task_after(&event.happening),
        Environment::Production => analysis_after(&event.happening),
    }?;
    let (partner, planned_at) = (event.partner, event.occurred_at);
    let due_at = planned_at.plus(delay);
    Some(NewJob { partner, planned_at, kind: task.kind(), subject: task.subject(), due_at })
}

/// What the policy decides in production, at once.
fn analysis_after(happening: &Happening) -> Option<(Task, Duration)> {
    match happening {
        Happening::Customer(CustomerEvent::Created, file) => {
            Some((Task::AnalyseCredit(file.customer.id), Duration::ZERO))
        }
        Happening::Customer(
            CustomerEvent::UnderReview
            | CustomerEvent::Active
            | CustomerEvent::Denied
            | CustomerEvent::KycUpdated,
            _,
        )
        | Happening::Offer(..)
        | Happening::Loan(..)
        | Happening::BiometricsOpened(..) => None,
    }
}

/// What the autopilot does in the sandbox.
fn task_after(happening: &Happening) -> Option<(Task, Duration)> {
    let soon = Duration::from_secs(1);
    match happening {
        Happening::Customer(event, file) => match event {
            CustomerEvent::Created => Some((Task::AnalyseCredit(file.customer.id), soon)),
            CustomerEvent::UnderReview => Some((Task::ReviewKyc(file.customer.id), soon)),
            CustomerEvent::Active | CustomerEvent::Denied | CustomerEvent::KycUpdated => None,
        }
        .filter(|_| !file.customer.has_tag("manual")),
        Happening::Offer(..) => None,
        Happening::Loan(event, loan) => match event {
            LoanEvent::AwaitingSignatures => Some((Task::SignLoan(loan.id), soon)),
            LoanEvent::Signed => Some((Task::StartDisbursement(loan.id), soon)),
            LoanEvent::Disbursing => Some((Task::SettleDisbursement(loan.id), soon)),
            LoanEvent::Created
            | LoanEvent::ContractGenerated
            | LoanEvent::SignatureReceived
            | LoanEvent::Active
            | LoanEvent::PaymentReceived(_)
            | LoanEvent::Finished
            | LoanEvent::Cancelled
            | LoanEvent::Error => None,
        },
        Happening::BiometricsOpened(session, _) => {
            Some((Task::FinishBiometrics(*session), Duration::from_secs(2)))
        }
    }
}

/// The partners with jobs that are due.
pub fn partners_with_due(tx: &mut Tx<'_>, real: Timestamp, limit: i64) -> Result<Vec<PartnerId>, StoreError> {
    store::jobs::partners_with_due(tx, real, limit)
}

/// A partner's jobs that are due by its clock, the longest due first.
pub fn due_jobs(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Job>, StoreError> {
    store::jobs::due(tx, partner, now, limit)
}

/// When the next job is due, in real time.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    store::jobs::next_due(tx)
}

/// Ends a job that has been done, or whose moment has passed; `false` where another node has.
pub fn finish_job(tx: &mut Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    store::jobs::remove(tx, job)
}

/// Puts a job off after a failure, longer each time; after ten it is dropped.
pub fn put_off(tx: &mut Tx<'_>, now: Timestamp, job: &Job) -> Result<(), StoreError> {
    if job.attempts >= 10 {
        return store::jobs::remove(tx, job).map(drop);
    }
    let seconds = (job.attempts + 1).max(1).unsigned_abs().pow(2);
    store::jobs::put_off(tx, job, now.plus(Duration::from_secs(seconds)))
}

/// Makes a decision and ends its job, in one transaction. A decision that has become impossible (somebody
/// made it by hand) is no error.
pub fn perform(
    tx: &mut Tx<'_>,
    now: Timestamp,
    job: &Job,
    task: Task,
    rules: &Rules,
) -> Result<(), StoreError> {
    if !finish_job(tx, job)? {
        return Ok(());
    }
    match rules.environment {
        Environment::Sandbox => steer(tx, now, job, task, rules),
        Environment::Production => match task {
            Task::AnalyseCredit(id) => by_policy(tx, job.partner, now, id, rules),
            // People decide these; nobody plans them.
            Task::ReviewKyc(_)
            | Task::FinishBiometrics(_)
            | Task::SignLoan(_)
            | Task::StartDisbursement(_)
            | Task::SettleDisbursement(_)
            | Task::PayInstallment(_) => Ok(()),
        },
    }
}

fn steer(tx: &mut Tx<'_>, now: Timestamp, job: &Job, task: Task, rules: &Rules) -> Result<(), StoreError> {
    let (tenant, lender) = (job.partner, &*rules.lender);
    let (lifetimes, book) = (&lender.lifetimes, &*lender.book);
    match task {
        Task::AnalyseCredit(id) => analyse(tx, tenant, now, id, rules),
        Task::ReviewKyc(id) => review_kyc(tx, tenant, now, id, lifetimes),
        Task::SignLoan(id) => sign(tx, tenant, now, id, lender),
        Task::StartDisbursement(id) => match steered_loan(tx, tenant, id)? {
            Some(_) => done_or_impossible(loans::start_disbursement(tx, tenant, now, id)),
            None => Ok(()),
        },
        Task::SettleDisbursement(id) => settle(tx, tenant, now, id, lender),
        Task::PayInstallment(id) => pay(tx, tenant, now, job.due_at, id, book),
        // The worker takes the selfie, as its file is written outside any transaction.
        Task::FinishBiometrics(_) => Ok(()),
    }
}

fn done_or_impossible<T, R>(outcome: Result<T, Failed<R>>) -> Result<(), StoreError> {
    match outcome {
        Ok(_) | Err(Failed::Refused(_)) => Ok(()),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// The customer, unless the autopilot is to leave it alone.
pub fn steered_customer(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    id: CustomerId,
) -> Result<Option<CustomerFile>, StoreError> {
    Ok(store::customers::find(tx, tenant, id)?.filter(|file| !file.customer.has_tag("manual")))
}

fn steered_loan(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    id: LoanId,
) -> Result<Option<(Loan, Customer)>, StoreError> {
    let Some(loan) = store::loans::find(tx, tenant, id)? else { return Ok(None) };
    let customer = steered_customer(tx, tenant, loan.customer)?;
    Ok(customer.map(|file| (loan, file.customer)))
}

/// Decides credit as the customer's tags say, or by the policy where they say nothing.
fn analyse(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: CustomerId,
    rules: &Rules,
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
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: CustomerId,
    rules: &Rules,
) -> Result<(), StoreError> {
    let Some(policy) = &rules.policy else { return Ok(()) };
    let analysis =
        Analysis { policy, registry: rules.registry, offer_lifetime: rules.lender.lifetimes.offer };
    done_or_impossible(credit::analyse(tx, tenant, now, id, &analysis))
}

/// What the customer's tags decide, and why.
fn tagged_outcome(customer: &Customer) -> Option<(Outcome, &'static str)> {
    if customer.has_tag("no_offer") {
        return Some((Outcome::Refused, "tag no_offer"));
    }
    let reason = match (customer.has_tag("range_offer"), customer.has_tag("small_offer")) {
        (true, false) => "tag range_offer",
        (false, true) => "tag small_offer",
        (true, true) => "tags range_offer, small_offer",
        (false, false) => return None,
    };
    Some((Outcome::Approved(tagged_terms(customer)), reason))
}

/// The terms of a tagged offer: small or not, over a range of installments or over six.
fn tagged_terms(customer: &Customer) -> OfferTerms {
    let small = customer.has_tag("small_offer");
    let regime = IofRegime::of(customer.registration.cnpj, customer.legal_nature);
    let range = customer.has_tag("range_offer");
    OfferTerms {
        approved_amount: Cents::new(if small { 500_000 } else { 5_000_000 }),
        min_amount: Cents::new(100_000),
        interest_rate: Rate::from_scaled(if small { 1_990_000 } else { 3_500_000 }),
        term: if range { Term::Range { min: 3, max: 24 } } else { Term::Fixed(6) },
        product: Product { fee: Product::DEFAULT_FEE, regime, charges: Charges::Financed },
    }
}

fn review_kyc(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: CustomerId,
    lifetimes: &Lifetimes,
) -> Result<(), StoreError> {
    let Some(file) = steered_customer(tx, tenant, id)? else { return Ok(()) };
    if file.customer.has_tag("denied") {
        return done_or_impossible(review::refuse(tx, tenant, now, id, None));
    }
    let accepted = |requirement: &Requirement| Judgement {
        key: requirement.key,
        documents: requirement.documents(),
        verdict: Verdict::Accept,
    };
    let mut judgements: Vec<_> = file.kyc.awaiting_review().map(accepted).collect();
    if file.customer.has_tag("kyc_rejected") && file.kyc.corrections == 0 {
        let is_document = |kind| !matches!(kind, RequirementKind::RegistrationField(_));
        if let Some(judgement) = judgements.iter_mut().find(|judgement| is_document(judgement.key.kind)) {
            let reason = "Documento ilegível. Envie uma foto nítida, sem cortes.".to_owned();
            judgement.verdict = Verdict::Reject { reason };
        }
    }
    done_or_impossible(review::decide(tx, tenant, now, id, &judgements, lifetimes.offer))
}

fn sign(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
    lender: &Lender,
) -> Result<(), StoreError> {
    let Some((loan, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    if customer.has_tag("never_signs") {
        return Ok(());
    }
    for signer in loan.signers.iter().filter(|signer| signer.signed_at.is_none()) {
        done_or_impossible(signing::sign_in_sandbox(tx, tenant, now, id, signer.subject, lender))?;
    }
    Ok(())
}

fn settle(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    id: LoanId,
    lender: &Lender,
) -> Result<(), StoreError> {
    let Some((_, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    if customer.has_tag("disbursement_failed") {
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

/// Schedules the payment of an installment, by a customer who pays.
fn plan_payment(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    customer: &Customer,
    due: Option<Date>,
) -> Result<(), StoreError> {
    let late = match (customer.has_tag("pays_on_time"), customer.has_tag("pays_late")) {
        (true, _) => 0,
        (false, true) => 10,
        (false, false) => return Ok(()),
    };
    let day = due.map(|due| due.saturating_add(Span::new().days(late)));
    let Some(day) = day.filter(|_| matches!(loan.state, LoanState::Active { .. })) else { return Ok(()) };
    let task = Task::PayInstallment(loan.id);
    let at = Timestamp::end_of_business_date(day);
    store::jobs::insert(tx, loan.partner, now, task.kind(), &task.subject(), at)
}

/// What became of a payment by code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaidByCode {
    /// It was received.
    Yes,
    /// The charge is over: it was paid before, or there is a new code.
    Over,
}

/// Pays a charge as its customer would who reads the code on the payment page.
pub fn pay_by_code(
    tx: &mut Tx<'_>,
    real: Timestamp,
    charge: Tagged,
    lender: &Lender,
) -> Result<PaidByCode, StoreError> {
    let open = match collection::find_charge(tx, real, charge, lender) {
        Ok(open) => open,
        Err(Failed::Refused(_over_or_unknown)) => return Ok(PaidByCode::Over),
        Err(Failed::Store(error)) => return Err(error),
    };
    let now = open.asked_at;
    let command = RecordPayment {
        loan: open.loan.id,
        reference: format!("sandbox-pix-{charge}"),
        amount: open.amount,
        paid_at: now,
        kind: PaymentKind::Installments,
        excess: Excess::UpTo(Cents::ZERO),
        actor: Actor::Sandbox,
    };
    match payments::record(tx, open.loan.partner, now, &command, &lender.book) {
        Ok(_recorded) => Ok(PaidByCode::Yes),
        Err(Failed::Refused(_over_meanwhile)) => Ok(PaidByCode::Over),
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Pays the oldest open installment with its charges, as of the moment at which the customer was to.
fn pay(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    now: Timestamp,
    at: Timestamp,
    id: LoanId,
    book: &RateBook,
) -> Result<(), StoreError> {
    let Some((loan, customer)) = steered_loan(tx, tenant, id)? else { return Ok(()) };
    let account = match payments::account(tx, tenant, id, book) {
        Ok(account) => account,
        Err(Failed::Refused(NotFound)) => return Ok(()),
        Err(Failed::Store(error)) => return Err(error),
    };
    let mut open = account.positions.iter().filter(|position| position.settled_at.is_none());
    let Some(oldest) = open.next() else { return Ok(()) };
    let terms = Terms { monthly_rate: loan.quote.monthly_rate, book };
    let command = RecordPayment {
        loan: id,
        // The day too: a payment that was taken back is followed by another.
        reference: format!("sandbox-{id}-{}-{}", oldest.number, at.business_date()),
        amount: oldest.accrued(at.business_date(), terms).owed(),
        paid_at: at,
        kind: PaymentKind::Installments,
        excess: Excess::UpTo(Cents::ZERO),
        actor: Actor::Sandbox,
    };
    done_or_impossible(payments::record(tx, tenant, now, &command, book))?;
    plan_payment(tx, now, &loan, &customer, open.next().map(|position| position.due))
}
