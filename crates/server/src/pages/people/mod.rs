//! The pages with which people sign in, and what stands around the pages of those who have: the lender's people at the
//! console, and the members of partners' teams at the dashboard (docs/decisions/0025 and 0039).
//!
//! [`gate`] lets only signed-in people through, with the permission that a page declares with its route.

pub(super) mod account;
pub(super) mod desk;
pub(super) mod entry;
pub(super) mod frame;
pub(super) mod gate;
pub(super) mod notice;
pub(super) mod routes;
mod sign_in;
pub(super) mod steps;
pub(super) mod visit;
pub(super) mod visitor;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;

use self::routes::{Guard, Listed, Pages};
use crate::state::AppState;

/// The routes of the sign-in, and of a person's own pages.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    let forms = Router::new()
        .route("/sign-in/link/{secret}", get(entry::show).post(entry::enter))
        .route("/sign-in/forgot", get(sign_in::show_forgot).post(sign_in::send_new))
        .route("/sign-in/sso", get(sign_in::ask_provider))
        .route("/sign-in/sso/return", get(sign_in::provider_answer))
        .route(steps::SIGN_IN, get(sign_in::show).post(sign_in::submit))
        .route_layer(from_fn_with_state(state.clone(), gate::not_too_often));
    let signed_in = pages().into_router().route_layer(from_fn_with_state(state.clone(), gate::signed_in));
    forms.merge(signed_in)
}

/// The pages for every signed-in person.
fn pages() -> Pages {
    Pages::default()
        .get("/sign-in/password", Guard::Anyone, sign_in::show_password)
        .post("/sign-in/password", Guard::Anyone, sign_in::choose)
        .get("/sign-in/code", Guard::Anyone, sign_in::show_code)
        .post("/sign-in/code", Guard::Anyone, sign_in::give)
        .get("/sign-in/authenticator", Guard::Anyone, sign_in::show_authenticator)
        .post("/sign-in/authenticator", Guard::Anyone, sign_in::set_up)
        .get(steps::PROOF, Guard::Anyone, sign_in::show_proof)
        .post(steps::PROOF, Guard::Anyone, sign_in::prove)
        .get("/me", Guard::Anyone, account::show)
        .get("/me/password", Guard::Fresh, sign_in::show_password)
        .post("/me/password", Guard::Fresh, sign_in::choose)
        // The first authenticator needs no fresh proof, because there is nothing to prove with. The use case decides.
        .get("/me/authenticator", Guard::Anyone, sign_in::show_authenticator)
        .post("/me/authenticator", Guard::Anyone, sign_in::set_up)
        .get("/me/passkeys", Guard::Anyone, sign_in::show_passkey)
        .post("/me/passkeys", Guard::Anyone, sign_in::add_passkey)
        .post("/me/passkeys/remove", Guard::Fresh, sign_in::remove_passkey)
        .post("/me/recovery-codes", Guard::Fresh, sign_in::codes)
        .post("/me/sessions/{id}/end", Guard::Anyone, account::end)
        .post("/sign-out", Guard::Anyone, entry::sign_out)
}

/// Every page for signed-in people, for the tests of roles.
pub(super) fn listed() -> Vec<Listed> {
    pages().listed()
}
