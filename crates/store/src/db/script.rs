//! A submitted script with its way back to the caller, its type erased for the engines' queues.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use super::{Retry, StoreError, Tx};

/// How a run of a script ended.
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

    /// Sends the kept result to the caller, or why it could not be committed.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);

    /// Whether the caller no longer waits and the script has not begun.
    fn is_abandoned(&self) -> bool;
}

/// A script, its result once it ran, and the caller's channel.
pub(super) struct Pending<F, T, E> {
    script: F,
    result: Option<Result<T, E>>,
    caller: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Pending<F, T, E> {
    pub(super) fn new(script: F) -> (Self, oneshot::Receiver<Result<T, E>>) {
        let (caller, answer) = oneshot::channel();
        (Self { script, result: None, caller }, answer)
    }
}

/// Runs a script; one that panics must not take its thread with it, and its transaction is undone.
pub(super) fn run_caught<T, E: From<StoreError>>(
    script: &impl Fn(&mut Tx<'_>) -> Result<T, E>,
    tx: &mut Tx<'_>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(|| script(tx)))
        .unwrap_or_else(|_| Err(StoreError::Unavailable("the script panicked".into()).into()))
}

impl<F, T, E> Script for Pending<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<StoreError> + Retry + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> Ran {
        let result = run_caught(&self.script, tx);
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
        // The caller may have gone (a request that timed out); what was committed stays committed.
        let _gone = self.caller.send(result);
    }

    fn is_abandoned(&self) -> bool {
        self.caller.is_closed()
    }
}
