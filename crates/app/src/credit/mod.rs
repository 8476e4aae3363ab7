//! Credit: the analysis of a customer, the decision of an operator, and the resulting offers.

mod analysis;
mod deciding;
mod pricing;
mod sheet;

pub mod offers;
pub mod policies;

pub(crate) use analysis::make_allowed_offers;
pub use analysis::{Analysis, RecordDecision, analyse, decisions, is_decided, known_inputs, record_decision};
pub(crate) use deciding::decidable;
pub use deciding::{Authority, Decide, DecideRefused, decide};
pub use pricing::{PriceRefused, price};
pub use sheet::{CreditSheet, Rules, Weighing, sheet};
