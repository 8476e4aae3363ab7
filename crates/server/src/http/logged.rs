//! The record of a partner's call for the request log. The edge begins it before the call and ends it after the answer.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use bytes::Bytes;
use domain::access::Origin;
use domain::credential::ClientId;
use domain::id::{OperatorId, PartnerId};
use domain::time::RealTime;
use domain::webhook::endpoint::Generation;
use wire::problem::Problem;

use super::address::kept_origin;
use super::headers::{idempotency_key, is_json};
use super::kept_body::{KeptBody, kept};
use super::problem::Rejection;
use crate::request_log::Record;
use crate::state::AppState;

/// Most bytes of an answer that is looked at.
const MOST_LOOKED_AT: u64 = 256 * 1024;

/// The caller of a request, once its token has been verified.
#[derive(Debug, Clone, Default)]
pub(super) struct NotedCaller(Arc<Noted>);

#[derive(Debug, Default)]
struct Noted {
    caller: OnceLock<(PartnerId, ClientId)>,
    /// The operator of a program, whose token has been verified.
    operator: OnceLock<OperatorId>,
    /// The tenant whose clock the call uses, if it is not the partner.
    tenant: OnceLock<PartnerId>,
}

impl NotedCaller {
    /// Notes the caller.
    pub(super) fn note(&self, partner: PartnerId, client: ClientId) {
        // A request has one token, so a second note is the same.
        let _same = self.0.caller.set((partner, client));
    }

    /// Notes the operator of a program.
    pub(super) fn note_operator(&self, operator: OperatorId) {
        // A request has one token, so a second note is the same.
        let _same = self.0.operator.set(operator);
    }

    /// The credential that calls, once it is known.
    pub(super) fn client(&self) -> Option<ClientId> {
        self.0.caller.get().map(|(_, client)| *client)
    }

    /// The operator that calls, once it is known.
    pub(super) fn operator(&self) -> Option<OperatorId> {
        self.0.operator.get().copied()
    }

    /// Notes the tenant whose clock the call uses.
    pub(super) fn note_tenant(&self, tenant: PartnerId) {
        // A call names one customer, so a second note is the same.
        let _same = self.0.tenant.set(tenant);
    }
}

/// A call whose record has begun.
pub(super) struct Logged {
    caller: NotedCaller,
    at: RealTime,
    generation: Generation,
    method: Method,
    query: Option<String>,
    key: Option<String>,
    origin: Origin,
    body: Option<KeptBody>,
}

/// The rest of what the log needs of a call.
pub(super) struct Answered<'a> {
    pub(super) request_id: &'a str,
    pub(super) path: &'a str,
    pub(super) route: &'a str,
    pub(super) took: Duration,
    pub(super) problem: Option<Box<Problem>>,
}

impl Logged {
    /// Begins the record of a call to the partners' APIs. `None` for other paths, and if the log is off.
    pub(super) fn begin(state: &AppState, request: &Request) -> Option<Self> {
        if !state.request_log.is_on() {
            return None;
        }
        let generation = generation_of(request.uri().path())?;
        // A record that would be dropped is not made.
        if !state.request_log.has_room() {
            return None;
        }
        let caller = request.extensions().get::<NotedCaller>()?.clone();
        let headers = request.headers();
        let keyed = matches!(*request.method(), Method::POST | Method::PATCH);
        Some(Self {
            caller,
            at: state.clock.now(),
            generation,
            method: request.method().clone(),
            query: request.uri().query().map(str::to_owned),
            // A malformed key is the problem of the answer.
            key: if keyed { idempotency_key(headers).ok().flatten() } else { None },
            origin: kept_origin(headers, request.extensions(), &state.config.proxies),
            body: state.request_log.takes_bodies().then(|| KeptBody::of(headers)),
        })
    }

    /// The body, whose bytes are kept if they are logged.
    pub(super) fn watched(logged: Option<&Self>, body: Body) -> Body {
        match logged.and_then(|logged| logged.body.as_ref()) {
            Some(keeping) => kept(body, keeping),
            None => body,
        }
    }

    /// The problem that an answer will have. The edge takes it from the answer when it writes the body.
    pub(super) fn problem_of(logged: Option<&Self>, response: &Response) -> Option<Box<Problem>> {
        logged?;
        response.extensions().get::<Rejection>().map(|rejection| rejection.0.clone())
    }

    /// Ends the record, if the caller is known, and returns the answer.
    pub(super) async fn end(self, state: &AppState, answered: Answered<'_>, response: Response) -> Response {
        let Some((partner, client)) = self.caller.0.caller.get().copied() else { return response };
        let tenant = self.caller.0.tenant.get().copied().unwrap_or(partner);
        let status = response.status().as_u16();
        // Reads name their ids in the path, and most problems are known without their body.
        let needed = match answered.problem {
            Some(_) => false,
            None => status >= 400 || self.method != Method::GET,
        };
        let looked_at = needed || self.body.is_some();
        let (response, answer) = if looked_at { looked_into(response).await } else { (response, None) };
        state.request_log.note(Record {
            at: self.at,
            on_clock: state.partner_clocks.at(tenant, self.at),
            took: answered.took,
            partner,
            client,
            generation: self.generation,
            request_id: answered.request_id.to_owned(),
            method: self.method.to_string(),
            route: answered.route.to_owned(),
            path: answered.path.to_owned(),
            query: self.query,
            status,
            idempotency_key: self.key,
            replayed: response.headers().contains_key("idempotent-replayed"),
            origin: self.origin,
            problem: answered.problem,
            answer,
            sent: self.body.map(KeptBody::sent),
        });
        response
    }
}

/// The generation of a path of the partners' APIs.
fn generation_of(path: &str) -> Option<Generation> {
    if path.starts_with("/v3/") {
        return Some(Generation::Reference);
    }
    path.starts_with("/api/v3/").then_some(Generation::Sdk)
}

/// The bytes of a JSON answer. They are in memory already, so this neither waits nor copies.
async fn looked_into(response: Response) -> (Response, Option<Bytes>) {
    let is_small = response.body().size_hint().exact().is_some_and(|bytes| bytes <= MOST_LOOKED_AT);
    if !is_small || !is_json(response.headers()) {
        return (response, None);
    }
    let (parts, body) = response.into_parts();
    let most = usize::try_from(MOST_LOOKED_AT).expect("256 KiB fit in memory");
    match to_bytes(body, most).await {
        Ok(bytes) => (Response::from_parts(parts, Body::from(bytes.clone())), Some(bytes)),
        Err(error) => {
            tracing::error!(%error, "an answer could not be read");
            (Response::from_parts(parts, Body::empty()), None)
        }
    }
}
