//! The query of a search in the request log, in every API.

use std::time::Duration;

use domain::id::PartnerId;
use domain::page::Limit;
use domain::request_log::{RequestCursor, RequestFilter};
use domain::time::Timestamp;
use utoipa::IntoParams;
use wire::mask;

use super::extract::Query;
use super::headers::{LONGEST_KEY, LONGEST_REQUEST_ID, is_visible};
use super::page::span;

/// Longest route and method of a filter, in characters: as long as an idempotency key.
const LONGEST: usize = LONGEST_KEY;

/// The filters and the page of a search in the request log.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameters, which are read one by one")]
pub(super) struct RequestParams {
    /// Lists only requests with this method.
    #[param(pattern = "^[A-Z]+$", max_length = 255, example = "POST")]
    method: Option<String>,
    /// Lists only requests to this path, with its parameters in braces.
    #[param(pattern = "^[!-~]+$", max_length = 255, example = "/v3/loans/{loan_id}")]
    route: Option<String>,
    /// Lists only answers with this HTTP status, or of this class: `404`, `4xx`.
    #[param(pattern = "^[1-5]([0-9][0-9]|xx)$", example = "4xx")]
    status: Option<String>,
    /// Lists only requests with tokens of this credential.
    #[param(example = "dinie_ci_test_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    client_id: Option<String>,
    /// Lists only requests with this idempotency key.
    #[param(pattern = "^[!-~]+$", max_length = 255, example = "0190f3b4-c5d6-7e8f-90a1-b2c3d4e5f607")]
    idempotency_key: Option<String>,
    /// Lists only requests with this id.
    #[param(pattern = "^[!-~]+$", max_length = 128, example = "req_4eda7559c0de0ea58a7a4a14")]
    request_id: Option<String>,
    /// Lists only requests from this address.
    #[param(pattern = "^[0-9a-f.:]+$", max_length = 45, example = "203.0.113.7")]
    address: Option<String>,
    /// Lists only requests that name this resource, or whose answer does.
    #[param(
        pattern = "^[a-z]{2,5}_[0-9a-z_]+$",
        max_length = 255,
        example = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    resource_id: Option<String>,
    /// Lists only requests that took this many milliseconds or more.
    #[param(minimum = 0, maximum = 600_000, example = 500)]
    min_duration_ms: Option<u32>,
    /// The most requests on the page.
    #[param(minimum = 1, maximum = 100, default = 25, example = 25)]
    limit: Option<u8>,
    /// The `next_starting_after` of the previous page, or the id of any request. Without it the list begins at the
    /// newest request.
    #[param(pattern = "^rlog_[0-9a-f]{32}$", example = "rlog_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    starting_after: Option<String>,
}

/// Filter and page of a query. `moment` reads a moment in the API's form.
pub(crate) fn read(
    query: &mut Query, partner: Option<PartnerId>, moment: impl Fn(&str) -> Result<Timestamp, String>,
) -> (RequestFilter, RequestCursor) {
    let limit = query
        .read("limit", "must be a whole number from 1 to 100", |text| text.parse().ok().and_then(Limit::new));
    let before =
        query.read("starting_after", "must be the id of a request in the log", |text| text.parse().ok());
    let real = |text: &str| moment(text).map(Timestamp::unmoved);
    let method = query.read("method", "must be a method such as POST", method);
    let mut long =
        |name| query.read(name, "must have 1 to 255 visible ASCII characters", |text| visible(text, LONGEST));
    let (route, idempotency_key) = (long("route"), long("idempotency_key"));
    let request_id = query.read("request_id", "must have 1 to 128 visible ASCII characters", |text| {
        visible(text, LONGEST_REQUEST_ID)
    });
    let filter = RequestFilter {
        partner,
        method,
        route,
        idempotency_key,
        request_id,
        statuses: query.read("status", "must be a status such as 404, or a class such as 4xx", statuses),
        client: query.read("client_id", "is not the id of a credential", |text| text.parse().ok()),
        address: query.read("address", "is not an IP address", address),
        resource: query
            .read("resource_id", "is not the id of a resource", |text| mask::id(text).map(str::to_owned)),
        at_least: query.read("min_duration_ms", "must be a whole number up to 600000", |text| {
            text.parse().ok().filter(|span| *span <= 600_000).map(Duration::from_millis)
        }),
        arrived: span(query, real),
    };
    (filter, RequestCursor { before, limit: limit.unwrap_or(Limit::DEFAULT) })
}

fn method(text: &str) -> Option<String> {
    let letters = !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_uppercase());
    (letters && text.len() <= LONGEST).then(|| text.to_owned())
}

fn visible(text: &str, longest: usize) -> Option<String> {
    is_visible(text, longest).then(|| text.to_owned())
}

/// The lowest and the highest status of `404` or `4xx`.
fn statuses(text: &str) -> Option<(u16, u16)> {
    let class = text.strip_suffix("xx").map(str::parse::<u16>);
    match class {
        Some(Ok(class @ 1..=5)) => Some((class * 100, class * 100 + 99)),
        Some(_other) => None,
        None => {
            text.parse().ok().filter(|status| (100..=599).contains(status)).map(|status| (status, status))
        }
    }
}

/// An address as the log writes it.
fn address(text: &str) -> Option<String> {
    text.parse::<std::net::IpAddr>().ok().map(|address| address.to_canonical().to_string())
}
