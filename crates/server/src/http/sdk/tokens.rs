//! Access tokens.

use axum::extract::{Request, State};
use axum::response::Response;

use crate::http::problem::Rejection;
use crate::http::token::{self, AccessToken, TokenBody, TokenRequest};
use crate::state::AppState;

/// Create an access token
///
/// Send the client id and secret of a credential by HTTP Basic or in the body, never both. The token is valid for one
/// hour. Send it as `Authorization: Bearer …`.
#[utoipa::path(
    post, path = "/auth/token", operation_id = "createToken", tag = "Authentication",
    security(("basic" = []), ()),
    request_body(content(
        (TokenRequest = "application/x-www-form-urlencoded"),
        (TokenRequest = "application/json"),
    )),
    responses((status = 200, description = "An access token.", body = AccessToken))
)]
pub(super) async fn issue(State(state): State<AppState>, request: Request) -> Result<Response, Rejection> {
    token::issue(&state, TokenBody::FormOrJson, request).await
}
