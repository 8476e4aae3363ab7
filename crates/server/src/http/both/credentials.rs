//! The credentials of the partner's own programs.

use app::partners::credentials;
use axum::http::StatusCode;
use axum::response::Response;
use domain::credential::{ClientId, Maker, Scope};
use wire::problem::Code;

use super::dialect::credential::{CreateCredential, Credential};
use super::dialect::{BASE, List, REVOKED, RevokeRefused};
use crate::http::call::{PartnerRead, PartnerWrite};
use crate::http::documented::{OrderParam, PageParams, RevokeParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::json::Json;
use crate::http::page::{Paged, reach};
use crate::http::problem::Rejection;

/// Create a credential
///
/// Its secret is shown in this answer only. A partner has at most 50 active credentials. To rotate, create a second
/// credential, switch to it and revoke the first.
#[utoipa::path(
    post, path = "/auth/credentials", operation_id = "createCredential", tag = "Authentication",
    extensions(("x-codes" = json!(codes(&[Code::InvalidState])))),
    request_body = CreateCredential,
    responses(
        (
            status = 201,
            description = "The new credential with its secret, which no later answer shows.",
            body = Credential,
        ),
    )
)]
pub(super) async fn create(call: PartnerWrite<(), JsonBody>) -> Result<Response, Rejection> {
    let (caller, environment) = (call.caller, call.state.config.environment);
    let command = CreateCredential::read(&call.body.value, call.state.clock.now()).map(|given| {
        let CreateCredential { name, expires_at } = given;
        let (scope, created_by) = (Scope::Partner, Maker::Credential(caller.client));
        credentials::CreateCredential { environment, name, scope, expires_at, created_by }
    });
    let create =
        move |tx: &mut app::Tx<'_>, real, command: &_| credentials::create(tx, caller.tenant, real, command);
    call.run(command, create, |created, real| {
        let credential = Credential::of(&created.credential, real).with_secret(created.secret.clone());
        Answer::created(format!("{BASE}/auth/credentials/{}", created.credential.client_id), &credential)
    })
    .await
}

/// List credentials
///
/// Active and revoked credentials, without their secrets.
#[utoipa::path(
    get, path = "/auth/credentials", operation_id = "listCredentials", tag = "Authentication",
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of credentials.", body = List<Credential>))
)]
pub(super) async fn list(
    call: PartnerRead, Paged(cursor): Paged<ClientId>,
) -> Result<Json<List<Credential>>, Rejection> {
    let page = call.page(cursor, credentials::list).await?;
    let now = call.state.clock.now();
    Ok(Json(List::of(page, |credential| Credential::of(&credential, now))))
}

/// Revoke a credential
///
/// Its tokens stop working everywhere within one second. With `revoke_created=true`, every credential that it created
/// is revoked too, and every credential that those created. Then an already revoked credential is no error if at
/// least one of the others is revoked.
#[utoipa::path(
    delete, path = "/auth/credentials/{client_id}", operation_id = "revokeCredential", tag = "Authentication",
    extensions(("x-codes" = json!(codes(&[REVOKED])))),
    params(RevokeParams),
    responses((status = 204, description = "The credential and its tokens no longer work."))
)]
pub(super) async fn revoke(
    call: PartnerRead<PathId<ClientId>>, mut query: Query,
) -> Result<StatusCode, Rejection> {
    let (state, tenant, client) = (&call.state, call.caller.tenant, call.id());
    let (now, reach) = (state.clock.now(), reach(&mut query));
    query.finish()?;
    let revoke = move |tx: &mut app::Tx<'_>| {
        credentials::revoke(tx, tenant, now, client, reach)
            .map_err(|failed| failed.map_refused(RevokeRefused::from))
    };
    let revoked = state.store.write(revoke).await?;
    revoked.ended.iter().for_each(|client| state.credentials.forget(*client));
    Ok(StatusCode::NO_CONTENT)
}
