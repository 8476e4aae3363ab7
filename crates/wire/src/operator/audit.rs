//! The audit trail.

use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// A call of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Counted from 1, without gaps.
    pub number: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub operator_id: String,
    /// Method and path.
    #[schema(example = "POST /operator/v1/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607/payments")]
    pub operation: String,
    /// What was answered.
    pub status: u16,
    /// The request's id.
    pub request_id: String,
    /// The SHA-256 of operation and body where the call changed something; empty elsewhere.
    pub fingerprint: String,
    /// The SHA-256 over the hash before and this entry.
    pub hash: String,
}
