//! Payments: recorded, taken back, and asked for by the payment page.

mod account;
mod recording;

pub mod collection;

pub use account::{QuoteRefused, account, list, payoff_quote};
pub use recording::{Excess, RecordPayment, RecordRefused, ReverseRefused, record, reverse};
pub use store::payments::RecordedPayment;
