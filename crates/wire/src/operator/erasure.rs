//! The erasure of a person's data.

use domain::actor::Actor;
use domain::id::CustomerId;
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// Status of an erasure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErasureStatus {
    /// The law makes the lender keep the data. It is erased at `due_at`.
    Planned,
    /// The data is erased.
    Erased,
}

/// A person's wish for the erasure of its data.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    /// The customer.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// Status of the erasure.
    status: ErasureStatus,
    /// Actor that entered the wish: the id of an operator.
    #[schema(
        pattern = "^(op_[0-9a-f]{32}|policy|sandbox)$",
        example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    asked_by: String,
    /// Time of the wish.
    asked_at: Timestamp,
    /// The partner's time from which no law makes the lender keep the data.
    due_at: Timestamp,
    /// Time of the erasure; null while the data is kept.
    #[schema(required, example = "2026-03-04T14:10:00Z")]
    erased_at: Option<Timestamp>,
}

/// The times of an erasure.
#[derive(Debug, Clone, Copy)]
pub struct ErasureTimes {
    /// Time of the wish.
    pub asked: time::RealTime,
    /// The partner's time from which the data may be erased.
    pub due: time::Timestamp,
    /// Time of the erasure.
    pub erased: Option<time::RealTime>,
}

impl Erasure {
    /// Renders a wish.
    pub fn of(customer: CustomerId, asked_by: Actor, times: ErasureTimes) -> Self {
        Self {
            customer_id: customer.to_string(),
            status: if times.erased.is_some() { ErasureStatus::Erased } else { ErasureStatus::Planned },
            asked_by: asked_by.to_string(),
            asked_at: Timestamp::real(times.asked),
            due_at: Timestamp(times.due),
            erased_at: times.erased.map(Timestamp::real),
        }
    }
}
