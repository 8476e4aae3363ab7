//! Partners and their credentials.

use domain::credential::{self, CredentialState, Scope};
use domain::id::PartnerId;
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::read::{self, Fields, Wrong, string, text};
use crate::text_scalar::{Timestamp, timestamp};

/// The body of `POST /operator/v1/partners`.
#[derive(Debug, ToSchema)]
pub struct CreatePartner {
    /// What the partner is called.
    #[schema(example = "Mercado Exemplo", min_length = 1, max_length = 100)]
    pub name: String,
}

impl CreatePartner {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", text(100));
        fields.finish()?;
        Ok(Self { name: name.ok_or_else(read::unread)? })
    }
}

/// A partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Partner {
    /// Its id.
    #[schema(example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// What it is called.
    name: String,
    /// When it was made.
    created_at: Timestamp,
}

impl Partner {
    /// Renders a partner.
    pub fn new(id: PartnerId, name: String, created_at: time::Timestamp) -> Self {
        Self { id: id.to_string(), name, created_at: Timestamp(created_at) }
    }
}

/// The body of `POST /operator/v1/partners/{id}/credentials`.
#[derive(Debug, ToSchema)]
pub struct CreateCredential {
    /// What the credential is called.
    #[schema(example = "checkout", min_length = 1, max_length = 100)]
    pub name: String,
    /// `partner` (the default), or `biometrics:exchange` for a KYC application.
    #[schema(value_type = Option<String>)]
    pub scope: Scope,
    /// When it ends by itself; null or absent: never.
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Option<time::Timestamp>,
}

impl CreateCredential {
    /// Reads the body at `now`, after which a credential must end.
    pub fn read(body: &Value, now: time::Timestamp) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", text(100));
        let scope = fields.optional("scope", |value| {
            Scope::parse(string(value)?)
                .ok_or_else(|| Wrong::format("must be partner or biometrics:exchange"))
        });
        let expires_at = fields.optional("expires_at", |value| {
            let end = timestamp(value)?;
            if end > now { Ok(end) } else { Err(Wrong::format("must be in the future")) }
        });
        fields.finish()?;
        Ok(Self { name: name.ok_or_else(read::unread)?, scope: scope.unwrap_or(Scope::Partner), expires_at })
    }
}

/// A credential.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartnerCredential)]
pub struct Credential {
    /// The client id.
    #[schema(example = "dinie_ci_live_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    client_id: String,
    /// The secret, shown only in the answer that created it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Whose it is.
    partner_id: String,
    /// What it is called.
    name: String,
    /// What its tokens may do.
    #[schema(example = "partner")]
    scope: &'static str,
    /// `active`, `revoked` or `expired`.
    #[schema(example = "active")]
    status: &'static str,
    /// When it ends by itself.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// When it last obtained a token.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
}

impl Credential {
    /// A credential at `now`.
    pub fn of(credential: &credential::Credential, now: time::Timestamp) -> Self {
        let status = match credential.state_at(now) {
            CredentialState::Active => "active",
            CredentialState::Revoked => "revoked",
            CredentialState::Expired => "expired",
        };
        Self {
            client_id: credential.client_id.to_string(),
            client_secret: None,
            partner_id: credential.partner.to_string(),
            name: credential.name.clone(),
            scope: credential.scope.name(),
            status,
            expires_at: credential.expires_at.map(Timestamp),
            last_used_at: credential.last_used_at.map(Timestamp),
            created_at: Timestamp(credential.created_at),
        }
    }

    /// The same with its secret, for the answer that creates it.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { client_secret: Some(secret), ..self }
    }
}
