//! Decisions that are made without a person, through the same use cases as a person's.
//!
//! In the sandbox the autopilot makes all that people make in production, about a second after they become
//! possible, steered by tags in the customer's e-mail address. In production the credit policy decides alone, where
//! one is configured, and no tag counts.

mod decisions;
mod paying;
mod steered;
mod tasks;

pub mod steering;

pub use decisions::perform;
pub use paying::{PaidByCode, pay_by_code};
pub use steered::steered_customer;
pub use store::jobs::Job;
pub use tasks::{Rules, Task, due_jobs, finish_job, next_due, partners_with_due, plan, plans_after, put_off};
