//! Credit: the analysis of a customer, and the offers that it leads to.

mod analysis;

pub mod offers;

pub(crate) use analysis::make_allowed_offers;
pub use analysis::{Analysis, RecordDecision, analyse, decisions, is_decided, record_decision};
