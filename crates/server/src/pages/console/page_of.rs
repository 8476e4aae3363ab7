//! The page of a resource, by its id.

/// The page on which the console shows the resource with this id; empty if it has none of its own.
pub(super) fn page_of(id: &str) -> String {
    let pages = match id.split_once('_').map(|(kind, _)| kind) {
        Some("cust") => "customers",
        Some("ln") => "loans",
        Some("ml") => "mails",
        Some("op") => "people",
        Some("pay") => "payments",
        Some("pol") => "settings/policy",
        Some("prop") => "proposals",
        Some("ptr") => "partners",
        Some(_) | None => return String::new(),
    };
    format!("/console/{pages}/{id}")
}
