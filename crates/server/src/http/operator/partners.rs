//! Partners and their credentials.

use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use domain::credential::{ClientId, Maker, Reach};
use domain::id::PartnerId;
use wire::operator::List;
use wire::operator::partner::{CreateCredential, CreatePartner, Credential, Partner};

use super::caller::OperatorCaller;
use super::refusals::NoCredential;
use crate::http::documented::{OrderParam, PageParams, RevokeParams};
use crate::http::extract::{JsonBody, PathId, Query, Repeatable};
use crate::http::idempotency::{self, Answer};
use crate::http::page::{cursor, reach};
use crate::http::problem::Rejection;
use crate::http::reading;
use crate::state::AppState;

fn shown(partner: app::partners::Partner) -> Partner {
    Partner::new(partner.id, partner.name, partner.created_at)
}

/// Create a partner
///
/// A partner is a tenant: it has credentials of its own and sees only what it registers.
#[utoipa::path(
    post,
    path = "/partners",
    operation_id = "createPartner",
    tag = "Partners",
    request_body = CreatePartner,
    responses((status = 201, description = "The new partner.", body = Partner))
)]
pub(super) async fn create(
    State(state): State<AppState>,
    caller: OperatorCaller,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let command = CreatePartner::read(&body.value);
    let create = |tx: &mut Tx<'_>, now, given: &CreatePartner| -> Result<_, Failed<NotFound>> {
        Ok(app::partners::create(tx, now, &given.name)?)
    };
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, create, |partner, _now| {
        Answer::created(format!("/operator/v1/partners/{}", partner.id), &shown(partner.clone()))
    })
    .await
}

/// List partners
///
/// Newest first.
#[utoipa::path(
    get,
    path = "/partners",
    operation_id = "listPartners",
    tag = "Partners",
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of partners.", body = List<Partner>))
)]
pub(super) async fn list(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    mut query: Query,
) -> Result<Json<List<Partner>>, Rejection> {
    let cursor = cursor(&mut query);
    query.finish()?;
    let page = reading::read(&state, move |tx| app::partners::list(tx, &cursor)).await?;
    Ok(Json(List::of(page, shown)))
}

/// Get a partner
///
/// With the name under which it was created.
#[utoipa::path(
    get,
    path = "/partners/{partner_id}",
    operation_id = "getPartner",
    tag = "Partners",
    params((
            "partner_id" = String, Path,
            description = "The partner's id.",
            pattern = "^ptr_[0-9a-f]{32}$",
            example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    responses((status = 200, description = "The partner.", body = Partner))
)]
pub(super) async fn show(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(id): PathId<PartnerId>,
) -> Result<Json<Partner>, Rejection> {
    let find = move |tx: &mut Tx<'_>| app::partners::find(tx, id)?.ok_or(Failed::Refused(NotFound));
    Ok(Json(shown(reading::look_up(&state, find).await?)))
}

/// Create a credential
///
/// With it the partner obtains access tokens. Only this answer shows the secret. A partner has at most 50 active
/// credentials.
#[utoipa::path(
    post,
    path = "/partners/{partner_id}/credentials",
    operation_id = "createPartnerCredential",
    tag = "Partners",
    params((
            "partner_id" = String, Path,
            description = "The partner's id.",
            pattern = "^ptr_[0-9a-f]{32}$",
            example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        )),
    request_body = CreateCredential,
    responses(
        (
            status = 201,
            description = "The new credential with its secret, which no later answer shows.",
            body = Credential,
        ),
    )
)]
pub(super) async fn create_credential(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(partner): PathId<PartnerId>,
    request: Repeatable,
    body: JsonBody,
) -> Result<Response, Rejection> {
    let environment = state.config.environment;
    let command = CreateCredential::read(&body.value, state.clock.now()).map(|given| {
        let CreateCredential { name, scope, expires_at } = given;
        let created_by = Maker::Operator(caller.id());
        app::partners::credentials::CreateCredential { environment, name, scope, expires_at, created_by }
    });
    let create = move |tx: &mut Tx<'_>, now, command: &_| {
        app::partners::credentials::create(tx, partner, now, command)
            .map_err(|failed| failed.map_refused(NoCredential))
    };
    idempotency::run(&state, caller.holder(), request, &body.bytes, command, create, |created, now| {
        let credential = Credential::of(&created.credential, now).with_secret(created.secret.clone());
        Answer::created_here(&credential)
    })
    .await
}

/// List the credentials of a partner
///
/// Active, revoked and expired ones, without their secrets.
#[utoipa::path(
    get,
    path = "/partners/{partner_id}/credentials",
    operation_id = "listPartnerCredentials",
    tag = "Partners",
    params(
        (
            "partner_id" = String, Path,
            description = "The partner's id.",
            pattern = "^ptr_[0-9a-f]{32}$",
            example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of the partner's credentials.", body = List<Credential>))
)]
pub(super) async fn list_credentials(
    State(state): State<AppState>,
    _caller: OperatorCaller,
    PathId(partner): PathId<PartnerId>,
    mut query: Query,
) -> Result<Json<List<Credential>>, Rejection> {
    let (cursor, now) = (cursor(&mut query), state.clock.now());
    query.finish()?;
    let list = move |tx: &mut Tx<'_>| {
        if app::partners::find(tx, partner)?.is_none() {
            return Err(Failed::Refused(app::ListRefused::NotFound));
        }
        app::partners::credentials::list(tx, partner, &cursor)
    };
    let page = reading::read(&state, list).await?;
    Ok(Json(List::of(page, |credential| Credential::of(&credential, now))))
}

/// Revoke a credential
///
/// The credential and its tokens stop working within a second. This cannot be undone. With `revoke_created=true` every
/// credential that it has made ends as well, and what these have made.
#[utoipa::path(
    post,
    path = "/credentials/{client_id}/revoke",
    operation_id = "revokePartnerCredential",
    tag = "Partners",
    params(
        (
            "client_id" = String, Path,
            description = "The client id of the credential.",
            pattern = "^dinie_ci_(test|live)_[0-9a-f]{32}$",
            example = "dinie_ci_test_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        RevokeParams,
    ),
    responses((status = 200, description = "The revoked credential.", body = Credential))
)]
pub(super) async fn revoke_credential(
    State(state): State<AppState>,
    caller: OperatorCaller,
    PathId(client): PathId<ClientId>,
    request: Repeatable,
    mut query: Query,
) -> Result<Response, Rejection> {
    let reach = reach(&mut query);
    query.finish()?;
    let revoke = move |tx: &mut Tx<'_>, real, _nothing: &()| {
        let (partner, _) = app::directory::place(tx, real, &client)?;
        app::partners::credentials::revoke(tx, partner, real, client, reach)
    };
    // A key stands for the reach as well: the parameter is no part of a request's path.
    let print = match reach {
        Reach::Alone => &b""[..],
        Reach::WithCreated => b"revoke_created",
    };
    let inside = state.clone();
    idempotency::run(&state, caller.holder(), request, print, Ok(()), revoke, move |revoked, now| {
        // Should the commit fail, the credentials are read again and still work.
        revoked.ended.iter().for_each(|client| inside.credentials.forget(*client));
        Answer::ok(&Credential::of(&revoked.credential, now))
    })
    .await
}
