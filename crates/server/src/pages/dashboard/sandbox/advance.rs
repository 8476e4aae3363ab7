//! The form that lets time pass.

use std::convert::Infallible;

use app::{Failed, Tx, clock};
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::clock::Goal;
use domain::time::Timestamp;
use wire::sandbox::latest;

use super::clocks::{address, chosen, tenant_of};
use super::only::SandboxOnly;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::desk::Desk;
use crate::pages::people::visit::Visit;
use crate::workers;

/// Moves the main clock, or the named one. The audit trail has the form before the first step of the clock, which takes many
/// commits.
pub(in crate::pages::dashboard) async fn advance(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, headers: HeaderMap, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let clock = match chosen(&visit, &desk, &form.text_or_empty("clock"), &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    let until = form.text_or_empty("until").parse().ok().map(Timestamp::from_micros);
    let (real, tenant) = (visit.state.clock.now(), tenant_of(&desk, clock.as_ref()));
    let id = clock.map(|clock| clock.id);
    let Some(until) = until.filter(|until| *until <= latest(real)) else {
        return see_other(&address(id, "wrong=late"));
    };
    let entered = visit.change(&body, move |tx: &mut Tx<'_>| {
        clock::at(tx, tenant, real).map_err(Failed::<Infallible>::from)
    });
    let now = match entered.await {
        Ok(now) => now,
        Err(Failed::Refused(never)) => match never {},
        Err(Failed::Store(error)) => return failure(&of_store(error)),
    };
    if until > now
        && let Err(failed) = workers::advance::run(&visit.state, tenant, Goal::At(until)).await
    {
        return failure(&failed.into());
    }
    see_other(&address(id, &format!("since={}", now.micros())))
}
