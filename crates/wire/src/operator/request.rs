//! Requests of partners, as the log has them.

use domain::request_log::{self, FoundRequests, LoggedBodies};
use serde::Serialize;
use utoipa::ToSchema;

use crate::reference::request::LoggedRequest;

/// A partner's request and its answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnersRequest {
    /// The partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: String,
    /// The request and its answer, as the partner sees them.
    pub request: LoggedRequest,
}

impl PartnersRequest {
    /// Renders an entry of the log.
    pub fn of(call: request_log::LoggedRequest) -> Self {
        Self::with_bodies((call, None))
    }

    /// Renders an entry of the log with its bodies, if they are kept.
    pub fn with_bodies((call, bodies): (request_log::LoggedRequest, Option<LoggedBodies>)) -> Self {
        Self { partner_id: call.partner.to_string(), request: LoggedRequest::with_bodies((call, bodies)) }
    }
}

/// A page of partners' requests, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnersRequestList {
    /// The requests that were found.
    pub data: Vec<PartnersRequest>,
    /// Whether the search goes on. A search compares a bounded number of requests for a page, so a page may have few
    /// requests, or none, and still go on.
    pub has_more: bool,
    /// Send this as `starting_after` to go on. Null at the end.
    #[schema(required, example = "rlog_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub next_starting_after: Option<String>,
}

impl PartnersRequestList {
    /// Renders a page of a search.
    pub fn of(found: FoundRequests) -> Self {
        let next_starting_after = found.next.map(|next| next.to_string());
        let data = found.items.into_iter().map(PartnersRequest::of).collect();
        Self { data, has_more: next_starting_after.is_some(), next_starting_after }
    }
}
