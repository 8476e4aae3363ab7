//! Tags of operators on customers.

use app::Tx;
use app::customers::tags::{self, TagRefused};
use axum::response::Response;
use domain::access::Permission;
use domain::customer::Tag;
use domain::id::CustomerId;
use wire::operator::tag::{CustomerTags, TagBody};
use wire::problem::{Code, Problem};

use super::place::{Place, Write};
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection};

impl Refusal for TagRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::TooMany => Problem::invalid_state(format!("a customer has at most {} tags", tags::MOST)),
        }
    }
}

/// Add a tag to a customer
///
/// A customer has at most 10 tags. A tag that it has already changes nothing.
#[utoipa::path(
    post, path = "/customers/{customer_id}/tags", operation_id = "addTag", tag = "Customers",
    extensions(
        ("x-permission" = json!(Permission::TagCustomers.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = TagBody,
    responses((status = 200, description = "All tags of the customer.", body = CustomerTags))
)]
pub(super) async fn add(call: Write<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, tag) = (call.id(), TagBody::read(&call.body.value));
    let add = move |tx: &mut Tx<'_>, place: Place, tag: &Tag| tags::add(tx, place.partner, id, tag);
    call.change(tag, add, |tags| Answer::ok(&CustomerTags::of(tags))).await
}

/// Remove a tag from a customer
///
/// Case and accents do not count. A tag that the customer does not have answers 404.
#[utoipa::path(
    post, path = "/customers/{customer_id}/tags/remove", operation_id = "removeTag", tag = "Customers",
    extensions(("x-permission" = json!(Permission::TagCustomers.name()))),
    request_body = TagBody,
    responses((status = 200, description = "The tags that are left.", body = CustomerTags))
)]
pub(super) async fn remove(call: Write<PathId<CustomerId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, tag) = (call.id(), TagBody::read(&call.body.value));
    let remove = move |tx: &mut Tx<'_>, place: Place, tag: &Tag| tags::remove(tx, place.partner, id, tag);
    call.change(tag, remove, |tags| Answer::ok(&CustomerTags::of(tags))).await
}
