//! Credit: the analysis of a customer, and the resulting offers.

mod analysis;

pub mod offers;

pub(crate) use analysis::make_allowed_offers;
pub use analysis::{Analysis, RecordDecision, analyse, decisions, is_decided, record_decision};
