//! The page of a resource or a request, by its id.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The page on which the dashboard shows the resource with this id; empty if it has none of its own.
pub(super) fn page_of(id: &str) -> String {
    let pages = match id.split_once('_').map(|(kind, _)| kind) {
        Some("cust") => "customers",
        Some("dinie") => "keys",
        Some("evt") => "events",
        Some("ln") => "loans",
        Some("we") => "webhooks",
        Some(_) | None => return String::new(),
    };
    format!("/dashboard/{pages}/{id}")
}

/// The page of the newest call with this request id, which a caller may have chosen.
pub(super) fn page_of_request(id: &str) -> String {
    format!("/dashboard/requests/{}", utf8_percent_encode(id, NON_ALPHANUMERIC))
}
