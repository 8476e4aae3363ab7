//! The routes of the clocks that a partner makes beside its main clock.
//!
//! Reasons: docs/decisions/0041.

use app::Tx;
use app::sandbox::{self, DeleteRefused, MOST_CLOCKS, MakeRefused, NewClock};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use domain::id::ClockId;
use wire::problem::{Code, Problem};
use wire::reference::List;
use wire::sandbox::{AdvanceClock, CreateClock, SandboxClock, Upcoming};

use super::upcoming::coming;
use crate::http::auth::PartnerCaller;
use crate::http::documented::codes;
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::problem::{Refusal, Rejection, of_store};
use crate::state::AppState;
use crate::workers::{advance as advancing, reset};

/// Make a clock
///
/// At most 20 beside the main clock. Register customers on it with its id as `clock_id`. It begins at the time of the
/// main clock, or at `begins_at`, and runs with the real time until it is moved.
#[utoipa::path(
    post, path = "/clocks", operation_id = "createClock", tag = "Clocks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = CreateClock,
    responses((status = 201, description = "The new clock.", body = SandboxClock))
)]
pub(super) async fn create(
    State(state): State<AppState>, caller: PartnerCaller, body: JsonBody,
) -> Result<(StatusCode, Json<SandboxClock>), Rejection> {
    let (real, owner) = (state.clock.now(), caller.partner);
    let CreateClock { name, begins_at } = CreateClock::read(&body.value, real)?;
    let new = NewClock { name, begins_at };
    let clock = state.store.write(move |tx| sandbox::make(tx, owner, real, &new)).await?;
    state.partner_clocks.note(clock.id.tenant(), clock.ahead);
    Ok((StatusCode::CREATED, Json(SandboxClock::of(&clock, real))))
}

impl Refusal for MakeRefused {
    fn problem(self) -> Problem {
        match self {
            Self::TooMany => Problem::invalid_state(format!(
                "the sandbox has {MOST_CLOCKS} clocks beside its main clock, and no more are possible: delete one"
            )),
            Self::BeforeRealTime => {
                Problem::of_field("begins_at", Code::InvalidFormat, "must not be before the real time")
            }
        }
    }
}

/// List the clocks
///
/// All clocks beside the main clock, the oldest first.
#[utoipa::path(
    get, path = "/clocks", operation_id = "listClocks", tag = "Clocks",
    responses((status = 200, description = "All clocks, at most 20.", body = List<SandboxClock>))
)]
pub(super) async fn list(
    State(state): State<AppState>, caller: PartnerCaller,
) -> Result<Json<List<SandboxClock>>, Rejection> {
    let (real, owner) = (state.clock.now(), caller.partner);
    let clocks = state.store.list(move |tx: &mut Tx<'_>| sandbox::list(tx, owner)).await.map_err(of_store)?;
    let data = clocks.iter().map(|clock| SandboxClock::of(clock, real)).collect();
    Ok(Json(List { data, has_more: false }))
}

/// Get a clock
///
/// Shows its time, and whether it is being moved.
#[utoipa::path(
    get, path = "/clocks/{clock_id}", operation_id = "getSandboxClock", tag = "Clocks",
    responses((status = 200, description = "The clock.", body = SandboxClock))
)]
pub(super) async fn show(
    State(state): State<AppState>, caller: PartnerCaller, PathId(id): PathId<ClockId>,
) -> Result<Json<SandboxClock>, Rejection> {
    shown(&state, caller, id).await
}

/// List what will happen next on a clock
///
/// As the list of the main clock, for the customers of this clock.
#[utoipa::path(
    get, path = "/clocks/{clock_id}/upcoming", operation_id = "listUpcomingOnClock", tag = "Clocks",
    params(("until" = Option<String>, Query,
        description = "The last moment of the list, such as 2026-04-01T23:59:59Z, or a day, which ends in São Paulo. \
                       Without it, the list has no last moment.")),
    responses((status = 200, description = "What will happen next, at most 100 entries.", body = List<Upcoming>))
)]
pub(super) async fn upcoming(
    State(state): State<AppState>, caller: PartnerCaller, PathId(id): PathId<ClockId>, query: Query,
) -> Result<Json<List<Upcoming>>, Rejection> {
    noted(&state, caller, id).await?;
    coming(&state, id.tenant(), query).await
}

/// Let time pass on a clock
///
/// Time passes only for the customers of this clock and never goes back. Before it answers, the server does everything
/// that falls due. If a call was cut off, send it again with the same `until`.
#[utoipa::path(
    post, path = "/clocks/{clock_id}/advance", operation_id = "advanceSandboxClock", tag = "Clocks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = AdvanceClock,
    responses((status = 200, description = "The clock after the time has passed.", body = SandboxClock))
)]
pub(super) async fn advance(
    State(state): State<AppState>, caller: PartnerCaller, PathId(id): PathId<ClockId>, body: JsonBody,
) -> Result<Json<SandboxClock>, Rejection> {
    noted(&state, caller, id).await?;
    let real = state.clock.now();
    let goal = AdvanceClock::read(&body.value, state.partner_clocks.at(id.tenant(), real), real)?;
    advancing::run(&state, id.tenant(), goal).await?;
    shown(&state, caller, id).await
}

async fn shown(
    state: &AppState, caller: PartnerCaller, id: ClockId,
) -> Result<Json<SandboxClock>, Rejection> {
    let real = state.clock.now();
    Ok(Json(SandboxClock::of(&noted(state, caller, id).await?, real)))
}

/// The clock as it is now. Its time is noted for this node.
async fn noted(
    state: &AppState, caller: PartnerCaller, id: ClockId,
) -> Result<sandbox::SandboxClock, Rejection> {
    let owner = caller.partner;
    let clock = state.store.look_up(move |tx| sandbox::find(tx, owner, id)).await?;
    state.partner_clocks.note(id.tenant(), clock.ahead);
    Ok(clock)
}

/// Delete a clock with everything on it
///
/// Deletes its customers with their offers, loans, documents, payments, e-mails and events. The logs remain until their
/// retention ends: deliveries of webhooks and calls of the API. A clock that is being moved cannot be deleted. If a call was
/// cut off, send it again.
#[utoipa::path(
    delete, path = "/clocks/{clock_id}", operation_id = "deleteSandboxClock", tag = "Clocks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 204, description = "The clock and everything on it were deleted."))
)]
pub(super) async fn delete(
    State(state): State<AppState>, caller: PartnerCaller, PathId(id): PathId<ClockId>,
) -> Result<StatusCode, Rejection> {
    reset::delete_clock(&state, caller.partner, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Refusal for DeleteRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Advancing => Problem::invalid_state(
                "a clock is being moved: wait until it has stopped, half a minute at most",
            ),
        }
    }
}

/// Reset the sandbox
///
/// Deletes every customer on every clock with everything of it, all events, all idempotency keys and all further
/// clocks, and sets the main clock to the real time. Credentials, the team, webhook endpoints and the logs remain. If a
/// call was cut off, send it again.
#[utoipa::path(
    post, path = "/reset", operation_id = "resetSandbox", tag = "Clocks",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    responses((status = 204, description = "The sandbox is as new, but for credentials, endpoints and logs."))
)]
pub(super) async fn reset_sandbox(
    State(state): State<AppState>, caller: PartnerCaller,
) -> Result<StatusCode, Rejection> {
    reset::run(&state, caller.partner).await?;
    Ok(StatusCode::NO_CONTENT)
}
