//! The generation's scalars: money as strings, times as ISO 8601, percentages as numbers.

pub use crate::scalar::{Date, Percent, date};
pub use crate::text_scalar::{Money, Timestamp, money, timestamp};
