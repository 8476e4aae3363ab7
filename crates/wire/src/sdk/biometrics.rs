//! Hosted sessions and the tokens that applications exchange for them.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{self, Fields, text};

/// A hosted session.
#[derive(Debug, Serialize, ToSchema)]
pub struct BiometricsSession {
    /// The page to send the customer to; it carries a single-use code.
    pub session_url: String,
    /// When the link ends.
    pub expires_at: Timestamp,
}

/// The body of `POST /api/v3/biometrics/session-exchange`.
#[derive(Debug, Clone, ToSchema)]
pub struct ExchangeCode {
    /// The single-use code of a session's link.
    #[schema(example = "dinie_bsc_6f0c…")]
    pub code: String,
}

impl ExchangeCode {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let code = fields.required("code", text(255));
        fields.finish()?;
        Ok(Self { code: code.ok_or_else(read::unread)? })
    }
}

/// A token for one customer's session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionToken {
    /// What to send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    pub token_type: &'static str,
    /// For how many seconds it is good.
    #[schema(example = 1800)]
    pub expires_in: u64,
    /// The customer to whom it is bound.
    pub customer_id: String,
}
