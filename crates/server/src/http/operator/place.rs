//! The partner of the resource in an operator's call. Operators name resources by id only.

use app::directory::Owned;
use app::{Failed, NotFound, Tx};
use axum::response::Response;
use domain::id::PartnerId;
use domain::time::{RealTime, Timestamp};
use utoipa::IntoParams;
use wire::problem::Problem;

use super::caller::OperatorCaller;
use crate::http::call::{Body, NoBody, ReadCall, WriteCall};
use crate::http::extract::PathId;
use crate::http::idempotency::Answer;
use crate::http::problem::{Refusal, Rejection};

/// An operator's call that only reads.
pub(super) type Read<P = ()> = ReadCall<OperatorCaller, P>;
/// An operator's call that writes.
pub(super) type Write<P = (), B = NoBody> = WriteCall<OperatorCaller, P, B>;

/// The tenant of a resource, and the tenant's time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The partner to which the resource belongs.
    pub(super) partner: PartnerId,
    /// The partner's time.
    pub(super) now: Timestamp,
    /// The real time.
    pub(super) real: RealTime,
}

impl Place {
    fn of<R: From<NotFound>>(tx: &mut Tx<'_>, real: RealTime, id: &impl Owned) -> Result<Self, Failed<R>> {
        let (partner, now) = app::directory::place(tx, real, id)?;
        Ok(Self { partner, now, real })
    }
}

impl<I: Owned + Copy + Send + 'static> Read<PathId<I>> {
    /// Reads from the resource in the path.
    pub(super) async fn read<T: Send + 'static, R: Refusal + From<NotFound> + Send + 'static>(
        &self, use_case: impl Fn(&mut Tx<'_>, Place) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Rejection> {
        let (id, real) = (self.id(), self.state.clock.now());
        let placed = move |tx: &mut Tx<'_>| {
            let place = Place::of(tx, real, &id)?;
            use_case(tx, place)
        };
        Ok(self.state.store.read(placed).await?)
    }

    /// Finds the resource in the path, or what belongs to it.
    pub(super) async fn find<T: Send + 'static, R: Refusal + From<NotFound> + Send + 'static>(
        &self, find: impl Fn(&mut Tx<'_>, PartnerId, I) -> Result<T, Failed<R>> + Send + 'static,
    ) -> Result<T, Rejection> {
        let id = self.id();
        self.read(move |tx, place| find(tx, place.partner, id)).await
    }
}

impl<I: Owned + Copy + Send + 'static> Write<PathId<I>> {
    /// Takes the resource in the path a step further. A step needs no command.
    pub(super) async fn step<T: 'static, R: Refusal + From<NotFound> + 'static>(
        self, step: impl Fn(&mut Tx<'_>, Place, I) -> Result<T, Failed<R>> + Send + 'static,
        render: impl Fn(&T) -> Answer + Send + 'static,
    ) -> Result<Response, Rejection> {
        let id = self.id();
        self.change(Ok(()), move |tx, place, (): &()| step(tx, place, id), render).await
    }
}

impl<I: Owned + Copy + Send + 'static, B: Body> Write<PathId<I>, B> {
    /// Changes the resource in the path.
    pub(super) async fn change<C, T, R>(
        self, command: Result<C, Problem>,
        use_case: impl Fn(&mut Tx<'_>, Place, &C) -> Result<T, Failed<R>> + Send + 'static,
        render: impl Fn(&T) -> Answer + Send + 'static,
    ) -> Result<Response, Rejection>
    where
        C: Send + 'static,
        T: 'static,
        R: Refusal + From<NotFound> + 'static,
    {
        let id = self.id();
        let placed = move |tx: &mut Tx<'_>, real, command: &C| {
            let place = Place::of(tx, real, &id)?;
            use_case(tx, place, command)
        };
        self.run(command, placed, move |changed, _now| render(changed)).await
    }
}

/// A filter of lists over all partners.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameter, which is read by itself")]
pub(super) struct OfPartner {
    /// Lists only this partner's items.
    #[param(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: Option<String>,
}

/// A filter of lists over all customers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it documents the parameter, which is read by itself")]
pub(super) struct OfCustomer {
    /// Lists only this customer's items.
    #[param(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: Option<String>,
}
