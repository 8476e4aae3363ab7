//! The desk of a partner: whose dashboard a person works at, and what the person may do there.

use app::StoreError;
use app::directory::OnClock;
use app::partners::{self, Partner};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::Response;
use domain::access::{Membership, TeamRole};
use domain::id::PartnerId;

use super::notice::forbidden;
use crate::http::on_clock;
use crate::http::problem::Rejection;
use crate::state::AppState;

/// A partner's dashboard, for one person.
#[derive(Debug, Clone)]
pub(in crate::pages) struct Desk {
    /// The partner.
    pub(in crate::pages) partner: Partner,
    /// The person's role in the team.
    pub(in crate::pages) role: TeamRole,
    /// Whether the person is in the partner's team. Others are the lender's people, in a sandbox.
    pub(in crate::pages) is_member: bool,
}

impl Desk {
    /// The desk of a member.
    pub(super) async fn of_member(state: &AppState, team: Membership) -> Result<Option<Self>, StoreError> {
        let partner = state.store.look_up(move |tx| partners::find(tx, team.partner)).await?;
        Ok(partner.map(|partner| Self { partner, role: team.role, is_member: true }))
    }
}

impl Desk {
    /// The tenant of a resource of the partner: the partner itself, or the clock on which the resource is.
    pub(in crate::pages) async fn tenant_of(
        &self, state: &AppState, resource: OnClock,
    ) -> Result<PartnerId, Rejection> {
        on_clock::tenant_of(state, self.partner.id, resource).await
    }
}

impl FromRequestParts<AppState> for Desk {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Response> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| forbidden(&parts.headers))
    }
}
