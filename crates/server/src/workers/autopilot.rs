//! The sandbox's autopilot: performs the decisions that have become due.

use std::sync::Arc;

use domain::id::BiometricsSessionId;
use store::jobs::Job;
use store::{Failed, StoreError, Tx, Wake};

use super::{rest_after, sleep_until};
use crate::app;
use crate::app::kyc::NewDocument;
use crate::app::sandbox::Task;
use crate::http::upload;
use crate::state::AppState;

/// A grey square of one pixel: the selfie that nobody took.
const SELFIE: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\0\0\0\nIDATx\x9cch\0\0\0\x82\0\x81w\xcdr\xb6\0\0\0\0IEND\xaeB`\x82";

/// Performs jobs as they become due.
pub async fn run(state: AppState) {
    loop {
        match tick(&state).await {
            Ok(0) => {
                let due = state.store.read(app::sandbox::next_due).await;
                sleep_until(&state, Some(Wake::Jobs), due).await;
            }
            Ok(_more_may_be_due) => {}
            Err(error) => rest_after("autopilot", &error).await,
        }
    }
}

/// Performs the job that is due; returns how many it was.
pub async fn tick(state: &AppState) -> Result<usize, StoreError> {
    let (now, lifetimes, book) = (state.clock.now(), state.config.lifetimes, Arc::clone(&state.rates));
    let script = move |tx: &mut Tx<'_>| {
        let Some(job) = app::sandbox::next_job(tx, now)? else { return Ok::<_, StoreError>(Next::Nothing) };
        let Some(task) = Task::of(&job) else {
            app::sandbox::finish_job(tx, &job)?;
            return Ok(Next::Done);
        };
        if let Task::FinishBiometrics(session) = task {
            // Its file is written outside any transaction; until then nobody else takes the job.
            app::sandbox::put_off(tx, now, &job)?;
            return Ok(Next::TakeSelfie(job, session));
        }
        match tx.savepoint(|tx| app::sandbox::perform(tx, now, &job, task, &lifetimes, &book))? {
            Ok(()) => Ok(Next::Done),
            Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => Err(error),
            Err(error) => {
                tracing::error!(%error, job.kind, "the autopilot could not decide; it tries again later");
                app::sandbox::put_off(tx, now, &job)?;
                Ok(Next::Done)
            }
        }
    };
    match state.store.write(script).await? {
        Next::Nothing => Ok(0),
        Next::Done => Ok(1),
        Next::TakeSelfie(job, session) => take_selfie(state, job, session).await.map(|()| 1),
    }
}

enum Next {
    Nothing,
    Done,
    TakeSelfie(Job, BiometricsSessionId),
}

/// Finishes a hosted session as its customer would, unless a person has opened its page.
async fn take_selfie(state: &AppState, job: Job, id: BiometricsSessionId) -> Result<(), StoreError> {
    let (now, tenant) = (state.clock.now(), job.partner);
    let unvisited = state.store.read(move |tx| {
        let session = app::sessions::unvisited(tx, tenant, now, id)?;
        let Some(session) = session else { return Ok::<_, StoreError>(None) };
        let steered = app::sandbox::steered_customer(tx, tenant, session.customer)?;
        Ok(steered.map(|_customer| session))
    });
    let session = unvisited.await?;
    let file = match &session {
        Some(_) => Some(selfie(state, tenant).await?),
        None => None,
    };
    let (inside, done) = (file.clone(), job.clone());
    let outcome = state.store.write(move |tx| {
        let ours = app::sandbox::finish_job(tx, &done)?;
        match (&session, &inside) {
            (Some(session), Some(file)) if ours => {
                app::sessions::take_selfie(tx, now, session, file.clone()).map(|_customer| Taken::Yes)
            }
            _nothing_to_take => Ok(Taken::No),
        }
    });
    match outcome.await {
        Ok(Taken::Yes) => Ok(()),
        Ok(Taken::No) => {
            upload::discard(state, tenant, file).await;
            Ok(())
        }
        Err(Failed::Refused(_impossible_by_now)) => {
            upload::discard(state, tenant, file).await;
            state.store.write(move |tx| app::sandbox::finish_job(tx, &job).map(drop)).await
        }
        // Whether it was committed is not known: the purge worker looks before it deletes.
        Err(Failed::Store(error)) => Err(error),
    }
}

/// Whether the selfie has become part of the customer's KYC.
enum Taken {
    Yes,
    No,
}

async fn selfie(state: &AppState, tenant: domain::id::PartnerId) -> Result<NewDocument, StoreError> {
    let source = futures::stream::iter([Ok(bytes::Bytes::from_static(SELFIE))]);
    upload::store_file(state, tenant, source)
        .await
        .map_err(|_refused| StoreError::Unavailable("the sandbox's selfie could not be stored".into()))
}
