//! The forms that make a customer: with a scenario, or on the way to an event.

use std::convert::Infallible;

use app::sandbox::SandboxClock;
use app::{Failed, Tx, customers};
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::course::course;
use domain::customer::LegalNature;
use domain::scenario::Scenario;
use domain::webhook::endpoint::Generation;
use wire::generations::event_kind;

use super::clocks::{address, chosen, tenant_of};
use super::only::SandboxOnly;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::desk::Desk;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Makes a customer with a scenario.
pub(in crate::pages::dashboard) async fn start(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, headers: HeaderMap, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let scenario = form.text_or_empty("scenario").parse::<Scenario>();
    let nature = form.text_or_empty("nature").parse::<LegalNature>();
    let (Ok(scenario), Ok(nature)) = (scenario, nature) else { return unknown(&headers) };
    let mut tags = scenario.tags().to_vec();
    if nature != LegalNature::Mei {
        tags.push(nature.name());
    }
    let clock = match chosen(&visit, &desk, &form.text_or_empty("clock"), &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    made(&visit, &desk, (&body, clock), tags, "").await
}

/// Makes a customer to whom an event will happen.
pub(in crate::pages::dashboard) async fn trigger(
    visit: Visit, desk: Desk, _sandbox: SandboxOnly, headers: HeaderMap, body: Bytes,
) -> Response {
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let name = form.text_or_empty("event");
    let clock = match chosen(&visit, &desk, &form.text_or_empty("clock"), &headers).await {
        Ok(clock) => clock,
        Err(answer) => return answer,
    };
    let Some(course) = event_kind(Generation::Reference, &name).and_then(course) else {
        return unknown(&headers);
    };
    let own = course.steps.own_tags().iter().copied();
    let tags = own.chain(course.tags.split('+').filter(|tag| !tag.is_empty())).collect();
    made(&visit, &desk, (&body, clock), tags, &name).await
}

/// Makes the customer on the chosen clock and leads back to the page, which shows it.
async fn made(
    visit: &Visit, desk: &Desk, (body, clock): (&[u8], Option<SandboxClock>), tags: Vec<&'static str>,
    event: &str,
) -> Response {
    let (tenant, registry) = (tenant_of(desk, clock.as_ref()), visit.state.registry);
    let now = visit.state.now_of(tenant);
    let invent = move |tx: &mut Tx<'_>| {
        customers::invent(tx, tenant, now, registry, &tags).map_err(Failed::<Infallible>::from)
    };
    match visit.change(body, invent).await {
        Ok(file) => {
            let rest = format!("made={}&event={event}", file.customer.id);
            see_other(&address(clock.map(|clock| clock.id), &rest))
        }
        Err(Failed::Refused(never)) => match never {},
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
