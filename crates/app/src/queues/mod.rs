//! The queues of the lender's work: their figures and their cases.
//!
//! Reasons: docs/decisions/0027.

mod assigning;
mod cases;
mod debtors;
mod figures;
mod looking;
mod marks;
mod place;

pub use assigning::{Assign, AssignRefused, assign};
pub use cases::{CaseView, Wanted, list};
pub use figures::{BucketFigures, QueueFigures, figures};
pub use looking::look;
pub use marks::{MARK, Taker};
pub use place::Place;
pub use store::cases::{Case, Taken};
