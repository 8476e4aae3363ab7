//! What happened, whether or not any endpoint heard it. An extension of the published reference.

use app::webhooks::events;
use app::{Cursor, Tx};
use axum::extract::State;
use domain::id::EventId;
use serde_json::Value;
use wire::problem::Problem;
use wire::reference::List;
use wire::reference::event::{ListedEvent, name};
use wire::text_scalar::timestamp;

use crate::http::auth::PartnerCaller;
use crate::http::documented::{OrderParam, PageParams};
use crate::http::event_query;
use crate::http::extract::{PathId, Query};
use crate::http::json::Json;
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

/// List events
///
/// What happened to the resources of the partner, last recorded first, as webhooks tell it. Events are kept for 90 days.
#[utoipa::path(
    get,
    path = "/events",
    operation_id = "listEvents",
    tag = "Events",
    params(
        ("type" = Option<String>, Query, description = "The name of an event, such as loan.active"),
        ("since" = Option<String>, Query, description = "Happened at this moment or later"),
        ("until" = Option<String>, Query, description = "Happened before this moment"),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of events.", body = List<ListedEvent>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<ListedEvent>>, Rejection> {
    let moment = |text: &str| timestamp(&Value::from(text)).ok();
    let (filter, cursor) = event_query::read(&mut query, name, moment);
    query.finish()?;
    let kept_since = state.kept_since();
    let list =
        move |tx: &mut Tx<'_>, at: &Cursor<EventId>| events::list(tx, caller.tenant, &filter, at, kept_since);
    let page = reading::page(&state, cursor, list).await?;
    let shown = page.filter_map(|event| ListedEvent::of(&event, &state.lender.links));
    Ok(Json(List::of(shown, |event| event)))
}

/// Get an event
///
/// What happened, as webhooks tell it.
#[utoipa::path(
    get,
    path = "/events/{event_id}",
    operation_id = "getEvent",
    tag = "Events",
    params(("event_id" = String, Path)),
    responses((status = 200, description = "The event.", body = ListedEvent))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(id): PathId<EventId>,
) -> Result<Json<ListedEvent>, Rejection> {
    let find = move |tx: &mut Tx<'_>| events::find(tx, caller.tenant, id);
    let event = reading::look_up(&state, find).await?;
    let shown = ListedEvent::of(&event, &state.lender.links);
    shown.map(Json).ok_or_else(|| Problem::not_found().into())
}
