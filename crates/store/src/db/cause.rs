//! The cause of the work of a task. Scripts take it over when they are submitted.
//!
//! It is a value of the task, so use cases and handlers need not pass it on. A spawned task begins without a cause.
//!
//! Reasons: docs/decisions/0044.

use domain::cause::Cause;

use crate::spans::Begun;

tokio::task_local! {
    static CAUSE: Cause;
}

/// Does work that something caused. All that its scripts write is stored with this cause.
pub async fn caused_by<F: Future>(cause: Cause, work: F) -> F::Output {
    CAUSE.scope(cause, work).await
}

/// The cause of this task's work; an empty one outside of [`caused_by`].
pub fn present() -> Cause {
    CAUSE.try_with(Clone::clone).unwrap_or_else(|_outside| Cause::default())
}

/// What caused a script, and the spans that it has begun.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) cause: Cause,
    pub(super) spans: Vec<Begun>,
}
