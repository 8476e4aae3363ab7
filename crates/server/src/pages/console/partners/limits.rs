//! The form that sets a partner's limits, on the partner's page.

use app::partners::limits::{self, MOST_REQUESTS, SetLimits, SetLimitsRefused};
use app::{Failed, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use domain::id::PartnerId;
use serde_json::{Value, json};
use wire::operator::partner::SetPartnerLimits;

use super::super::people::Place;
use super::one::{self, Wrong};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::people::notice::unknown;
use crate::pages::people::visit::Visit;

/// Sets the limits and shows the partner.
pub(in crate::pages::console) async fn set(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(id) = id.parse::<PartnerId>() else { return unknown(&headers) };
    let form = match Form::read(&body) {
        Ok(form) => form,
        Err(rejection) => return failure(&rejection),
    };
    let given = form.line("requests");
    let again =
        async |visit, wrong, status| one::page(visit, &headers, id, Place::default(), wrong, status).await;
    let Ok(SetPartnerLimits { requests_per_10s, version }) = read(&given, &form.line("version")) else {
        let wrong = Wrong { given, is_changed: false };
        return again(visit, Some(wrong), StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let command = SetLimits { requests_per_10s, version };
    let set = move |tx: &mut Tx<'_>| limits::set(tx, id, &command);
    match visit.change(&body, set).await {
        Ok(()) => see_other(&format!("/console/partners/{id}")),
        Err(Failed::Refused(SetLimitsRefused::Changed)) => {
            again(visit, Some(Wrong { given, is_changed: true }), StatusCode::CONFLICT).await
        }
        Err(Failed::Refused(SetLimitsRefused::NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Reads the form as the operator API reads its body. An empty limit is the server's.
fn read(requests: &str, version: &str) -> Result<SetPartnerLimits, wire::problem::Problem> {
    let number = |text: &str| text.parse::<i64>().map_or_else(|_not_whole| json!(text), Value::from);
    let requests = if requests.is_empty() { Value::Null } else { number(requests) };
    SetPartnerLimits::read(&json!({"requests_per_10s": requests, "version": number(version)}), MOST_REQUESTS)
}
