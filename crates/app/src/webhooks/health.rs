//! The health of an endpoint, and the letters to the partner's team about it.

use domain::id::{EndpointId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::{AttemptOutcome, DisabledBy, EndpointState};
use store::{StoreError, Tx};

use crate::lender::Lender;
use crate::mails::{EndpointTrouble, TroubledEndpoint, tell_team};

/// Tracks the time for which every attempt has failed; returns whether that disabled the endpoint. The team is told
/// of a series of failures once, and when the endpoint is disabled.
pub(super) fn note(
    tx: &mut Tx<'_>, now: RealTime, (partner, endpoint): (PartnerId, EndpointId),
    outcomes: Vec<AttemptOutcome>, lender: &Lender,
) -> Result<bool, StoreError> {
    let Some(before) = store::webhook_endpoints::health(tx, partner, endpoint)? else { return Ok(false) };
    let (known, was_active) = (*before, before.state == EndpointState::Active);
    let after = before.changed(|health| health.after(outcomes, now));
    let health = *after.value();
    if health != known {
        store::webhook_endpoints::save_health(tx, partner, endpoint, after, now.unmoved())?;
    }
    let closed = was_active && health.state != EndpointState::Active;
    let trouble = match health.state {
        EndpointState::Disabled(DisabledBy::Failure) if closed => Some(EndpointTrouble::GivenUp),
        EndpointState::Disabled(DisabledBy::Gone) if closed => Some(EndpointTrouble::Gone),
        EndpointState::Active if health.warned_at > known.warned_at => {
            health.failing_since.map(EndpointTrouble::Failing)
        }
        EndpointState::Active | EndpointState::Disabled(_) => None,
    };
    if let Some(trouble) = trouble {
        let endpoint = TroubledEndpoint { partner, endpoint, trouble };
        tell_team(tx, now, &endpoint, lender)?;
    }
    Ok(closed)
}
