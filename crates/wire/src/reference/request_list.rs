//! A page of the partner's requests.

use domain::request_log::FoundRequests;
use serde::Serialize;
use utoipa::ToSchema;

use super::request::LoggedRequest;

/// A page of requests, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct LoggedRequestList {
    /// The requests that were found.
    data: Vec<LoggedRequest>,
    /// Whether the search goes on. A search compares a bounded number of requests for a page, so a page may have few
    /// requests, or none, and still go on.
    has_more: bool,
    /// Send this as `starting_after` to go on. Null at the end.
    #[schema(required, example = "rlog_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    next_starting_after: Option<String>,
}

impl LoggedRequestList {
    /// Renders a page of a search.
    pub fn of(found: FoundRequests) -> Self {
        let next_starting_after = found.next.map(|next| next.to_string());
        let data = found.items.into_iter().map(LoggedRequest::of).collect();
        Self { data, has_more: next_starting_after.is_some(), next_starting_after }
    }
}
