//! The login of programs (`dinie login`): a program asks for a code, and then again and again for its credential, until a
//! person has confirmed the code in the dashboard. It is the device flow of RFC 8628 without its names, because the answer
//! is a credential and no token. It belongs to no generation and to no document of the API.

use app::Failed;
use app::partners::program_logins::{self, CollectRefused, VALIDITY};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use wire::problem::{Code, Problem};

use super::address::origin_of;
use super::extract::body_up_to;
use super::json::Json;
use super::problem::{Rejection, of_store};
use crate::state::AppState;

/// Seconds between two questions for a credential. The limit of token requests has room for them.
const PAUSE_S: u64 = 2;
/// Most bytes of a body.
const MOST: usize = 4_096;

/// Begins a login: `{"name": "laptop"}`.
pub(super) async fn begin(State(state): State<AppState>, request: Request) -> Result<Response, Rejection> {
    let body = counted(&state, request).await?;
    let name = body["name"].as_str().and_then(program_logins::name_of);
    let name = name.ok_or_else(|| wrong("name must be a visible text of 1 to 60 characters"))?;
    let now = state.clock.now();
    let begun = state.store.write(move |tx| program_logins::begin(tx, now, &name)).await.map_err(of_store)?;
    Ok(answer(
        StatusCode::OK,
        json!({
            "secret": begun.secret,
            "url": state.lender.links.program_login(&begun.code),
            "code": begun.code,
            "expires_in": VALIDITY.as_secs(),
            "interval": PAUSE_S,
        }),
    ))
}

/// Collects the credential of a confirmed login: `{"secret": "dinie_pl_…"}`. 202 means that nobody has confirmed it yet.
pub(super) async fn collect(State(state): State<AppState>, request: Request) -> Result<Response, Rejection> {
    let body = counted(&state, request).await?;
    let secret = body["secret"].as_str().ok_or_else(|| wrong("secret is required"))?.to_owned();
    let (now, environment) = (state.clock.now(), state.config.environment);
    let collected = state.store.write(move |tx| program_logins::collect(tx, now, environment, &secret)).await;
    match collected {
        Ok(None) => Ok(answer(StatusCode::ACCEPTED, json!({"status": "waiting"}))),
        Ok(Some((partner, created))) => Ok(answer(
            StatusCode::OK,
            json!({
                "client_id": created.credential.client_id.to_string(),
                "client_secret": created.secret,
                "partner_id": partner.id.to_string(),
                "partner_name": partner.name,
            }),
        )),
        Err(Failed::Refused(CollectRefused::NotFound)) => {
            let detail = "there is no such login: it was used, or its ten minutes are over";
            Err(Problem::new(Code::ResourceNotFound, detail).into())
        }
        Err(Failed::Refused(CollectRefused::TooMany)) => {
            let detail = "the partner has too many active credentials; revoke one in the dashboard";
            Err(Problem::new(Code::InvalidRequest, detail).into())
        }
        Err(Failed::Store(error)) => Err(of_store(error)),
    }
}

/// The body of a request, which is counted with the requests for tokens before anything is read.
async fn counted(state: &AppState, request: Request) -> Result<Value, Rejection> {
    state.limits.token(origin_of(&request, &state.config.proxies).sure)?;
    let body = body_up_to(request, MOST).await?;
    serde_json::from_slice(&body).map_err(|_no_json| wrong("send a JSON object"))
}

fn wrong(detail: &str) -> Rejection {
    Problem::new(Code::InvalidRequest, detail).into()
}

fn answer(status: StatusCode, body: Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
