//! What this process keeps of the audit trail between requests.

mod clerk;
mod head;
mod refusals;

pub use clerk::Clerk;
pub use head::TrailHead;
pub use refusals::Refusals;
