//! Credentials and tokens.

use domain::credential::{self, CredentialState};
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Timestamp, timestamp};
use crate::problem::Problem;
use crate::read::{self, Fields, Wrong, label};

/// The credential to create.
#[derive(Debug, ToSchema)]
pub struct CreateCredential {
    /// What the credential is for. Only people read it.
    #[schema(example = "checkout", min_length = 1, max_length = 100)]
    pub name: String,
    /// When the credential ends by itself, in the future. Null or absent: never.
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Option<time::RealTime>,
}

impl CreateCredential {
    /// Reads the body at `now`, after which a credential must end.
    pub fn read(body: &Value, now: time::RealTime) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", label(100));
        let expires_at = fields.optional("expires_at", |value| {
            let end = timestamp(value)?.unmoved();
            if end > now { Ok(end) } else { Err(Wrong::format("must be in the future")) }
        });
        fields.finish()?;
        Ok(Self { name: name.ok_or_else(read::unread)?, expires_at })
    }
}

/// Whether a credential works. `active`: it obtains tokens. `revoked`: it was revoked or has expired, and its tokens
/// no longer work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialStatus {
    /// It obtains tokens.
    Active,
    /// It no longer does: it was revoked, or its time ran out.
    Revoked,
}

/// A client id with which a program of the partner obtains access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Credential {
    /// The client id.
    #[schema(example = "dinie_ci_test_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The client id, again.
    client_id: String,
    /// The secret. Only the answer that creates the credential has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// What the credential is for.
    name: String,
    /// Whether the credential works.
    status: CredentialStatus,
    /// When the credential ends by itself. Null: never.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// Who made it: the client id of another credential, an operator's id, or `command_line`. Null for credentials from
    /// before makers were recorded. An extension.
    #[schema(required, example = "command_line")]
    created_by: Option<String>,
    /// When it was created.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
    /// When it last obtained a token. Null: never.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
}

impl Credential {
    /// A credential at `now`.
    pub fn of(credential: &credential::Credential, now: time::RealTime) -> Self {
        let status = match credential.state_at(now) {
            CredentialState::Active => CredentialStatus::Active,
            CredentialState::Revoked | CredentialState::Expired => CredentialStatus::Revoked,
        };
        Self {
            id: credential.client_id.to_string(),
            client_id: credential.client_id.to_string(),
            client_secret: None,
            name: credential.name.clone(),
            status,
            expires_at: credential.expires_at.map(Timestamp::real),
            created_by: credential.created_by.map(|maker| maker.to_string()),
            created_at: Timestamp::real(credential.created_at),
            updated_at: Timestamp::real(credential.updated_at),
            last_used_at: credential.last_used_at.map(Timestamp::real),
        }
    }

    /// The same with its secret, for the answer that creates it.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { client_secret: Some(secret), ..self }
    }
}
