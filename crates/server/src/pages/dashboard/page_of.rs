//! The page of a resource, by its id.

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
