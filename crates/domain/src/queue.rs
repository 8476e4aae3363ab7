//! The lender's work: cases that wait for an operator, in queues.
//!
//! A case is a subject (a customer, a loan, a proposal or an e-mail) that waits in a queue. Its state decides the
//! queue: each state of a loan or a customer has at most one. Only the queue of overdue loans depends on the day.
//!
//! Reasons: docs/decisions/0027.

mod bucket;
mod kind;
mod level;
mod saved_view;
mod subject;

pub use self::bucket::Bucket;
pub use self::kind::Queue;
pub use self::level::ServiceLevels;
pub use self::saved_view::{Filter, SavedView, Who};
pub use self::subject::{CaseKind, CaseSubject};
