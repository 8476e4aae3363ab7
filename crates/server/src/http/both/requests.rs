//! The partner's requests as the log has them, and what an idempotency key stands for. They extend the published API.

use app::{Failed, NotFound, Tx, request_log};
use wire::problem::{Code, Problem};

use super::dialect::request::{KeyUse, LoggedRequest, UsedIdempotencyKey};
use super::dialect::request_list::LoggedRequestList;
use super::dialect::{Arrived, moment};
use crate::http::call::PartnerRead;
use crate::http::extract::{PathId, Query};
use crate::http::json::Json;
use crate::http::key_use::{FoundKey, key_use};
use crate::http::problem::Rejection;
use crate::http::request_query::{self, RequestParams};

/// List requests
///
/// The partner's requests of the last 30 days with their answers, newest first. A request is in the list about a
/// second after its answer. All filters must match. A search compares a bounded number of requests for a page:
/// `next_starting_after` says where it goes on.
#[utoipa::path(
    get, path = "/requests", operation_id = "listRequests", tag = "Requests",
    params(RequestParams, Arrived),
    responses((status = 200, description = "A page of requests.", body = LoggedRequestList))
)]
pub(super) async fn list(call: PartnerRead, mut query: Query) -> Result<Json<LoggedRequestList>, Rejection> {
    let (filter, cursor) = request_query::read(&mut query, Some(call.caller.tenant), moment);
    query.finish()?;
    let search = move |tx: &mut Tx<'_>| Ok::<_, Failed<NotFound>>(request_log::search(tx, &filter, &cursor)?);
    Ok(Json(LoggedRequestList::of(call.state.request_log.read(search).await?)))
}

/// Get a request
///
/// The newest request with this request id, or the one with this id in the log. In the sandbox with its bodies.
#[utoipa::path(
    get, path = "/requests/{request_id}", operation_id = "getRequest", tag = "Requests",
    responses((status = 200, description = "The request and its answer.", body = LoggedRequest))
)]
pub(super) async fn show(call: PartnerRead<PathId<String>>) -> Result<Json<LoggedRequest>, Rejection> {
    let (tenant, id) = (call.caller.tenant, call.path.0);
    let found = call.state.request_log.read(move |tx| request_log::show(tx, Some(tenant), &id)).await?;
    Ok(Json(LoggedRequest::with_bodies(found)))
}

/// Get an idempotency key
///
/// The request that used the key first, the answer that each repetition gets, and the time from which the key is free.
/// A key that was not used in the last 24 hours is 404.
#[utoipa::path(
    get, path = "/idempotency-keys/{key}", operation_id = "getIdempotencyKey", tag = "Requests",
    responses((status = 200, description = "The use of the key.", body = UsedIdempotencyKey))
)]
pub(super) async fn key(call: PartnerRead<PathId<String>>) -> Result<Json<UsedIdempotencyKey>, Rejection> {
    let (tenant, key) = (call.caller.tenant, call.path.0);
    let used = key_use(&call.state, tenant, &key).await.map_err(|failed| match failed {
        Failed::Refused(NotFound) => unknown_key(),
        Failed::Store(error) => crate::http::problem::of_store(error),
    })?;
    let FoundKey { status, resource, used_at, frees_at, first } = used;
    Ok(Json(UsedIdempotencyKey::of(KeyUse { key, status, resource, used_at, frees_at }, first)))
}

fn unknown_key() -> Rejection {
    let detail = "this key was not used with a POST or PATCH in the last 24 hours, or its request failed and left the \
                  key free";
    Problem::new(Code::ResourceNotFound, detail).into()
}
