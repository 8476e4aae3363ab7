//! The sandbox of a partner: the clocks that it makes beside its main clock.
//!
//! Reasons: docs/decisions/0041.

mod clocks;
mod deleting;

pub use clocks::{AdvanceRefused, MakeRefused, NewClock, find, list, make, step, stop};
pub use deleting::{DeleteRefused, Left, ROWS_AT_ONCE, delete, reset_main};
pub use domain::clock::{ClockName, ClockStatus, MOST_CLOCKS, SandboxClock};
