//! Addresses of pages with their queries.

/// A query of the given values, without a question mark. The values need no escapes.
pub(in crate::pages) fn query_of<const N: usize>(given: [(&str, Option<String>); N]) -> String {
    let given = given.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
    given.collect::<Vec<_>>().join("&")
}

/// An address with a further part of its query.
pub(in crate::pages) fn joined(address: &str, query: &str) -> String {
    if query.is_empty() {
        return address.to_owned();
    }
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{query}")
}
