//! The part of the audit trail that this process keeps between requests.

mod clerk;
mod head;
mod refusals;

pub use clerk::Clerk;
pub use head::TrailHead;
pub use refusals::Refusals;
