//! Credentials and tokens.

use domain::credential::{self, CredentialState};
use domain::time;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::scalar::{Timestamp, timestamp};
use crate::problem::Problem;
use crate::read::{Fields, Wrong, label};

/// The credential to create.
#[derive(Debug, ToSchema)]
pub struct CreateCredential {
    /// Purpose of the credential, for people.
    #[schema(example = "checkout", min_length = 1, max_length = 100)]
    pub name: String,
    /// Time of expiry, in the future. Null or absent: the credential does not expire.
    #[schema(value_type = Option<Timestamp>)]
    pub expires_at: Option<time::RealTime>,
}

impl CreateCredential {
    /// Reads the body at `now`. The credential must expire later.
    pub fn read(body: &Value, now: time::RealTime) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", label(100));
        let expires_at = fields.optional("expires_at", |value| {
            let end = timestamp(value)?.unmoved();
            if end > now { Ok(end) } else { Err(Wrong::format("must be in the future")) }
        });
        Ok(Self { name: fields.all(name)?, expires_at })
    }
}

/// Status of a credential. `active`: it obtains tokens. `revoked`: it was revoked or has expired, and its tokens no
/// longer work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CredentialStatus {
    /// It obtains tokens.
    Active,
    /// It was revoked or has expired.
    Revoked,
}

/// A client id with which a program of the partner obtains access tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct Credential {
    /// The client id.
    #[schema(example = "dinie_ci_test_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The client id, the same as `id`.
    client_id: String,
    /// The secret. Only the answer that creates the credential has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Purpose of the credential.
    name: String,
    /// Status of the credential.
    status: CredentialStatus,
    /// Time of expiry. Null: the credential does not expire.
    #[schema(required)]
    expires_at: Option<Timestamp>,
    /// Maker of the credential: the client id of another credential, an operator's id, or `command_line`. Null if the
    /// credential is older than this field. An extension.
    #[schema(required, example = "command_line")]
    created_by: Option<String>,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
    /// Time of its newest token. Null if it has obtained none.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
}

impl Credential {
    /// Renders a credential as of `now`.
    pub fn of(credential: &credential::Credential, now: time::RealTime) -> Self {
        let status = match credential.state_at(now) {
            CredentialState::Active => CredentialStatus::Active,
            CredentialState::Revoked | CredentialState::Expired => CredentialStatus::Revoked,
        };
        Self {
            id: credential.client_id.to_string(),
            client_id: credential.client_id.to_string(),
            client_secret: None,
            name: credential.terms.name.clone(),
            status,
            expires_at: credential.terms.expires_at.map(Timestamp::real),
            created_by: credential.terms.created_by.map(|maker| maker.to_string()),
            created_at: Timestamp::real(credential.created_at),
            updated_at: Timestamp::real(credential.updated_at),
            last_used_at: credential.last_used_at.map(Timestamp::real),
        }
    }

    /// Adds the secret, for the answer that creates the credential.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { client_secret: Some(secret), ..self }
    }
}
