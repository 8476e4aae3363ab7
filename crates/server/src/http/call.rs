//! A request as a handler receives it: the caller, the ids in the path and, for a write, the idempotency key and the
//! body.
//!
//! The parts are read in this order. A caller without permission is refused before its body is read.

use std::convert::Infallible;
use std::str::FromStr;

use app::directory::OnClock;
use app::upkeep::answers::Holder;
use app::{Cursor, Failed, StoreError, Tx};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::response::Response;
use domain::id::{ClockId, PartnerId};
use domain::page::Page;
use wire::problem::Problem;

use super::auth::{CustomerCaller, ExchangeCaller, PartnerCaller};
use super::extract::{JsonBody, OptionalJsonBody, PathId, Repeatable};
use super::idempotency::{self, Answer, Keyed, Present};
use super::omitted;
use super::on_clock::{NamedIn, tenant_of, tenant_of_clock};
use super::problem::{Refusal, Rejection};
use crate::state::AppState;

/// A call that only reads. `P` holds the ids in the path.
pub struct ReadCall<C, P = ()> {
    /// The server's state.
    pub state: AppState,
    /// The caller.
    pub caller: C,
    /// The ids in the path.
    pub path: P,
}

/// A call that writes. Repetitions under the same key receive the stored answer.
pub struct WriteCall<C, P = (), B = NoBody> {
    /// The server's state.
    pub state: AppState,
    /// The caller.
    pub caller: C,
    /// The ids in the path.
    pub path: P,
    /// The idempotency key with the operation for which it is used.
    pub request: Repeatable,
    /// The request body.
    pub body: B,
}

/// A partner's call that only reads.
pub type PartnerRead<P = ()> = ReadCall<PartnerCaller, P>;
/// A partner's call that writes.
pub type PartnerWrite<P = (), B = NoBody> = WriteCall<PartnerCaller, P, B>;

impl<C, P> FromRequestParts<AppState> for ReadCall<C, P>
where
    C: FromRequestParts<AppState, Rejection = Rejection> + Send,
    P: FromRequestParts<AppState>,
    Rejection: From<P::Rejection>,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let caller = C::from_request_parts(parts, state).await?;
        let path = P::from_request_parts(parts, state).await?;
        Ok(Self { state: state.clone(), caller, path })
    }
}

impl<C, P, B> FromRequest<AppState> for WriteCall<C, P, B>
where
    C: FromRequestParts<AppState, Rejection = Rejection> + Send,
    P: FromRequestParts<AppState> + Send,
    B: FromRequest<AppState, Rejection = Rejection>,
    Rejection: From<P::Rejection>,
{
    type Rejection = Rejection;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Rejection> {
        let (mut parts, body) = request.into_parts();
        let ReadCall { state, caller, path } = ReadCall::from_request_parts(&mut parts, state).await?;
        let repeatable = Repeatable::from_request_parts(&mut parts, &state).await?;
        let body = B::from_request(Request::from_parts(parts, body), &state).await?;
        Ok(Self { state, caller, path, request: repeatable, body })
    }
}

impl<C, I: Copy> ReadCall<C, PathId<I>> {
    /// The id in the path.
    pub fn id(&self) -> I {
        self.path.0
    }
}

impl<C, I: Copy, B> WriteCall<C, PathId<I>, B> {
    /// The id in the path.
    pub fn id(&self) -> I {
        self.path.0
    }
}

impl<P> PartnerRead<P> {
    /// The same call on the clock of a resource that its query names.
    pub async fn on_clock_of(mut self, resource: OnClock) -> Result<Self, Rejection> {
        self.caller.tenant = tenant_of(&self.state, self.caller.partner, resource).await?;
        Ok(self)
    }

    /// The same call on a clock that its query names, if it names one.
    pub async fn on_clock(mut self, clock: Option<ClockId>) -> Result<Self, Rejection> {
        self.caller.tenant = tenant_of_clock(&self.state, self.caller.partner, clock, NamedIn::Query).await?;
        Ok(self)
    }

    /// Reads a page of the partner's list. It omits unreadable items, and the answer's header names them.
    ///
    /// If no item of a page is readable, the next page is read instead. The partner could not request it, because a
    /// cursor is an item's id.
    pub async fn page<T: Send + 'static, I: FromStr + Copy + Send + 'static, R: Refusal + Send + 'static>(
        &self, cursor: Cursor<I>,
        list: impl Fn(&mut Tx<'_>, PartnerId, &Cursor<I>) -> Result<Page<T>, Failed<R>> + Send + 'static,
    ) -> Result<Page<T>, Rejection> {
        let tenant = self.caller.tenant;
        let whole = move |tx: &mut Tx<'_>| {
            let (mut at, mut left_out) = (cursor, Vec::new());
            loop {
                let mut page = list(tx, tenant, &at)?;
                left_out.append(&mut page.unreadable);
                let Some(last) = left_out.last().filter(|_| page.items.is_empty() && page.has_more) else {
                    return Ok::<_, Failed<R>>((page, left_out));
                };
                let last =
                    last.id.parse().map_err(|_| StoreError::Corrupt("a page of ids that are none".into()))?;
                at.after = Some(last);
            }
        };
        let (page, left_out) = self.state.store.list(whole).await?;
        omitted::note(left_out.into_iter().map(|unreadable| unreadable.id));
        Ok(page)
    }
}

impl<I: Copy + Send + 'static> PartnerRead<PathId<I>> {
    /// Looks up the partner's resource in the path with a single statement.
    pub async fn look_up<T: Send + 'static, R: Refusal + Send + 'static>(
        &self, find: impl Fn(&mut Tx<'_>, PartnerId, I) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Rejection> {
        let (tenant, id) = (self.caller.tenant, self.id());
        Ok(self.state.store.look_up(move |tx| find(tx, tenant, id)).await?)
    }
}

impl<C, P, B> WriteCall<C, P, B> {
    /// The same call with other content for its key in place of the body.
    pub fn with_body<O>(self, body: O) -> WriteCall<C, P, O> {
        let Self { state, caller, path, request, body: _ } = self;
        WriteCall { state, caller, path, request, body }
    }
}

impl<P, B> PartnerWrite<P, B> {
    /// The same call on the clock of a resource that its body names.
    pub async fn on_clock_of(mut self, resource: OnClock) -> Result<Self, Rejection> {
        self.caller.tenant = tenant_of(&self.state, self.caller.partner, resource).await?;
        Ok(self)
    }
}

impl<C: Caller, P, B: Body> WriteCall<C, P, B> {
    /// Runs a use case under the call's key, and answers as [`idempotency::run`] does.
    pub async fn run<N: Present, K: Send + 'static, T: 'static, R: Refusal + 'static>(
        self, command: Result<K, Problem>,
        use_case: impl Fn(&mut Tx<'_>, N, &K) -> Result<T, Failed<R>> + Send + 'static,
        render: impl Fn(&T, N) -> Answer + Send + 'static,
    ) -> Result<Response, Rejection> {
        let (holder, clock) = (self.caller.holder(), self.caller.clock());
        let keyed = Keyed { holder, clock, request: self.request, body: self.body.bytes() };
        idempotency::run(&self.state, keyed, command, use_case, render).await
    }
}

/// A caller that may write.
pub trait Caller: Copy {
    /// The holder of the caller's idempotency keys.
    fn holder(self) -> Holder;

    /// The tenant whose clock the call uses.
    fn clock(self) -> Option<PartnerId>;
}

impl Caller for PartnerCaller {
    fn holder(self) -> Holder {
        Holder::Partner(self.partner)
    }

    fn clock(self) -> Option<PartnerId> {
        Some(self.tenant)
    }
}

impl Caller for CustomerCaller {
    fn holder(self) -> Holder {
        Holder::Partner(self.partner)
    }

    fn clock(self) -> Option<PartnerId> {
        Some(self.tenant)
    }
}

impl Caller for ExchangeCaller {
    fn holder(self) -> Holder {
        Holder::Partner(self.partner)
    }

    /// The code names the clock.
    fn clock(self) -> Option<PartnerId> {
        None
    }
}

/// A body whose bytes are part of a key's fingerprint.
pub trait Body {
    /// The bytes as the caller sent them.
    fn bytes(&self) -> &[u8];
}

impl Body for JsonBody {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Body for OptionalJsonBody {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The body of an operation that reads none.
#[derive(Debug, Clone, Copy)]
pub struct NoBody;

impl Body for NoBody {
    fn bytes(&self) -> &[u8] {
        b""
    }
}

impl FromRequest<AppState> for NoBody {
    type Rejection = Rejection;

    async fn from_request(_request: Request, _state: &AppState) -> Result<Self, Rejection> {
        Ok(Self)
    }
}

impl From<Infallible> for Rejection {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}
