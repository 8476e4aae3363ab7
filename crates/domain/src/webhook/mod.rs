//! Webhooks: endpoints, patterns, signatures, the retry schedule and which targets may be called.

pub mod delivery;
pub mod endpoint;
pub mod pattern;
pub mod retry;
pub mod signature;
pub mod target;
