//! The introduction of an OpenAPI document.

use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{Info, OpenApi, Paths};

/// The introduction of an API, and the groups of its operations.
pub struct About {
    /// The name of the API.
    pub title: &'static str,
    /// The version of the API.
    pub version: &'static str,
    /// The description. Both generations also have [`RULES`].
    pub description: &'static str,
    /// The groups in the order of display, each with its description.
    pub tags: &'static [(&'static str, &'static str)],
}

impl About {
    /// A document without operations.
    pub fn document(&self) -> OpenApi {
        let mut info = Info::new(self.title, self.version);
        info.description = Some(self.description.to_owned());
        let tag = |(name, description): &(&str, &str)| {
            TagBuilder::new().name(*name).description(Some(*description)).build()
        };
        let mut document = OpenApi::new(info, Paths::new());
        document.tags = Some(self.tags.iter().map(tag).collect());
        document
    }
}

/// The rules of both generations.
pub(super) const RULES: &str = "\n\nEvery answer has `x-request-id`. Errors are problems (RFC 9457) whose `code` is for \
    programs; a page explains each at `/errors/{code}`. Unknown fields and query parameters are ignored. A path that \
    does not exist is 404 `route_not_found`, another method 405 `method_not_allowed` with `Allow`.\n\nA POST or PATCH \
    with an idempotency key can be sent again for 24 hours and gives the same answer.";

/// The group of the token endpoint.
pub const AUTHENTICATION: (&str, &str) =
    ("Authentication", "Access tokens, and the credentials that obtain them.");

/// The groups after those of customers. Both generations have them.
pub const OFFERS: (&str, &str) =
    ("Credit offers", "Pre-approved offers, and simulations of loans under them.");
/// The group of loans.
pub const LOANS: (&str, &str) = ("Loans", "Loans from the contract to the last installment.");
/// The group of webhooks.
pub const WEBHOOKS: (&str, &str) =
    ("Webhooks", "Endpoints that receive events, and the state of each delivery.");
/// The group of events.
pub const EVENTS: (&str, &str) = ("Events", "Events of the partner's resources.");
/// The group of requests.
pub const REQUESTS: (&str, &str) =
    ("Requests", "The partner's requests with their answers, for 30 days, and the use of idempotency keys.");
