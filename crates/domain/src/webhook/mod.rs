//! Webhooks: endpoints, patterns, signatures, the retry schedule and the allowed network addresses.

pub mod delivery;
pub mod endpoint;
pub mod pattern;
pub mod retry;
pub mod signature;
pub mod target;
