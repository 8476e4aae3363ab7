//! Makes the decisions that are due: by the sandbox's autopilot, and in production by the credit policy only.

use std::sync::Arc;

use app::autopilot::{Job, Rules, Submitting, Task};
use app::kyc::NewDocument;
use app::spans::{Named, SpanKind};
use app::{Failed, StoreError, Tx, Wake, row_count};
use domain::credential::Environment;
use domain::id::{BiometricsSessionId, CustomerId, LoanId, PartnerId};
use domain::time::Timestamp;

use super::rest::{rest_after, sleep_until};
use crate::contract_files;
use crate::http::upload::{self, ReceivedFile};
use crate::state::AppState;

/// A grey square of one pixel in place of a real selfie.
const SELFIE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82";

/// The rules of these decisions.
pub fn rules(state: &AppState) -> Rules {
    Rules {
        environment: state.config.environment,
        lender: Arc::clone(&state.lender),
        policy: state.policies.known().policy,
        registry: state.registry,
    }
}

/// The rules by which events are planned. A node in production without a policy asks whether one has come into force.
pub(super) async fn planning_rules(state: &AppState) -> Result<Rules, StoreError> {
    if state.config.environment == Environment::Production && state.policies.known().policy.is_none() {
        state.policies.in_force(&state.store).await?;
    }
    Ok(rules(state))
}

/// Runs jobs as they become due.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(0) => {
                let due = state.store.read(app::autopilot::next_due).await;
                sleep_until(&state, Some(Wake::Jobs), due).await;
            }
            Ok(_more_may_be_due) => {}
            Err(error) => rest_after("autopilot", &error).await,
        }
    }
}

/// Runs the jobs that are due. Returns their number.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    let real = state.clock.now();
    let due = move |tx: &mut Tx<'_>| app::autopilot::partners_with_due(tx, real, MOST_AT_ONCE);
    let partners = state.store.read(due).await?;
    if partners.is_empty() {
        return Ok(0);
    }
    // A version that came into force on another node decides here too.
    state.policies.in_force(&state.store).await?;
    let rules = rules(state);
    let script = move |tx: &mut Tx<'_>| {
        let mut done = Done { jobs: 0, selfies: Vec::new(), unsent: Vec::new(), unset: Vec::new() };
        for partner in &partners {
            let now = app::clock::at(tx, *partner, real)?;
            let jobs = app::autopilot::due_jobs(tx, *partner, now, MOST_AT_ONCE - row_count(done.jobs))?;
            done.jobs += jobs.len();
            for job in jobs {
                take_up(tx, now, job, &rules, &mut done)?;
            }
            if row_count(done.jobs) >= MOST_AT_ONCE {
                break;
            }
        }
        Ok::<_, StoreError>(done)
    };
    let done = state.store.write(script).await?;
    for (job, session, now) in done.selfies {
        app::caused_by(job.cause.clone(), take_selfie(state, job, session, now)).await?;
    }
    for (job, customer, now) in done.unsent {
        app::caused_by(job.cause.clone(), send_files(state, job, customer, now)).await?;
    }
    for (job, task, loan, now) in done.unset {
        app::caused_by(job.cause.clone(), set_and_sign(state, job, task, loan, now)).await?;
    }
    Ok(done.jobs)
}

/// Renders the contract of a loan and makes the decision that waited for it.
async fn set_and_sign(
    state: &AppState, job: Job, task: Task, loan: LoanId, now: Timestamp,
) -> Result<(), StoreError> {
    match contract_files::fix(state, job.partner, loan).await {
        Ok(_sha256) => {
            let rules = rules(state);
            state.store.write(move |tx| perform(tx, now, &job, task, &rules)).await
        }
        Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
        Err(error) => {
            tracing::error!(%error, loan.id = %loan, "a contract could not be set; the server tries again later");
            Ok(())
        }
    }
}

/// Runs a job, or postpones it for work that cannot be done inside a transaction.
fn take_up(
    tx: &mut Tx<'_>, now: Timestamp, job: Job, rules: &Rules, done: &mut Done,
) -> Result<(), StoreError> {
    match Task::of(&job) {
        Some(Task::FinishBiometrics(session)) if rules.environment == Environment::Sandbox => {
            // The file is written outside any transaction. Until then no other node takes the job.
            app::autopilot::put_off(tx, now, &job)?;
            done.selfies.push((job, session, now));
            Ok(())
        }
        Some(Task::SendFiles(customer)) if rules.environment == Environment::Sandbox => {
            app::autopilot::put_off(tx, now, &job)?;
            done.unsent.push((job, customer, now));
            Ok(())
        }
        Some(task @ Task::SignLoan(loan)) if app::contracts::is_unset(tx, job.partner, loan)? => {
            // The document is rendered outside any transaction. Until then no other node takes the job.
            app::autopilot::put_off(tx, now, &job)?;
            done.unset.push((job, task, loan, now));
            Ok(())
        }
        Some(task) => perform(tx, now, &job, task, rules),
        None => app::autopilot::finish_job(tx, &job).map(drop),
    }
}

/// Most jobs in one transaction.
const MOST_AT_ONCE: i64 = 64;

/// The outcome of a transaction of the autopilot.
struct Done {
    jobs: usize,
    /// Sessions that still need their selfies.
    selfies: Vec<(Job, BiometricsSessionId, Timestamp)>,
    /// Customers whose files are still to be submitted.
    unsent: Vec<(Job, CustomerId, Timestamp)>,
    /// Loans that are signed after their contracts are rendered.
    unset: Vec<(Job, Task, LoanId, Timestamp)>,
}

/// Makes one decision. A failed decision is rolled back and retried later, without effect on the others.
fn perform(tx: &mut Tx<'_>, now: Timestamp, job: &Job, task: Task, rules: &Rules) -> Result<(), StoreError> {
    // Everything that the decision writes has the cause of its job.
    let decide = |tx: &mut Tx<'_>| app::autopilot::perform(tx, now, job, task, rules);
    let cause = tx.in_span(&job.cause, || {
        Named::new(SpanKind::Consumer, format!("job {}", job.kind)).text("dinie.job.id", job.id.to_string())
    });
    match tx.savepoint(|tx| tx.caused_by(cause, decide))? {
        Ok(()) => Ok(()),
        Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
        Err(error) => {
            let request = job.cause.request.as_deref();
            tracing::error!(%error, job.kind, request.id = request, "a decision could not be made; the server tries again later");
            app::autopilot::put_off(tx, now, job)
        }
    }
}

/// Finishes a hosted session in place of its customer, unless a person has opened its page.
async fn take_selfie(
    state: &AppState, job: Job, id: BiometricsSessionId, now: Timestamp,
) -> Result<(), StoreError> {
    let tenant = job.partner;
    let unvisited = state.store.read(move |tx| {
        let session = app::kyc::sessions::unvisited(tx, tenant, now, id)?;
        let Some(session) = session else { return Ok::<_, StoreError>(None) };
        let steered = app::autopilot::steered_customer(tx, tenant, session.customer)?;
        Ok(steered.map(|_customer| session))
    });
    let session = unvisited.await?;
    let file = match &session {
        Some(session) => selfie(state, tenant, session.customer).await?,
        None => None,
    };
    let limits = state.config.files;
    let (inside, done) = (file.clone(), job.clone());
    let outcome = state.store.write(move |tx| {
        let ours = app::autopilot::finish_job(tx, &done)?;
        match (&session, &inside) {
            (Some(session), Some(file)) if ours => {
                app::kyc::sessions::take_selfie(tx, now, session, file.clone(), limits)
                    .map(|_customer| SelfieAdded::Yes)
            }
            _nothing_to_take => Ok(SelfieAdded::No),
        }
    });
    match outcome.await {
        Ok(SelfieAdded::Yes) => Ok(()),
        Ok(SelfieAdded::No) => {
            upload::discard(state, tenant, file.map(ReceivedFile::Stored)).await;
            Ok(())
        }
        Err(Failed::Refused(_impossible_by_now)) => {
            upload::discard(state, tenant, file.map(ReceivedFile::Stored)).await;
            state.store.write(move |tx| app::autopilot::finish_job(tx, &job).map(drop)).await
        }
        // The commit may have succeeded. The purge worker checks that before it deletes.
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Submits the files that a customer's KYC lacks, in place of the customer.
async fn send_files(
    state: &AppState, job: Job, customer: CustomerId, now: Timestamp,
) -> Result<(), StoreError> {
    let by = Submitting { tenant: job.partner, customer, limits: state.config.files };
    let read = move |tx: &mut Tx<'_>| app::autopilot::steered_customer(tx, by.tenant, customer);
    let steered = state.store.read(read).await?;
    for target in steered.iter().flat_map(app::autopilot::missing_files) {
        let Some(file) = selfie(state, by.tenant, customer).await? else { break };
        let submit = move |tx: &mut Tx<'_>| app::autopilot::submit_file(tx, now, by, target, file.clone());
        // The purge worker deletes the file if it was refused.
        state.store.write(submit).await?;
    }
    let end = move |tx: &mut Tx<'_>| {
        app::autopilot::submit_addresses(tx, now, by)?;
        app::autopilot::finish_job(tx, &job).map(drop)
    };
    state.store.write(end).await
}

/// Whether the selfie has become part of the customer's KYC.
enum SelfieAdded {
    Yes,
    No,
}

/// A selfie of the customer; none if the customer's files have reached their limit.
async fn selfie(
    state: &AppState, tenant: PartnerId, customer: CustomerId,
) -> Result<Option<NewDocument>, StoreError> {
    let source = futures::stream::iter([Ok(bytes::Bytes::from_static(SELFIE))]);
    match upload::store_file(state, tenant, customer, source).await {
        Ok(ReceivedFile::Stored(file)) => Ok(Some(file)),
        Ok(ReceivedFile::WithoutRoom { .. }) => Ok(None),
        Err(_failed) => Err(StoreError::Unavailable("the sandbox's selfie could not be stored".into())),
    }
}
