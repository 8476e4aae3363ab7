//! Hosted sessions, and the tokens that applications get for their codes.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::Timestamp;
use crate::problem::Problem;
use crate::read::{one, text};

/// A hosted session in which the customer takes a selfie.
#[derive(Debug, Serialize, ToSchema)]
pub struct BiometricsSession {
    /// The page to send the customer to. The link works once.
    pub session_url: String,
    /// Time at which the link expires.
    pub expires_at: Timestamp,
}

/// The code to exchange.
#[derive(Debug, Clone, ToSchema)]
pub struct ExchangeCode {
    /// The code in a session's link, the query parameter `code`. It works once.
    #[schema(example = "dinie_bsc_6f0c…", min_length = 1, max_length = 255)]
    pub code: String,
}

impl ExchangeCode {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        Ok(Self { code: one(body, "code", text(255))? })
    }
}

/// An access token that is bound to one customer's session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionToken {
    /// The token to send as `Authorization: Bearer …`.
    pub access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    pub token_type: &'static str,
    /// Validity of the token, in seconds.
    #[schema(example = 1800)]
    pub expires_in: u64,
    /// The customer to whom the token is bound.
    pub customer_id: String,
}
