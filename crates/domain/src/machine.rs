//! The common parts of every state machine of the domain: the result of a step and its refusal.
//!
//! A machine is a function `step(&State, Input) -> Result<Transition, Illegal>` without a `_` arm over states. So a
//! new state does not compile until each input is decided for it. The matrix of each machine is a snapshot in a
//! `snapshots` folder under `src`, which also documents the machine.

/// The state after a legal step, and the events of the step, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<S, E> {
    /// The state to store.
    pub(crate) next: S,
    /// The events, in order.
    pub(crate) events: Vec<E>,
}

impl<S, E> Transition<S, E> {
    /// The state after the step.
    pub fn next(&self) -> &S {
        &self.next
    }

    /// The events of the step, in order.
    pub fn events(&self) -> &[E] {
        &self.events
    }

    /// A step without events.
    pub fn silent(next: S) -> Self {
        Self { next, events: Vec::new() }
    }

    /// A step with one event.
    pub fn sending(next: S, event: E) -> Self {
        Self { next, events: vec![event] }
    }
}

/// The machine refuses this input in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{machine} in state {state} does not take {input}")]
pub struct Illegal {
    /// The machine's name.
    pub machine: &'static str,
    /// The state's name.
    pub state: &'static str,
    /// The input's name.
    pub input: &'static str,
}

/// Renders the matrix of a machine for its snapshot, one line for each state and input.
#[cfg(test)]
pub(crate) fn matrix<S, I, E>(
    states: &[S], inputs: &[I], step: impl Fn(&S, &I) -> Result<Transition<S, E>, Illegal>,
) -> String
where
    S: std::fmt::Debug,
    I: std::fmt::Debug,
    E: std::fmt::Debug,
{
    let mut lines = Vec::new();
    for state in states {
        for input in inputs {
            lines.push(match step(state, input) {
                Ok(Transition { next, events }) => {
                    format!("{state:?} + {input:?} -> {next:?} sends {events:?}")
                }
                Err(_) => format!("{state:?} + {input:?} -> refused"),
            });
        }
    }
    lines.join("\n")
}
