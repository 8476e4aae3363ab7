//! The tenant of a partner's call: the partner itself, or the clock on which the call's customer, offer or loan is.
//!
//! A resource is stored under its clock's tenant, so a handler that took the wrong tenant would not find it. Only the
//! sandbox has clocks, so production looks nothing up.
//!
//! Reasons: docs/decisions/0041.

use app::directory::{self, OnClock};
use axum::extract::{FromRequestParts as _, RawPathParams};
use axum::http::request::Parts;
use domain::credential::Environment;
use domain::id::{ClockId, PartnerId};
use wire::problem::{Code, Problem};

use super::logged::NotedCaller;
use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// The description of the parameter that names a clock.
pub(super) const PARAMETER: &str = "Only in the sandbox: those on this clock, from `POST /sandbox/clocks`";

/// The tenant of the resource that a path names, or the partner.
pub(super) async fn tenant_of_path(
    parts: &mut Parts, state: &AppState, partner: PartnerId,
) -> Result<PartnerId, Rejection> {
    if state.config.environment == Environment::Production {
        return Ok(partner);
    }
    // A path without parameters, or with unreadable ones, names no resource.
    let Ok(params) = RawPathParams::from_request_parts(parts, state).await else { return Ok(partner) };
    let Some(resource) = params.iter().find_map(|(_, text)| OnClock::of_resource(text)) else {
        return Ok(partner);
    };
    let tenant = tenant_of(state, partner, resource).await?;
    if let Some(noted) = parts.extensions.get::<NotedCaller>() {
        noted.note_tenant(tenant);
    }
    Ok(tenant)
}

/// The tenant of a resource, or the partner if the resource is on its main clock or unknown.
pub(crate) async fn tenant_of(
    state: &AppState, partner: PartnerId, resource: OnClock,
) -> Result<PartnerId, Rejection> {
    Ok(clock_of(state, partner, resource).await?.map_or(partner, ClockId::tenant))
}

/// The place in which a request names a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NamedIn {
    /// The body.
    Body,
    /// The query.
    Query,
}

/// The tenant of a clock that a field or a parameter names, or the partner if it names none.
pub(super) async fn tenant_of_clock(
    state: &AppState, partner: PartnerId, named: Option<ClockId>, place: NamedIn,
) -> Result<PartnerId, Rejection> {
    let Some(id) = named else { return Ok(partner) };
    let found = clock_of(state, partner, OnClock::Clock(id)).await?;
    let code = match place {
        NamedIn::Body => Code::InvalidFormat,
        NamedIn::Query => Code::InvalidParameter,
    };
    let unknown = || Problem::of_field("clock_id", code, "is no clock of this sandbox").into();
    found.map(ClockId::tenant).ok_or_else(unknown)
}

async fn clock_of(
    state: &AppState, partner: PartnerId, resource: OnClock,
) -> Result<Option<ClockId>, Rejection> {
    if state.config.environment == Environment::Production {
        return Ok(None);
    }
    let find = move |tx: &mut app::Tx<'_>| directory::clock_of(tx, partner, resource);
    let Some((id, ahead)) = state.store.look_up(find).await.map_err(of_store)? else { return Ok(None) };
    // Another node may have made or moved the clock since all clocks were read.
    state.partner_clocks.note(id.tenant(), ahead);
    Ok(Some(id))
}
