//! The parts that all state machines share: the result of a step and its refusal.
//!
//! A machine is a function `step(&State, Input) -> Result<Transition, Illegal>` without a `_` arm over
//! states, so a new state does not compile until each input is decided for it. The whole matrix of each
//! machine is a snapshot under `src/snapshots`, which is also its documentation.

/// The state after a legal step and the events that it sends, oldest first.
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

    /// A step that sends nothing.
    pub fn silent(next: S) -> Self {
        Self { next, events: Vec::new() }
    }

    /// A step that sends one event.
    pub fn sending(next: S, event: E) -> Self {
        Self { next, events: vec![event] }
    }
}

/// The machine does not take this input in this state.
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

/// Renders a machine's whole matrix, one line per state and input, for its snapshot.
#[cfg(test)]
pub(crate) fn matrix<S, I, E>(
    states: &[S],
    inputs: &[I],
    step: impl Fn(&S, &I) -> Result<Transition<S, E>, Illegal>,
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
