//! Loans: their creation, their steps, and queries.

mod opening;
mod payment_page;
mod reading;
mod steps;

pub use opening::{CreateLoan, CreateLoanRefused, Mismatch, create};
pub use payment_page::page_token;
pub use reading::{find, find_of_any, installments, list, summary};
pub(crate) use steps::destination;
pub use steps::{
    StepRefused, cancel, cancel_unsigned, confirm_disbursement, disbursable, fail_disbursement,
    next_deadline, pay_again, payable_again, start_disbursement,
};
pub use store::loans::LoanFilter;
