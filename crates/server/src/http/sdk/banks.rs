//! The directory of banks.

use std::sync::LazyLock;

use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use bytes::Bytes;
use wire::sdk::bank_account::Banks;

use crate::http::auth::CustomerCaller;

/// The body of every answer. The directory never changes while the program runs.
static BODY: LazyLock<Bytes> =
    LazyLock::new(|| serde_json::to_vec(&Banks::all()).expect("the directory is text").into());

/// List banks
///
/// The whole directory in one answer. For partner and session tokens.
#[utoipa::path(
    get, path = "/banks", operation_id = "listBanks", tag = "Bank accounts",
    responses((status = 200, description = "Every bank, by COMPE code.", body = Banks))
)]
pub(super) async fn list(_caller: CustomerCaller) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], BODY.clone())
}
