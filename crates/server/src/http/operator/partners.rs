//! Partners and their credentials.

use app::partners::credentials::MOST_ACTIVE;
use app::partners::limits::{self, MOST_REQUESTS, OwnLimits, SetLimits, SetLimitsRefused};
use app::partners::{Count, Sheet};
use app::{Failed, NotFound, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::credential::{ClientId, Maker, Reach};
use domain::id::PartnerId;
use wire::operator::List;
use wire::operator::partner::{
    CreateCredential, CreatePartner, Credential, EndpointHealth, Partner, PartnerLimits, PartnerOverview,
    PartnerVolumes, SetPartnerLimits,
};
use wire::problem::{Code, Problem};
use wire::text_scalar::{Money, Timestamp};

use super::place::{Place, Read, Write};
use super::refusals::NoCredential;
use crate::config::RateLimits;
use crate::http::call::Body;
use crate::http::documented::{OrderParam, PageParams, RevokeParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::{Paged, reach};
use crate::http::partner_volumes::volumes_of_one;
use crate::http::problem::{Refusal, Rejection, of_store};
use crate::volumes::Counted;

fn shown(partner: app::partners::Partner) -> Partner {
    Partner::new(partner.id, partner.name, partner.created_at)
}

/// Create a partner
///
/// A partner is a tenant: it has its own credentials and sees only its own resources.
#[utoipa::path(
    post, path = "/partners", operation_id = "createPartner", tag = "Partners",
    extensions(("x-permission" = json!(Permission::CreatePartner.name()))),
    request_body = CreatePartner,
    responses((status = 201, description = "The new partner.", body = Partner))
)]
pub(super) async fn create(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let command = CreatePartner::read(&call.body.value);
    let create = |tx: &mut Tx<'_>, now, given: &CreatePartner| -> Result<_, Failed<NotFound>> {
        Ok(app::partners::create(tx, now, &given.name)?)
    };
    call.run(command, create, |partner, _now| {
        Answer::created(format!("/operator/v1/partners/{}", partner.id), &shown(partner.clone()))
    })
    .await
}

/// List partners
///
/// Newest first.
#[utoipa::path(
    get, path = "/partners", operation_id = "listPartners", tag = "Partners",
    extensions(("x-permission" = json!(Permission::ReadPartners.name()))),
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of partners.", body = List<Partner>))
)]
pub(super) async fn list(
    call: Read, Paged(cursor): Paged<PartnerId>,
) -> Result<Json<List<Partner>>, Rejection> {
    let page = call.state.store.read(move |tx| app::partners::list(tx, &cursor)).await?;
    Ok(Json(List::of(page, shown)))
}

/// Get a partner
///
/// Shows the name that it was created with.
#[utoipa::path(
    get, path = "/partners/{partner_id}", operation_id = "getPartner", tag = "Partners",
    extensions(("x-permission" = json!(Permission::ReadPartners.name()))),
    responses((status = 200, description = "The partner.", body = Partner))
)]
pub(super) async fn show(call: Read<PathId<PartnerId>>) -> Result<Json<Partner>, Rejection> {
    let id = call.id();
    let find = move |tx: &mut Tx<'_>| app::partners::find(tx, id)?.ok_or(Failed::Refused(NotFound));
    Ok(Json(shown(call.state.store.look_up(find).await?)))
}

/// Get the overview of a partner
///
/// Its volumes, its limits, and whether its events arrive. The volumes are at most a minute old.
#[utoipa::path(
    get, path = "/partners/{partner_id}/overview", operation_id = "getPartnerOverview", tag = "Partners",
    extensions(("x-permission" = json!(Permission::ReadPartners.name()))),
    responses((status = 200, description = "The overview of the partner.", body = PartnerOverview))
)]
pub(super) async fn overview(call: Read<PathId<PartnerId>>) -> Result<Json<PartnerOverview>, Rejection> {
    let (id, now) = (call.id(), call.state.clock.now());
    let sheet = call.state.store.read(move |tx| app::partners::sheet(tx, now, id)).await?;
    let Counted { volumes, at } = volumes_of_one(&call.state, id).await.map_err(of_store)?;
    Ok(Json(PartnerOverview {
        partner_id: id.to_string(),
        volumes: PartnerVolumes {
            customers: volumes.customers,
            loans: volumes.loans,
            disbursed_30_days: Money(volumes.disbursed),
            counted_at: Timestamp::real(at),
        },
        limits: limits_of(&sheet, call.state.limits.configured()),
        webhook_endpoints: sheet.endpoints.into_iter().map(health).collect(),
    }))
}

fn limits_of(sheet: &Sheet, configured: RateLimits) -> PartnerLimits {
    let OwnLimits { requests_per_10s: own, version } = sheet.partner.limits;
    PartnerLimits {
        requests_per_10s: own.unwrap_or(configured.requests_per_10s),
        own_requests_per_10s: own,
        version,
        active_credentials: sheet.active_credentials,
        most_active_credentials: MOST_ACTIVE,
        endpoints: app::row_count(sheet.endpoints.len()),
        most_endpoints: app::webhooks::MOST_ENDPOINTS,
    }
}

impl Refusal for SetLimitsRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::Changed => Problem::invalid_state("somebody else has changed the limits; read them again"),
        }
    }
}

/// Set the limits of a partner
///
/// They apply on every server within a second. The entry in the audit trail has the limit before and after.
#[utoipa::path(
    post, path = "/partners/{partner_id}/limits", operation_id = "setPartnerLimits", tag = "Partners",
    extensions(
        ("x-permission" = json!(Permission::LimitPartner.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    request_body = SetPartnerLimits,
    responses((status = 200, description = "The limits of the partner.", body = PartnerLimits))
)]
pub(super) async fn set_limits(call: Write<PathId<PartnerId>, JsonBody>) -> Result<Response, Rejection> {
    let (id, configured) = (call.id(), call.state.limits.configured());
    let command = SetPartnerLimits::read(&call.body.value, MOST_REQUESTS).map(|given| {
        let SetPartnerLimits { requests_per_10s, version } = given;
        SetLimits { requests_per_10s, version }
    });
    let set = move |tx: &mut Tx<'_>, now, command: &SetLimits| {
        limits::set(tx, id, command)?;
        let sheet = app::partners::sheet(tx, now, id);
        sheet.map_err(|failed| failed.map_refused(|NotFound| SetLimitsRefused::NotFound))
    };
    call.run(command, set, move |sheet, _now| Answer::ok(&limits_of(sheet, configured))).await
}

fn health(endpoint: app::partners::EndpointHealth) -> EndpointHealth {
    EndpointHealth {
        id: endpoint.id.to_string(),
        url: endpoint.address,
        status: endpoint.state.into(),
        failing_since: endpoint.failing_since.map(Timestamp::real),
        waiting: match endpoint.waiting {
            Count::Exactly(count) | Count::AtLeast(count) => count,
        },
        oldest_waiting_at: endpoint.oldest.map(Timestamp::real),
    }
}

/// Create a credential
///
/// The partner obtains access tokens with it. Only this answer shows the secret. A partner has at most 50 active
/// credentials.
#[utoipa::path(
    post, path = "/partners/{partner_id}/credentials",
    operation_id = "createPartnerCredential", tag = "Partners",
    extensions(("x-permission" = json!(Permission::CreateCredential.name())), ("x-codes" = json!(codes(&[Code::InvalidState])))),
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
    call: Write<PathId<PartnerId>, JsonBody>,
) -> Result<Response, Rejection> {
    let (partner, environment) = (call.id(), call.state.config.environment);
    let created_by = Maker::Operator(call.caller.id());
    let command = CreateCredential::read(&call.body.value, call.state.clock.now()).map(|given| {
        let CreateCredential { name, scope, expires_at } = given;
        app::partners::credentials::CreateCredential { environment, name, scope, expires_at, created_by }
    });
    let create = move |tx: &mut Tx<'_>, now, command: &_| {
        app::partners::credentials::create(tx, partner, now, command)
            .map_err(|failed| failed.map_refused(NoCredential))
    };
    call.run(command, create, |created, now| {
        let credential = Credential::of(&created.credential, now).with_secret(created.secret.clone());
        Answer::created_here(&credential)
    })
    .await
}

/// List the credentials of a partner
///
/// Active, revoked and expired ones, without their secrets.
#[utoipa::path(
    get, path = "/partners/{partner_id}/credentials",
    operation_id = "listPartnerCredentials", tag = "Partners",
    extensions(("x-permission" = json!(Permission::ReadPartners.name()))),
    params(PageParams, OrderParam),
    responses((status = 200, description = "A page of the partner's credentials.", body = List<Credential>))
)]
pub(super) async fn list_credentials(
    call: Read<PathId<PartnerId>>, Paged(cursor): Paged<ClientId>,
) -> Result<Json<List<Credential>>, Rejection> {
    let (partner, now) = (call.id(), call.state.clock.now());
    let list = move |tx: &mut Tx<'_>| {
        if app::partners::find(tx, partner)?.is_none() {
            return Err(Failed::Refused(app::ListRefused::NotFound));
        }
        app::partners::credentials::list(tx, partner, &cursor)
    };
    let page = call.state.store.read(list).await?;
    Ok(Json(List::of(page, |credential| Credential::of(&credential, now))))
}

impl Body for Reach {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Alone => b"",
            Self::WithCreated => b"revoke_created",
        }
    }
}

/// Revoke a credential
///
/// The credential and its tokens stop working within a second. This cannot be undone. With `revoke_created=true`,
/// every credential that it created is revoked too, and every credential that those created.
#[utoipa::path(
    post, path = "/credentials/{client_id}/revoke",
    operation_id = "revokePartnerCredential", tag = "Partners",
    extensions(("x-permission" = json!(Permission::RevokeCredential.name())), ("x-codes" = json!(codes(&[Code::CredentialAlreadyRevoked])))),
    params(
        RevokeParams,
    ),
    responses((status = 200, description = "The revoked credential.", body = Credential))
)]
pub(super) async fn revoke_credential(
    mut query: Query, call: Write<PathId<ClientId>>,
) -> Result<Response, Rejection> {
    let reach = reach(&mut query);
    query.finish()?;
    // The parameter is not in the path, so the reach becomes part of the key's fingerprint.
    let call = call.with_body(reach);
    let (client, inside) = (call.id(), call.state.clone());
    let revoke = move |tx: &mut Tx<'_>, at: Place, (): &()| {
        app::partners::credentials::revoke(tx, at.partner, at.real, client, reach)
            .map(|revoked| (revoked, at.real))
    };
    call.change(Ok(()), revoke, move |(revoked, now)| {
        // If the commit fails, the credentials are read again and still work.
        revoked.ended.iter().for_each(|client| inside.credentials.forget(*client));
        Answer::ok(&Credential::of(&revoked.credential, *now))
    })
    .await
}
