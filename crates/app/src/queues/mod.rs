//! The queues of the lender's work: their figures and their cases.
//!
//! Reasons: docs/decisions/0027.

mod assigning;
mod cases;
mod completing;
mod debtors;
mod figures;
mod looking;
mod marks;
mod movements;
mod picking;
mod place;
mod view;
mod views;

pub use assigning::{Assign, AssignRefused, assign, assign_all};
pub use cases::{Wanted, list, these};
pub use figures::{
    BucketFigures, OverdueLoans, QueueCount, QueueFigures, Viewer, counts, figures, figures_of, overdue_loans,
};
pub use looking::look;
pub use marks::{MARK, Taker};
pub use movements::{ENDS_KEPT, HOURS, Movement, NamedMove, movements, newest, purge};
pub use picking::{next, takers};
pub use place::Place;
pub use store::case_ends::Move;
pub use store::cases::{Case, Taken};
pub use view::CaseView;
pub use views::{MOST_VIEWS, SaveView, TooManyViews, delete_view, save_view, views};
