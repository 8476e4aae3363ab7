//! Tokens and credentials.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use domain::credential::{ClientId, Maker, Scope};
use wire::reference::List;
use wire::reference::credential::{CreateCredential, Credential};

use crate::http::auth::PartnerCaller;
use crate::http::documented::{OrderParam, PageParams, RevokeParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::json::Json;
use crate::http::page::{cursor, reach};
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::http::token::{self, AccessToken, TokenBody, TokenRequest};
use crate::state::AppState;

/// Create an access token
///
/// Takes the client id and secret of a credential, by HTTP Basic or in the body, never both. The token is valid for
/// one hour and is sent as `Authorization: Bearer …`.
#[utoipa::path(
    post,
    path = "/auth/token",
    operation_id = "createToken",
    tag = "Authentication",
    security(("basic" = []), ()),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "An access token.", body = AccessToken))
)]
pub(super) async fn issue_token(
    State(state): State<AppState>,
    request: Request,
) -> Result<Response, Rejection> {
    token::issue(&state, TokenBody::Form, request).await
}

/// Create a credential
///
/// Its secret is shown in this answer only. A partner has at most 50 active credentials. To rotate, create a second
/// credential, switch to it and revoke the first.
#[utoipa::path(
    post,
    path = "/auth/credentials",
    operation_id = "createCredential",
    tag = "Authentication",
    request_body = CreateCredential,
    responses(
        (
            status = 201,
            description = "The new credential with its secret, which no later answer shows.",
            body = Credential,
        ),
    )
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: PartnerCaller,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let environment = state.config.environment;
    // Credentials live by the real time, whatever the partner's clock says.
    let now = state.clock.now();
    let command = CreateCredential::read(&body.value, now).map(|given| {
        let CreateCredential { name, expires_at } = given;
        let (scope, created_by) = (Scope::Partner, Maker::Credential(caller.client));
        app::partners::credentials::CreateCredential { environment, name, scope, expires_at, created_by }
    });
    let create = move |tx: &mut app::Tx<'_>, _, command: &_| {
        app::partners::credentials::create(tx, caller.tenant, now, command)
    };
    idempotency::run(&state, caller.tenant, request, &body.bytes, command, create, move |created, _| {
        let credential = Credential::of(&created.credential, now).with_secret(created.secret.clone());
        Answer::created(format!("/v3/auth/credentials/{}", created.credential.client_id), &credential)
    })
    .await
}

/// List credentials
///
/// Active and revoked ones, without their secrets.
#[utoipa::path(
    get,
    path = "/auth/credentials",
    operation_id = "listCredentials",
    tag = "Authentication",
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of credentials.", body = List<Credential>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    caller: PartnerCaller,
    mut query: Query,
) -> Result<Json<List<Credential>>, Rejection> {
    let (cursor, now) = (cursor(&mut query), state.clock.now());
    query.finish()?;
    let page =
        reading::page(&state, cursor, move |tx, at| app::partners::credentials::list(tx, caller.tenant, at))
            .await?;
    Ok(Json(List::of(page, |credential| Credential::of(&credential, now))))
}

/// Revoke a credential
///
/// Its tokens stop working everywhere within one second. With `revoke_created=true` every credential that it has made is
/// revoked too, and those that these have made. Then a credential that has ended before is no error if one of those ends.
#[utoipa::path(
    delete,
    path = "/auth/credentials/{client_id}",
    operation_id = "revokeCredential",
    tag = "Authentication",
    params(("client_id" = String, Path), RevokeParams),
    responses((status = 204, description = "The credential and its tokens no longer work."))
)]
pub(super) async fn revoke(
    State(state): State<AppState>,
    caller: PartnerCaller,
    PathId(client): PathId<ClientId>,
    mut query: Query,
) -> Result<StatusCode, Rejection> {
    let (now, reach) = (state.clock.now(), reach(&mut query));
    query.finish()?;
    let revoke =
        move |tx: &mut app::Tx<'_>| app::partners::credentials::revoke(tx, caller.tenant, now, client, reach);
    let revoked = state.store.write(revoke).await?;
    revoked.ended.iter().for_each(|client| state.credentials.forget(*client));
    Ok(StatusCode::NO_CONTENT)
}
