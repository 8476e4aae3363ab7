//! Authorization as extractors: a handler's signature names its permitted callers.

use std::time::Duration;

use app::directory::OnClock;
use app::kyc::sessions::SessionRefused;
use app::{Failed, Tx};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::credential::{ClientId, Scope};
use domain::id::{BiometricsSessionId, CustomerId, PartnerId};
use domain::kyc::AttachmentSource;
use domain::time::{RealTime, Timestamp};
use wire::problem::{Code, Problem};

use super::limits::{Allowance, NotedAllowance};
use super::logged::NotedCaller;
use super::on_clock::{tenant_of, tenant_of_path};
use super::problem::{Rejection, of_store};
use crate::state::AppState;
use crate::tokens::{Bearer, Grant, SessionGrant, TokenRefused};

/// A caller that holds all scopes of a partner.
#[derive(Debug, Clone, Copy)]
pub struct PartnerCaller {
    /// The credential that received the token.
    pub client: ClientId,
    /// The partner.
    pub partner: PartnerId,
    /// The tenant whose resources the caller sees: the partner, or the clock of the resource in the path.
    pub tenant: PartnerId,
}

impl PartnerCaller {
    /// Lets a partner access every customer. It returns a `Result` so that handlers can call it like
    /// [`CustomerCaller::at`].
    pub fn at(self, _customer: CustomerId) -> Result<AttachmentSource, Rejection> {
        Ok(AttachmentSource::Upload)
    }
}

/// An application that may exchange the codes of hosted sessions, and nothing else.
#[derive(Debug, Clone, Copy)]
pub struct ExchangeCaller {
    /// The application's credential.
    pub client: ClientId,
    /// The partner.
    pub partner: PartnerId,
}

impl FromRequestParts<AppState> for PartnerCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let Bearer { client, partner, grant } = bearer_of(parts)?;
        match grant {
            Grant::Credential(Scope::Partner) => {
                Ok(Self { client, partner, tenant: tenant_of_path(parts, state, partner).await? })
            }
            Grant::Credential(Scope::BiometricsExchange) | Grant::Session(_) => Err(forbidden()),
        }
    }
}

impl FromRequestParts<AppState> for ExchangeCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Rejection> {
        let Bearer { client, partner, grant } = bearer_of(parts)?;
        match grant {
            Grant::Credential(Scope::BiometricsExchange) => Ok(Self { client, partner }),
            Grant::Credential(Scope::Partner) | Grant::Session(_) => Err(forbidden()),
        }
    }
}

/// A partner, or the hosted session of one of its customers.
#[derive(Debug, Clone, Copy)]
pub struct CustomerCaller {
    /// The partner.
    pub partner: PartnerId,
    /// The tenant of the customer in the path: the partner, or one of its clocks.
    pub tenant: PartnerId,
    /// The hosted session, if the token is a session's.
    session: Option<SessionGrant>,
}

impl FromRequestParts<AppState> for CustomerCaller {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let Bearer { partner, grant, .. } = bearer_of(parts)?;
        let session = match grant {
            Grant::Credential(Scope::Partner) => None,
            Grant::Session(grant) => Some(grant),
            Grant::Credential(Scope::BiometricsExchange) => return Err(forbidden()),
        };
        Ok(Self { partner, tenant: tenant_of_path(parts, state, partner).await?, session })
    }
}

impl CustomerCaller {
    /// Lets a partner access every customer, and a session only its own. Returns the source of evidence from this
    /// caller.
    pub fn at(self, customer: CustomerId) -> Result<AttachmentSource, Rejection> {
        match self.session {
            None => Ok(AttachmentSource::Upload),
            Some(own) if own.customer == customer => Ok(AttachmentSource::HostedSession),
            Some(_) => Err(forbidden()),
        }
    }

    /// The session that the token belongs to, if it is a session's.
    pub fn session(self) -> Option<BiometricsSessionId> {
        self.session.map(|grant| grant.session)
    }

    /// Refuses a session's token if its session has ended since the request was let in. The check runs in the
    /// transaction of the request's change.
    pub fn still_holds(self, tx: &mut Tx<'_>, now: Timestamp) -> Result<(), Failed<Problem>> {
        let Some(grant) = self.session else { return Ok(()) };
        app::kyc::sessions::check(tx, self.tenant, now, grant.session)
            .map_err(|failed| failed.map_refused(session_over))
    }

    /// Lets only the customer's own session through.
    pub fn in_session_of(self, customer: CustomerId) -> Result<AttachmentSource, Rejection> {
        match self.at(customer)? {
            AttachmentSource::HostedSession => Ok(AttachmentSource::HostedSession),
            AttachmentSource::Upload => Err(forbidden()),
        }
    }
}

fn bearer_of(parts: &Parts) -> Result<Bearer, Rejection> {
    parts.extensions.get::<Bearer>().copied().ok_or_else(missing_token)
}

pub(super) fn missing_token() -> Rejection {
    Problem::new(Code::MissingToken, "send an access token: Authorization: Bearer dinie_at_…").into()
}

fn forbidden() -> Rejection {
    Problem::new(Code::Forbidden, "this token may not do this").into()
}

/// Lets only callers with a valid token through, counts their requests and notes their remaining allowance.
pub async fn authenticated(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let bearer = match counted(&state, &parts).await {
        Ok(bearer) => bearer,
        Err(rejection) => return rejection.into_response(),
    };
    if let Err(error) = state.refresh_partner_clocks().await {
        return of_store(error).into_response();
    }
    if let Err(rejection) = check_session_open(&state, bearer).await {
        return rejection.into_response();
    }
    parts.extensions.insert(bearer);
    next.run(Request::from_parts(parts, body)).await
}

/// The bearer of a request's token. The request is counted and the remaining allowance noted.
pub(super) async fn counted(state: &AppState, parts: &Parts) -> Result<Bearer, Rejection> {
    let bearer = bearer(state, parts).await?;
    let own = state.credentials.own_limit(bearer.client);
    note_allowance(parts, state.limits.request(bearer.client, own, state.clock.now()))?;
    Ok(bearer)
}

/// Notes a caller's remaining allowance, which the edge writes on the answer.
pub(super) fn note_allowance(
    parts: &Parts, counted: Result<Allowance, (Allowance, Rejection)>,
) -> Result<(), Rejection> {
    let (allowance, outcome) = match counted {
        Ok(allowance) => (allowance, Ok(())),
        Err((allowance, rejection)) => (allowance, Err(rejection)),
    };
    if let Some(noted) = parts.extensions.get::<NotedAllowance>() {
        noted.note(allowance);
    }
    outcome
}

/// Checks a session's token against the session as it is now. It may have ended or expired, or the review may have
/// begun.
async fn check_session_open(state: &AppState, bearer: Bearer) -> Result<(), Rejection> {
    let Grant::Session(grant) = bearer.grant else { return Ok(()) };
    let tenant = tenant_of(state, bearer.partner, OnClock::Customer(grant.customer)).await?;
    let now = state.now_of(tenant);
    let check = move |tx: &mut Tx<'_>| app::kyc::sessions::check(tx, tenant, now, grant.session);
    state.store.look_up(check).await.map_err(|failed| match failed {
        Failed::Refused(refused) => session_over(refused).into(),
        Failed::Store(error) => of_store(error),
    })
}

fn session_over(refused: SessionRefused) -> Problem {
    match refused {
        SessionRefused::Expired => Problem::new(Code::TokenExpired, "the session's time is over"),
        SessionRefused::Unknown
        | SessionRefused::Used
        | SessionRefused::Completed
        | SessionRefused::InvalidState
        | SessionRefused::OtherBrowser => {
            Problem::new(Code::InvalidToken, "the session has ended, or its customer's review has begun")
        }
    }
}

/// The bearer of the request's token, if its credential is still active.
async fn bearer(state: &AppState, parts: &Parts) -> Result<Bearer, Rejection> {
    let token = token_of(&parts.headers)?;
    let now = state.clock.now();
    let bearer = match state.tokens.recall(token, now) {
        Some(bearer) => bearer,
        None => verified(state, token, now).await?,
    };
    if let Some(noted) = parts.extensions.get::<NotedCaller>() {
        noted.note(bearer.partner, bearer.client);
    }
    if state.credentials.is_active(&state.store, bearer, now).await.map_err(of_store)? {
        return Ok(bearer);
    }
    Err(invalid_token())
}

async fn verified(state: &AppState, token: &str, now: RealTime) -> Result<Bearer, Rejection> {
    if !state.tokens.has_key_of(token) {
        // Another node may have made a key since. Refreshing at most once a second keeps guessed tokens cheap.
        state.tokens.refresh(&state.store, Duration::from_secs(1)).await.map_err(of_store)?;
    }
    state.tokens.verify(token, now).map_err(|refused| match refused {
        TokenRefused::Invalid => invalid_token(),
        TokenRefused::Expired => expired_token(),
        TokenRefused::OtherEnvironment => other_environment(),
    })
}

pub(super) fn other_environment() -> Rejection {
    Problem::new(Code::Forbidden, "this token belongs to the other environment").into()
}

pub(super) fn invalid_token() -> Rejection {
    Problem::new(Code::InvalidToken, "the access token is malformed, unknown or revoked").into()
}

/// The refusal of a token whose time is over.
pub(super) fn expired_token() -> Rejection {
    Problem::new(Code::TokenExpired, "the access token's time is over").into()
}

/// The refusal of an `Authorization` header without a token of this scheme.
fn missing_scheme() -> Rejection {
    let detail = "the header Authorization needs the scheme of the token: Authorization: Bearer dinie_at_…";
    Problem::new(Code::MissingToken, detail).into()
}

/// The token of `Authorization: Bearer …`. No other place is read.
pub(super) fn token_of(headers: &HeaderMap) -> Result<&str, Rejection> {
    let value = headers.get(AUTHORIZATION).ok_or_else(missing_token)?;
    // A header's ASCII is visible. So this check refuses the same values as `to_str`, which looks at each byte.
    let ascii = Some(value.as_bytes()).filter(|bytes| bytes.is_ascii());
    let value = ascii.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(invalid_token)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(missing_scheme)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing_scheme());
    }
    Ok(token.trim())
}
