//! The request log: calls of partners, kept so that people can look them up.

use std::time::Duration;

use crate::access::Origin;
use crate::credential::ClientId;
use crate::id::{LoggedRequestId, PartnerId};
use crate::page::Limit;
use crate::time::{RealTime, Span, Timestamp};
use crate::webhook::endpoint::Generation;

/// A call of a partner with its answer. No text in it holds personal data, apart from the origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedRequest {
    /// The entry's id. It sorts by the moment of the call.
    pub id: LoggedRequestId,
    /// The partner whose credential made the call.
    pub partner: PartnerId,
    /// The moment at which the call arrived.
    pub at: RealTime,
    /// The partner's time at which the call arrived. In a sandbox its clock may be ahead.
    pub on_clock: Timestamp,
    /// The generation of the called path.
    pub generation: Generation,
    /// The id in the answer's `x-request-id`. A caller may give its own, also the same one twice.
    pub request_id: String,
    /// The HTTP method.
    pub method: String,
    /// The template of the path; `unmatched` if the server has no such path.
    pub route: String,
    /// The path, masked.
    pub path: String,
    /// The query, masked; `None` without one.
    pub query: Option<String>,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The time until the answer was ready.
    pub took: Duration,
    /// The credential.
    pub client: ClientId,
    /// The idempotency key, if one was sent.
    pub idempotency_key: Option<String>,
    /// Whether the answer is the stored one of an earlier call with this key.
    pub replayed: bool,
    /// The address and the program that made the call.
    pub origin: Origin,
    /// The problem that was answered, if any.
    pub problem: Option<LoggedProblem>,
    /// The ids in the path and in the answer.
    pub resources: Vec<String>,
}

/// A problem that was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedProblem {
    /// Its code.
    pub code: String,
    /// Its title.
    pub title: String,
    /// Its detail, masked.
    pub detail: String,
    /// The wrong fields.
    pub errors: Vec<LoggedFault>,
}

/// A wrong field of a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedFault {
    /// The field's path.
    pub param: String,
    /// The code of the fault.
    pub code: String,
    /// Its detail, masked.
    pub detail: String,
}

/// The bodies of a call, masked and cut to a length. Only the sandbox keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedBodies {
    /// The request's body; `None` without one.
    pub request: Option<String>,
    /// The answer's body; `None` without one.
    pub answer: Option<String>,
}

/// The conditions of a search in the log. All of them must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestFilter {
    /// The partner; `None` for all partners.
    pub partner: Option<PartnerId>,
    /// The request id.
    pub request_id: Option<String>,
    /// An id in the path or in the answer. It needs the partner.
    pub resource: Option<String>,
    /// The idempotency key. It needs the partner.
    pub idempotency_key: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// The template of the path.
    pub route: Option<String>,
    /// The lowest and the highest status.
    pub statuses: Option<(u16, u16)>,
    /// The credential.
    pub client: Option<ClientId>,
    /// The address, as the log writes it.
    pub address: Option<String>,
    /// The stretch of time of the calls.
    pub arrived: Span<RealTime>,
    /// The shortest time until the answer.
    pub at_least: Option<Duration>,
}

/// The place of a page: newest first, before an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCursor {
    /// The entry before which the page begins; `None` for the newest entry. The log need not have it.
    pub before: Option<LoggedRequestId>,
    /// The most entries of the page.
    pub limit: Limit,
}

/// A page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundRequests {
    /// The entries that were found, newest first.
    pub items: Vec<LoggedRequest>,
    /// The entry before which the search goes on; `None` at its end. A search reads a bounded number of entries, so a
    /// page may have few items, or none, and still go on.
    pub next: Option<LoggedRequestId>,
}
