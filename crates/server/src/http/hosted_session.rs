//! Opens a hosted session for a customer, in both generations.

use axum::response::Response;
use domain::id::CustomerId;
use domain::kyc::ReviewStart;
use domain::time::Timestamp;

use super::call::PartnerWrite;
use super::extract::{OptionalJsonBody, PathId};
use super::idempotency::Answer;
use super::problem::Rejection;

/// Opens the session. `render` answers with its link and the moment when the link expires.
pub(super) async fn open(
    call: PartnerWrite<PathId<CustomerId>, OptionalJsonBody>, review_start: ReviewStart,
    render: impl Fn(String, Timestamp) -> Answer + Send + 'static,
) -> Result<Response, Rejection> {
    let (tenant, customer) = (call.caller.tenant, call.id());
    let lifetime = call.state.config.lifetimes.biometrics_link;
    let links = call.state.lender.links.clone();
    let open = move |tx: &mut app::Tx<'_>, now, (): &()| {
        app::kyc::sessions::open(tx, tenant, now, customer, review_start, lifetime)
    };
    call.run(Ok(()), open, move |opened, _now| {
        render(links.biometrics(&opened.code), opened.session.expires_at)
    })
    .await
}
