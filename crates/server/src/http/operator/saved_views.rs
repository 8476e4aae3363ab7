//! Saved views of queues, each of one operator.

use app::Tx;
use app::queues::{self, SaveView as Save, TooManyViews};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::SavedViewId;
use domain::time::RealTime;
use wire::operator::saved_view::{SaveView, SavedView, SavedViewList};
use wire::problem::{Code, Problem};

use super::place::{Read, Write};
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId};
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection, of_store};

impl Refusal for TooManyViews {
    fn problem(self) -> Problem {
        Problem::invalid_state(format!("an operator has at most {} saved views", queues::MOST_VIEWS))
    }
}

/// List the saved views
///
/// Those of the calling operator, of all queues.
#[utoipa::path(
    get, path = "/saved-views", operation_id = "listSavedViews", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    responses((status = 200, description = "Every saved view of the operator.", body = SavedViewList))
)]
pub(super) async fn list(call: Read) -> Result<Json<SavedViewList>, Rejection> {
    let me = call.caller.id();
    let views = call.state.store.look_up(move |tx| queues::views(tx, me)).await.map_err(of_store)?;
    Ok(Json(SavedViewList { data: views.iter().map(SavedView::of).collect() }))
}

/// Save a view
///
/// A filter of a queue under a name, for the calling operator alone. It replaces the view of the queue with the same
/// name.
#[utoipa::path(
    post, path = "/saved-views", operation_id = "saveView", tag = "Queues",
    extensions(
        ("x-permission" = json!(Permission::ReadQueues.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = SaveView,
    responses((status = 201, description = "The saved view.", body = SavedView))
)]
pub(super) async fn save(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let owner = call.caller.id();
    let command = SaveView::read(&call.body.value).map(|given| Save {
        owner,
        queue: given.queue,
        filter: given.filter(),
        name: given.name,
    });
    let save = |tx: &mut Tx<'_>, now, command: &Save| queues::save_view(tx, now, command);
    call.run(command, save, |view, _now| Answer::created_here(&SavedView::of(view))).await
}

/// Delete a saved view
///
/// Only the operator who saved it can.
#[utoipa::path(
    post, path = "/saved-views/{saved_view_id}/delete", operation_id = "deleteSavedView", tag = "Queues",
    extensions(("x-permission" = json!(Permission::ReadQueues.name()))),
    responses((status = 200, description = "The views that are left.", body = SavedViewList))
)]
pub(super) async fn delete(call: Write<PathId<SavedViewId>>) -> Result<Response, Rejection> {
    let (id, owner) = (call.id(), call.caller.id());
    let delete = move |tx: &mut Tx<'_>, _now: RealTime, (): &()| {
        queues::delete_view(tx, owner, id)?;
        Ok::<_, app::Failed<app::NotFound>>(queues::views(tx, owner)?)
    };
    call.run(Ok(()), delete, |views, _now| {
        Answer::ok(&SavedViewList { data: views.iter().map(SavedView::of).collect() })
    })
    .await
}
