//! Decisions to be made, as jobs: planned after events and taken when they are due.

use std::sync::Arc;
use std::time::Duration;

use domain::credential::Environment;
use domain::credit::policy::Policy;
use domain::customer::CustomerEvent;
use domain::event::{DomainEvent, Event, EventKind};
use domain::id::{BiometricsSessionId, CustomerId, LoanId, PartnerId};
use domain::loan::{LoanEvent, LoanEventKind};
use domain::spelled;
use domain::time::{RealTime, Timestamp};
use store::jobs::{Job, NewJob};
use store::{StoreError, Tx};

use crate::customers::registry::CompanyRegistry;
use crate::lender::Lender;
use crate::tags;

/// The inputs of decisions.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Sandbox or production.
    pub environment: Environment,
    /// The lender, with the rate table and the lifetimes.
    pub lender: Arc<Lender>,
    /// The policy that decides credit. Without one only operators decide.
    pub policy: Option<Arc<Policy>>,
    /// The company registry.
    pub registry: CompanyRegistry,
}

/// A decision that is made without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Decide the credit of a new customer.
    AnalyseCredit(CustomerId),
    /// Submit the files that a customer's KYC lacks.
    SendFiles(CustomerId),
    /// Review a customer's KYC.
    ReviewKyc(CustomerId),
    /// Take the selfie of a hosted session that nobody has opened.
    FinishBiometrics(BiometricsSessionId),
    /// Take a loan of a customer's offer.
    TakeLoan(CustomerId),
    /// Sign a loan for each of its signers.
    SignLoan(LoanId),
    /// Order a signed loan's disbursement.
    StartDisbursement(LoanId),
    /// Confirm a disbursement, or let it fail.
    SettleDisbursement(LoanId),
    /// Pay the oldest open installment of a customer who pays.
    PayInstallment(LoanId),
}

// The names in stored jobs.
spelled!(TaskKind of Task {
    AnalyseCredit = "analyse_credit",
    SendFiles = "send_files",
    ReviewKyc = "review_kyc",
    FinishBiometrics = "finish_biometrics",
    TakeLoan = "take_loan",
    SignLoan = "sign_loan",
    StartDisbursement = "start_disbursement",
    SettleDisbursement = "settle_disbursement",
    PayInstallment = "pay_installment",
});

impl Task {
    /// The id of its resource.
    pub fn subject(self) -> String {
        match self {
            Self::AnalyseCredit(id) | Self::SendFiles(id) | Self::ReviewKyc(id) | Self::TakeLoan(id) => {
                id.to_string()
            }
            Self::FinishBiometrics(id) => id.to_string(),
            Self::SignLoan(id)
            | Self::StartDisbursement(id)
            | Self::SettleDisbursement(id)
            | Self::PayInstallment(id) => id.to_string(),
        }
    }

    /// Reads a stored job; `None` if its kind or its subject cannot be read.
    pub fn of(job: &Job) -> Option<Self> {
        match job.kind.parse().ok()? {
            TaskKind::AnalyseCredit => job.subject.parse().ok().map(Self::AnalyseCredit),
            TaskKind::SendFiles => job.subject.parse().ok().map(Self::SendFiles),
            TaskKind::ReviewKyc => job.subject.parse().ok().map(Self::ReviewKyc),
            TaskKind::FinishBiometrics => job.subject.parse().ok().map(Self::FinishBiometrics),
            TaskKind::TakeLoan => job.subject.parse().ok().map(Self::TakeLoan),
            TaskKind::SignLoan => job.subject.parse().ok().map(Self::SignLoan),
            TaskKind::StartDisbursement => job.subject.parse().ok().map(Self::StartDisbursement),
            TaskKind::SettleDisbursement => job.subject.parse().ok().map(Self::SettleDisbursement),
            TaskKind::PayInstallment => job.subject.parse().ok().map(Self::PayInstallment),
        }
    }
}

/// Schedules the decisions that events make possible.
pub fn plan(tx: &mut Tx<'_>, rules: &Rules, events: &[Event]) -> Result<(), StoreError> {
    let planned: Vec<NewJob> = events.iter().flat_map(|event| planned(rules, event)).collect();
    store::jobs::insert_all(tx, &planned)
}

/// Whether an event of this stored kind can make a decision possible. After other kinds [`plan`] plans nothing.
pub fn plans_after(rules: &Rules, kind: &str) -> bool {
    let kinds: &[EventKind] = match (rules.environment, &rules.policy) {
        (Environment::Sandbox, _) => &[
            EventKind::Customer(CustomerEvent::Created),
            EventKind::Customer(CustomerEvent::UnderReview),
            EventKind::Customer(CustomerEvent::Active),
            EventKind::Loan(LoanEventKind::AwaitingSignatures),
            EventKind::Loan(LoanEventKind::Signed),
            EventKind::Loan(LoanEventKind::Disbursing),
            EventKind::BiometricsOpened,
        ],
        (Environment::Production, Some(_)) => &[EventKind::Customer(CustomerEvent::Created)],
        (Environment::Production, None) => &[],
    };
    kinds.iter().any(|planned| planned.name() == kind)
}

/// The decisions that an event makes possible.
fn planned(rules: &Rules, event: &Event) -> Vec<NewJob> {
    // An event that the fan-out does not open plans nothing. So an event of the same kind that was opened for an
    // endpoint must not plan anything either.
    if !plans_after(rules, event.domain_event.kind().name()) {
        return Vec::new();
    }
    let tasks = match rules.environment {
        Environment::Sandbox => tasks_after(&event.domain_event),
        Environment::Production => analysis_after(&event.domain_event).into_iter().collect(),
    };
    let (partner, planned_at) = (event.partner, event.occurred_at);
    let job = |(task, delay): (Task, Duration)| {
        let due_at = planned_at.plus(delay);
        let cause = event.cause.clone();
        NewJob { partner, planned_at, kind: task.name(), subject: task.subject(), due_at, cause }
    };
    tasks.into_iter().map(job).collect()
}

/// The decisions that the policy makes in production, at once.
fn analysis_after(domain_event: &DomainEvent) -> Option<(Task, Duration)> {
    match domain_event {
        DomainEvent::Customer(CustomerEvent::Created, file) => {
            Some((Task::AnalyseCredit(file.customer.id), Duration::ZERO))
        }
        DomainEvent::Customer(..)
        | DomainEvent::Offer(..)
        | DomainEvent::Loan(..)
        | DomainEvent::BiometricsOpened(..) => None,
    }
}

/// The autopilot's tasks in the sandbox after an event, each with the time until it is due.
fn tasks_after(domain_event: &DomainEvent) -> Vec<(Task, Duration)> {
    let (soon, later) = (Duration::from_secs(1), Duration::from_secs(2));
    match domain_event {
        DomainEvent::Customer(event, file) => {
            let id = file.customer.id;
            let has = |tag| tags::has(&file.customer.registration, tag);
            match event {
                _decided_by_people if has("manual") => Vec::new(),
                CustomerEvent::Created if has("sends_files") => {
                    vec![(Task::AnalyseCredit(id), soon), (Task::SendFiles(id), soon)]
                }
                CustomerEvent::Created => vec![(Task::AnalyseCredit(id), soon)],
                CustomerEvent::UnderReview => vec![(Task::ReviewKyc(id), soon)],
                CustomerEvent::Active if has("takes_loan") => vec![(Task::TakeLoan(id), soon)],
                CustomerEvent::Active | CustomerEvent::Denied | CustomerEvent::KycUpdated => Vec::new(),
            }
        }
        DomainEvent::Loan(LoanEvent::AwaitingSignatures, loan) => vec![(Task::SignLoan(loan.id), soon)],
        DomainEvent::Loan(LoanEvent::Signed, loan) => vec![(Task::StartDisbursement(loan.id), soon)],
        DomainEvent::Loan(LoanEvent::Disbursing, loan) => vec![(Task::SettleDisbursement(loan.id), soon)],
        DomainEvent::BiometricsOpened(session, _) => vec![(Task::FinishBiometrics(*session), later)],
        DomainEvent::Offer(..) | DomainEvent::Loan(..) => Vec::new(),
    }
}

/// The partners with due jobs.
pub fn partners_with_due(tx: &mut Tx<'_>, real: RealTime, limit: i64) -> Result<Vec<PartnerId>, StoreError> {
    store::jobs::partners_with_due(tx, real, limit)
}

/// A partner's jobs that are due by its clock, the earliest due first.
pub fn due_jobs(
    tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp, limit: i64,
) -> Result<Vec<Job>, StoreError> {
    store::jobs::due(tx, partner, now, limit)
}

/// Real time of the next due job.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    store::jobs::next_due(tx)
}

/// Ends a job that is done or whose time has passed; `false` if another node has ended it.
pub fn finish_job(tx: &mut Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    store::jobs::remove(tx, job)
}

/// Delays a job after a failure, longer each time. After ten failures the job is dropped.
pub fn put_off(tx: &mut Tx<'_>, now: Timestamp, job: &Job) -> Result<(), StoreError> {
    if job.attempts >= 10 {
        return store::jobs::remove(tx, job).map(drop);
    }
    let seconds = (job.attempts + 1).max(1).unsigned_abs().pow(2);
    store::jobs::put_off(tx, job, now.plus(Duration::from_secs(seconds)))
}
