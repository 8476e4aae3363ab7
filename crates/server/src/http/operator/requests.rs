//! Requests of partners, as the log has them.

use app::request_log;
use app::{Failed, NotFound, Tx};
use axum::Json;
use domain::access::Permission;
use domain::request_log::RequestFilter;
use wire::operator::request::{PartnersRequest, PartnersRequestList};
use wire::problem::Code;

use super::place::{OfPartner, Read};
use crate::http::documented::time_bounds;
use crate::http::extract::{PathId, Query};
use crate::http::page::written_moment;
use crate::http::problem::Rejection;
use crate::http::request_query::{self, RequestParams};

time_bounds! {
    String,
    /// The bounds of a list of requests.
    Arrived: "Arrived at this moment or later", "Arrived before this moment";
}

/// List partners' requests
///
/// The requests of partners in the last 30 days with their answers, newest first. A request is in the list about a
/// second after its answer. All filters must match. A search compares a bounded number of requests for a page:
/// `next_starting_after` says where it goes on. `resource_id` and `idempotency_key` need `partner_id`.
#[utoipa::path(
    get, path = "/requests", operation_id = "listPartnersRequests", tag = "Requests",
    extensions(("x-permission" = json!(Permission::ReadRequests.name()))),
    params(OfPartner, RequestParams, Arrived),
    responses((status = 200, description = "A page of requests.", body = PartnersRequestList))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<PartnersRequestList>, Rejection> {
    let partner = query.id("partner_id");
    let (filter, cursor) = request_query::read(&mut query, partner, written_moment);
    if let RequestFilter { partner: None, resource, idempotency_key, .. } = &filter
        && (resource.is_some() || idempotency_key.is_some())
    {
        query.fault("partner_id", Code::InvalidParameter, "is required with resource_id or idempotency_key");
    }
    query.finish()?;
    let search = move |tx: &mut Tx<'_>| Ok::<_, Failed<NotFound>>(request_log::search(tx, &filter, &cursor)?);
    Ok(Json(PartnersRequestList::of(call.state.request_log.read(search).await?)))
}

/// Get a partner's request
///
/// The newest request with this request id, or the one with this id in the log. In the sandbox with its bodies.
#[utoipa::path(
    get, path = "/requests/{request_id}", operation_id = "getPartnersRequest", tag = "Requests",
    extensions(("x-permission" = json!(Permission::ReadRequests.name()))),
    responses((status = 200, description = "The request and its answer.", body = PartnersRequest))
)]
pub(super) async fn show(call: Read<PathId<String>>) -> Result<Json<PartnersRequest>, Rejection> {
    let id = call.path.0;
    let found = call.state.request_log.read(move |tx| request_log::show(tx, None, &id)).await?;
    Ok(Json(PartnersRequest::with_bodies(found)))
}
