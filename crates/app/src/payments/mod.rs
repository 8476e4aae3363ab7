//! Payments: their recording, their reversal, the write-off of what is not paid, and the charges of the payment page.

mod debt;
mod recording;
mod write_off;

pub mod collection;

pub use debt::{QuoteRefused, debt, list, paid_at, payoff_quote};
pub use recording::{
    Excess, RecordPayment, RecordRefused, ReverseRefused, find, record, reverse, reversible,
};
pub use store::payments::RecordedPayment;
pub use write_off::{Writable, WriteLoanOff, WriteOffRefused, writable_off, write_off};
