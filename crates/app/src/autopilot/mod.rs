//! Decisions without a person, through the same use cases as a person's.
//!
//! In the sandbox the autopilot makes every decision that people make in production, about a second after it becomes
//! possible. Tags in the customer's e-mail address steer these decisions. In production the autopilot only decides
//! credit by the policy, if one is configured, and tags have no effect.

mod decisions;
mod paying;
mod serving;
mod steered;
mod tasks;

pub mod steering;

pub use decisions::perform;
pub use paying::{PaidByCode, PlannedPayment, coming_payments, pay_by_code};
pub use serving::{Submitting, missing_files, submit_addresses, submit_file};
pub use steered::steered_customer;
pub use store::jobs::Job;
pub use tasks::{Rules, Task, due_jobs, finish_job, next_due, partners_with_due, plan, plans_after, put_off};
