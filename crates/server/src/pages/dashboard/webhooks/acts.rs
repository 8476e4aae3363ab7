//! The forms of one endpoint: a test, another try, a recovery, a new secret, on and off, and its end.

use std::sync::Arc;
use std::time::Duration;

use app::upkeep::steps::in_steps;
use app::webhooks::samples::{self, Sample, SampleRefused};
use app::{Failed, NotFound, Tx, webhooks};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::{DeliveryId, EndpointId, PartnerId};
use domain::time::Timestamp;
use domain::webhook::endpoint::{EndpointInput, EndpointUpdate};

use super::create::shown_once;
use crate::generations;
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;

/// The time for which a replaced secret signs too.
const OVERLAP: Duration = Duration::from_hours(24);

/// The partner and the endpoint of a form; `None` if there is no such endpoint.
fn named(visit: &Visit, id: &str) -> Option<(PartnerId, EndpointId)> {
    Some((visit.desk.as_ref()?.partner.id, id.parse().ok()?))
}

/// Leads back to the endpoint, which says what was done.
fn back(id: EndpointId, done: &str) -> Response {
    see_other(&format!("/dashboard/webhooks/{id}?done={done}"))
}

fn answered(outcome: Result<Response, Failed<NotFound>>, headers: &HeaderMap) -> Response {
    match outcome {
        Ok(response) => response,
        Err(failed) => refused(headers, failed),
    }
}

/// Makes a delivery due at once.
pub(in crate::pages::dashboard) async fn retry(
    visit: Visit, Path((endpoint, id)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Some((tenant, endpoint)), Ok(id)) = (named(&visit, &endpoint), id.parse::<DeliveryId>()) else {
        return unknown(&headers);
    };
    let real = visit.state.clock.now();
    let retry = move |tx: &mut Tx<'_>| webhooks::retry(tx, tenant, real, endpoint, id);
    let place = format!("/dashboard/webhooks/{endpoint}/deliveries/{id}");
    answered(visit.change(b"", retry).await.map(|_file| see_other(&place)), &headers)
}

/// Sends a sample of an event.
pub(in crate::pages::dashboard) async fn test(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Some((tenant, id)) = named(&visit, &id) else { return unknown(&headers) };
    let name = match Form::read(&body) {
        Ok(form) => form.text_or_empty("event"),
        Err(rejection) => return failure(&rejection),
    };
    let (real, lender) = (visit.state.clock.now(), Arc::clone(&visit.state.lender));
    let now = visit.state.partner_clocks.at(tenant, real);
    let signing_page = visit.state.signing_page.clone();
    let send = move |tx: &mut Tx<'_>| {
        let sample = Sample {
            to: id,
            kind: &|generation| wire::generations::event_kind(generation, &name),
            render: &|generation, event, delivery| {
                generations::render(generation, event, delivery, &signing_page)
            },
        };
        samples::send(tx, tenant, now, real, &sample, &lender)
    };
    match visit.change(&body, send).await {
        Ok(file) => see_other(&format!("/dashboard/webhooks/{id}/deliveries/{}", file.delivery.id)),
        Err(Failed::Refused(SampleRefused::Disabled)) => back(id, "off"),
        Err(Failed::Refused(SampleRefused::UnknownEvent)) => back(id, ""),
        Err(Failed::Refused(SampleRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Sends again what the endpoint has not accepted since the beginning of a day.
pub(in crate::pages::dashboard) async fn recover(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Some((tenant, id)) = named(&visit, &id) else { return unknown(&headers) };
    let since = match Form::read(&body) {
        Ok(form) => form.text_or_empty("since").parse(),
        Err(rejection) => return failure(&rejection),
    };
    let Ok(since) = since.map(Timestamp::start_of_business_date) else { return back(id, "day") };
    let recover = move |tx: &mut Tx<'_>| webhooks::recover(tx, tenant, id, since.unmoved());
    answered(visit.change(&body, recover).await.map(|()| back(id, "recovered")), &headers)
}

/// Makes a new secret and shows it. The old one signs too for a day.
pub(in crate::pages::dashboard) async fn rotate(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Some((tenant, id)) = named(&visit, &id) else { return unknown(&headers) };
    let real = visit.state.clock.now();
    let rotate = move |tx: &mut Tx<'_>| webhooks::rotate_secret(tx, tenant, real, id, OVERLAP);
    let rotated = visit.change_and_answer(StatusCode::OK, b"", rotate).await;
    answered(rotated.map(|endpoint| shown_once(&visit, &endpoint)), &headers)
}

/// Switches an endpoint on or off.
pub(in crate::pages::dashboard) async fn switch(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Some((tenant, id)) = named(&visit, &id) else { return unknown(&headers) };
    let on = match Form::read(&body) {
        Ok(form) => form.text_or_empty("to") == "on",
        Err(rejection) => return failure(&rejection),
    };
    let (real, store) = (visit.state.clock.now(), &visit.state.store);
    if on {
        // The waiting deliveries become due in small steps before.
        let step = move |tx: &mut Tx<'_>, rows| webhooks::prepare(tx, tenant, real, id, rows);
        if let Err(error) = in_steps(store, step).await {
            return failure(&of_store(error));
        }
    }
    let input = if on { EndpointInput::Enable } else { EndpointInput::Disable };
    let update = EndpointUpdate { switch: Some(input), ..EndpointUpdate::default() };
    let now = visit.state.partner_clocks.at(tenant, real);
    let change = move |tx: &mut Tx<'_>| webhooks::update(tx, tenant, now, id, &update);
    let done = if on { "on" } else { "off" };
    answered(visit.change(&body, change).await.map(|_endpoint| back(id, done)), &headers)
}

/// Deletes an endpoint. What waits for it is given up.
pub(in crate::pages::dashboard) async fn delete(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap,
) -> Response {
    let Some((tenant, id)) = named(&visit, &id) else { return unknown(&headers) };
    let delete = move |tx: &mut Tx<'_>| webhooks::delete(tx, tenant, id);
    answered(visit.change(b"", delete).await.map(|()| see_other("/dashboard/webhooks")), &headers)
}
