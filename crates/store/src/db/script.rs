//! A submitted script and its way back to the caller. Its type is erased for the engines' queues.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use tracing::Span;

use super::caller::{Caller, Leaving};
use super::error::StoreError;
use super::failed::Retry;
use super::told::Told;
use super::tx::Tx;
use crate::spans::Outcome;

/// The outcome of a run of a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ran {
    /// Commit it.
    Good,
    /// Undo it and tell the caller why.
    Failed,
    /// Undo it and run it again.
    Again,
}

/// A script in an engine's queue.
pub(super) trait Script: Send {
    /// Runs the script and keeps its result.
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran;

    /// Sends the kept result to the caller, or the reason why it could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);

    /// The caller who waits for the answer. An engine skips a script whose caller has left, and ends a running one.
    fn caller(&self) -> &Caller;

    /// Its time limit; `None` if there is none.
    fn deadline(&self) -> Option<Duration>;

    /// The moment at which its caller asked for it.
    fn asked(&self) -> Instant;
}

/// The caller's end of a script. If it is dropped, the caller has left.
pub(super) struct Waiting<T, E> {
    answer: oneshot::Receiver<Result<T, E>>,
    leaving: Leaving,
}

impl<T, E: From<StoreError>> Waiting<T, E> {
    pub(super) async fn answer(self) -> Result<T, E> {
        let Self { answer, leaving: _leaves_with_this } = self;
        received(answer.await)
    }

    pub(super) fn answer_blocking(self) -> Result<T, E> {
        let Self { answer, leaving: _leaves_with_this } = self;
        received(answer.blocking_recv())
    }
}

fn received<T, E: From<StoreError>>(answer: Result<Result<T, E>, oneshot::error::RecvError>) -> Result<T, E> {
    answer.unwrap_or_else(|_| Err(StoreError::Unavailable("the script did not finish".into()).into()))
}

/// A script, its result after the run, and the caller's channel.
pub(super) struct Pending<F, T, E> {
    script: F,
    result: Option<Result<T, E>>,
    answer: oneshot::Sender<Result<T, E>>,
    caller: Caller,
    deadline: Option<Duration>,
    asked: Instant,
    told: Told,
    /// The caller's span. Its fields, such as the request's id, are in each line that the script logs.
    span: Span,
}

impl<F, T, E> Pending<F, T, E> {
    /// A script that only reads.
    pub(super) fn new(script: F, deadline: Option<Duration>) -> (Self, Waiting<T, E>) {
        Self::with(script, deadline, Told::begin(false))
    }

    /// A script that writes.
    pub(super) fn writing(script: F, deadline: Option<Duration>) -> (Self, Waiting<T, E>) {
        Self::with(script, deadline, Told::begin(true))
    }

    fn with(script: F, deadline: Option<Duration>, told: Told) -> (Self, Waiting<T, E>) {
        let (answer, receiver) = oneshot::channel();
        let caller = Caller::default();
        let waiting = Waiting { answer: receiver, leaving: Leaving(caller.clone()) };
        let (asked, span) = (Instant::now(), Span::current());
        (Self { script, result: None, answer, caller, deadline, asked, told, span }, waiting)
    }
}

/// Runs a script. A panic must not end the thread: the transaction is undone, and the caller gets a defect.
pub(super) fn run_caught<T, E: From<StoreError>>(
    script: &impl Fn(&mut Tx<'_>) -> Result<T, E>, tx: &mut Tx<'_>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| script(tx)))
        .unwrap_or_else(|_| Err(StoreError::Defect("a script panicked".into()).into()))
}

impl<F, T, E> Script for Pending<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Retry + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let Self { script, told, span, .. } = self;
        let result = span.in_scope(|| told.told(tx, |tx| run_caught(script, tx)));
        let ran = match &result {
            Ok(_) => Ran::Good,
            Err(error) if error.store_error() == Some(&StoreError::Conflict) => Ran::Again,
            Err(_) => Ran::Failed,
        };
        self.result = Some(result);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let result = match (committed, self.result) {
            (Ok(()), Some(result)) => result,
            (Err(error), _) => Err(error.into()),
            (Ok(()), None) => Err(StoreError::Unavailable("the script did not run".into()).into()),
        };
        let outcome = if result.is_ok() { Outcome::Good } else { Outcome::Failed };
        self.told.end(outcome);
        // The caller may have left, such as a request that timed out. Committed changes stay committed.
        let _gone = self.answer.send(result);
    }

    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn deadline(&self) -> Option<Duration> {
        self.deadline
    }

    fn asked(&self) -> Instant {
        self.asked
    }
}
