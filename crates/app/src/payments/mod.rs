//! Payments: their recording, their reversal, and the charges of the payment page.

mod debt;
mod recording;

pub mod collection;

pub use debt::{QuoteRefused, debt, list, paid_at, payoff_quote};
pub use recording::{
    Excess, RecordPayment, RecordRefused, ReverseRefused, find, record, reverse, reversible,
};
pub use store::payments::RecordedPayment;
