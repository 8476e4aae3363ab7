//! Plain pages for people, in Portuguese with English, without third parties. All of them work without scripts. With
//! scripts, the hosted session's page adds the camera and the progress of uploads.

mod account_change;
mod addresses;
mod answer;
mod assets;
mod attempts;
mod biometrics;
mod console;
mod cookie;
mod credentials;
mod dashboard;
mod endpoint_row;
pub(crate) mod errors;
mod form;
mod hits;
mod kit;
mod loan;
mod mail_subject;
mod mailbox;
mod notice;
mod payment;
mod people;
mod portal;
mod qr;
mod sent;
mod signing;
mod texts;
mod visits;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::{get, post};

use domain::credential::Environment;

use self::answer::SNIFF;
pub use self::people::routes::Listed;
pub(crate) use self::portal::Documents;
use crate::http::upload::form_limit;
use crate::state::AppState;

/// The routes of the pages. `documents` makes the OpenAPI documents for the portal.
pub(crate) fn routes(
    environment: Environment, state: &AppState, documents: fn(&AppState) -> Documents,
) -> Router<AppState> {
    let files = get(biometrics::home).post(biometrics::upload).layer(DefaultBodyLimit::max(form_limit()));
    let session = Router::new()
        .route("/biometrics", get(biometrics::show).post(biometrics::begin))
        .route("/biometrics/files", files)
        .route("/biometrics/bank-account", get(biometrics::home).post(biometrics::give_account))
        .route("/biometrics/submit", get(biometrics::home).post(biometrics::submit))
        .route_layer(from_fn_with_state(state.clone(), biometrics::not_too_often));
    Router::new()
        .merge(session)
        .merge(people::routes(state))
        .merge(console::routes(state))
        .merge(dashboard::routes(state))
        .merge(portal::routes(documents))
        .route("/assets/page.css", get(style))
        .route("/assets/{hash}/{*name}", get(assets::show))
        .route("/language", post(kit::choose_language))
        .route("/assets/biometrics.js", get(biometrics::script))
        .route("/sign/{token}", get(signing::show).post(signing::submit))
        .route("/sign/{token}/code", get(signing::show).post(signing::send_code))
        .route("/sign/{token}/contract.pdf", get(signing::document))
        .route("/account/{token}", get(account_change::show).post(account_change::confirm))
        .route("/account/{token}/code", get(account_change::show).post(account_change::send_code))
        .route("/pay/{token}/{number}", get(payment::show_one))
        .route("/pay/{token}/{number}/qr.svg", get(payment::qr_image))
        .route("/pix/{token}", get(payment::charge))
        .merge(match environment {
            Environment::Sandbox => sandbox_only(),
            Environment::Production => Router::new().route("/pay/{token}", get(payment::show)),
        })
}

/// Every page for signed-in people, with who may see it, for the tests of roles.
pub fn listed() -> Vec<Listed> {
    [people::listed(), console::listed(), dashboard::listed()].concat()
}

fn sandbox_only() -> Router<AppState> {
    Router::new()
        .route("/pay/{token}", get(payment::show).post(payment::pay))
        .route("/kit", get(kit::show))
        .route("/sandbox/mailbox", get(mailbox::show))
}

async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "no-cache"), (SNIFF, "nosniff")],
        include_str!("../../templates/page.css"),
    )
}
