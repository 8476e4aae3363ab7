//! The filters of the request log in an address.

use domain::id::{LoggedRequestId, PartnerId};
use domain::request_log::{RequestCursor, RequestFilter};
use url::form_urlencoded::Serializer;

use crate::http::extract::Query;
use crate::http::page::written_moment;
use crate::http::problem::Rejection;
use crate::http::request_query;

/// The page of the list.
pub(super) const LIST: &str = "/dashboard/requests";

/// The filters, in the order of an address.
const NAMES: [&str; 11] = [
    "status",
    "method",
    "route",
    "resource_id",
    "client_id",
    "idempotency_key",
    "request_id",
    "address",
    "min_duration_ms",
    "since",
    "until",
];

/// The filters that the form hides until somebody asks for more.
const MORE: [&str; 5] = ["client_id", "idempotency_key", "request_id", "address", "min_duration_ms"];

/// The filters of an address, as they were sent and as the search takes them.
pub(super) struct Filters {
    given: Vec<(String, String)>,
    wrong: Vec<String>,
    pub(super) filter: RequestFilter,
    pub(super) cursor: RequestCursor,
}

impl Filters {
    pub(super) fn read(query: Option<&str>, partner: PartnerId) -> Result<Self, Rejection> {
        let mut query = Query::of_form(query.map_or("", |query| query))?;
        let given = NAMES.into_iter().filter_map(|name| Some((name.to_owned(), query.text(name)?))).collect();
        let (filter, cursor) = request_query::read(&mut query, Some(partner), written_moment);
        Ok(Self { given, wrong: query.wrong(), filter, cursor })
    }

    /// A filter as it was sent; empty without it.
    pub(super) fn value(&self, name: &str) -> &str {
        self.given.iter().find(|(given, _)| given == name).map_or("", |(_, value)| value.as_str())
    }

    /// Whether a filter was sent that cannot be read.
    pub(super) fn is_wrong(&self, name: &str) -> bool {
        self.wrong.iter().any(|wrong| wrong == name)
    }

    /// Whether any filter cannot be read.
    pub(super) fn has_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// Whether there is any filter.
    pub(super) fn is_set(&self) -> bool {
        !self.given.is_empty()
    }

    /// Whether one of the hidden filters is set.
    pub(super) fn has_more(&self) -> bool {
        MORE.into_iter().any(|name| !self.value(name).is_empty())
    }

    /// The address of the list after a call.
    pub(super) fn after(&self, last: LoggedRequestId) -> String {
        let mut query = Serializer::new(String::new());
        query.extend_pairs(&self.given);
        query.append_pair("starting_after", &last.to_string());
        format!("{LIST}?{}", query.finish())
    }
}

/// The address of the list with one filter.
pub(in crate::pages::dashboard) fn only(name: &str, value: &str) -> String {
    format!("{LIST}?{}", Serializer::new(String::new()).append_pair(name, value).finish())
}
