//! The partner's events, also those that no endpoint received. They extend the published API.

use app::Tx;
use app::webhooks::events;
use domain::id::EventId;
use wire::problem::Problem;

use super::dialect::event::{ListedEvent, name};
use super::dialect::{Happened, List, moment};
use crate::http::call::PartnerRead;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::event_query;
use crate::http::extract::{PathId, Query};
use crate::http::json::Json;
use crate::http::problem::Rejection;

/// List events
///
/// Events of the partner's resources, in the form of webhooks. The last recorded event comes first. Events are kept
/// for 90 days.
#[utoipa::path(
    get, path = "/events", operation_id = "listEvents", tag = "Events",
    params(
        ("type" = Option<String>, Query, description = "The name of an event, such as loan.active"),
        Happened,
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of events.", body = List<ListedEvent>))
)]
pub(super) async fn list(call: PartnerRead, mut query: Query) -> Result<Json<List<ListedEvent>>, Rejection> {
    let (filter, cursor) = event_query::read(&mut query, name, moment);
    query.finish()?;
    let kept_since = call.state.kept_since();
    let list = move |tx: &mut Tx<'_>, tenant, at: &_| events::list(tx, tenant, &filter, at, kept_since);
    let page = call.page(cursor, list).await?;
    let shown = page.filter_map(|event| ListedEvent::of(&event, &call.state.signing_page));
    Ok(Json(List::of(shown, |event| event)))
}

/// Get an event
///
/// The event in the form of a webhook.
#[utoipa::path(
    get, path = "/events/{event_id}", operation_id = "getEvent", tag = "Events",
    responses((status = 200, description = "The event.", body = ListedEvent))
)]
pub(super) async fn show(call: PartnerRead<PathId<EventId>>) -> Result<Json<ListedEvent>, Rejection> {
    let event = call.look_up(events::find).await?;
    let shown = ListedEvent::of(&event, &call.state.signing_page);
    shown.map(Json).ok_or_else(|| Problem::not_found().into())
}
