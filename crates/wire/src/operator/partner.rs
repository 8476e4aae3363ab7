//! Partners and their credentials.

use domain::credential::{self, CredentialState, Scope};
use domain::id::PartnerId;
use domain::time;
use domain::webhook::endpoint::EndpointState;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, integer, label, one, string};
use crate::text_scalar::{Money, Timestamp, future};

/// A partner to create.
#[derive(Debug, ToSchema)]
pub struct CreatePartner {
    /// Name of the partner, for operators. Borrowers do not see it.
    #[schema(example = "Mercado Exemplo", max_length = 100)]
    pub name: String,
}

impl CreatePartner {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        Ok(Self { name: one(body, "name", label(100))? })
    }
}

/// A partner: a company that offers credit to its merchants through the API.
#[derive(Debug, Serialize, ToSchema)]
pub struct Partner {
    /// Identifier of the partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Name of the partner, for operators.
    #[schema(example = "Mercado Exemplo", min_length = 1, max_length = 100)]
    name: String,
    /// Time of the creation.
    created_at: Timestamp,
}

impl Partner {
    /// Renders a partner.
    pub fn new(id: PartnerId, name: String, created_at: time::RealTime) -> Self {
        Self { id: id.to_string(), name, created_at: Timestamp::real(created_at) }
    }
}

/// A credential to create for a partner.
#[derive(Debug, ToSchema)]
pub struct CreateCredential {
    /// Name of the credential, for people.
    #[schema(example = "checkout", max_length = 100)]
    pub name: String,
    /// Scope of its tokens. `partner` (the default): everything. `biometrics:exchange`: only the exchange of the codes
    /// of hosted sessions.
    #[schema(value_type = Option<CredentialScope>, required = false, example = "partner")]
    pub scope: Scope,
    /// Time of expiry, in the future. Absent or null: it does not expire.
    #[schema(
        value_type = Option<String>,
        format = DateTime,
        pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$",
        example = "2029-12-31T23:59:59Z"
    )]
    pub expires_at: Option<time::RealTime>,
}

impl CreateCredential {
    /// Reads the body at `now`. The credential must expire later.
    pub fn read(body: &Value, now: time::RealTime) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", label(100));
        let scope = fields.optional("scope", |value| {
            string(value)?
                .parse::<Scope>()
                .map_err(|_| Wrong::format("must be partner or biometrics:exchange"))
        });
        let expires_at = fields.optional("expires_at", future(now));
        Ok(Self { name: fields.all(name)?, scope: scope.unwrap_or(Scope::Partner), expires_at })
    }
}

word!(
    /// Scope of a credential's tokens.
    pub CredentialScope of Scope
);

word!(
    /// Status of a credential.
    pub CredentialStatus of CredentialState
);

/// A credential with which a partner obtains access tokens.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PartnerCredential)]
pub struct Credential {
    /// The client id. It also identifies the credential.
    #[schema(
        pattern = "^dinie_ci_(test|live)_[0-9a-f]{32}$",
        example = "dinie_ci_test_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    client_id: String,
    /// The client secret. Only the answer that creates the credential shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        pattern = "^dinie_cs_(test|live)_[0-9a-f]{64}$",
        example = "dinie_cs_test_a29b68f7e07faaa20c3a5bbb0174ba281152d6cec5d58a4d1f0e9c8b7a695847"
    )]
    client_secret: Option<String>,
    /// The partner to which the credential belongs.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Name of the credential, for people.
    #[schema(example = "checkout", min_length = 1, max_length = 100)]
    name: String,
    /// Scope of its tokens.
    scope: CredentialScope,
    /// Status of the credential.
    status: CredentialStatus,
    /// Time of expiry; null if it does not expire.
    #[schema(required, example = "2029-12-31T23:59:59Z")]
    expires_at: Option<Timestamp>,
    /// Time of its newest token; null if it has obtained none.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    last_used_at: Option<Timestamp>,
    /// Maker of the credential: the client id of another credential, an operator's id, or `command_line`. Null if the
    /// credential is older than this field. An extension.
    #[schema(required, example = "command_line")]
    created_by: Option<String>,
    /// Time of the creation.
    created_at: Timestamp,
}

impl Credential {
    /// Renders a credential as of `now`.
    pub fn of(credential: &credential::Credential, now: time::RealTime) -> Self {
        Self {
            client_id: credential.client_id.to_string(),
            client_secret: None,
            partner_id: credential.partner.to_string(),
            name: credential.terms.name.clone(),
            scope: credential.terms.scope.into(),
            status: credential.state_at(now).into(),
            expires_at: credential.terms.expires_at.map(Timestamp::real),
            last_used_at: credential.last_used_at.map(Timestamp::real),
            created_by: credential.terms.created_by.map(|maker| maker.to_string()),
            created_at: Timestamp::real(credential.created_at),
        }
    }

    /// Adds the secret, for the answer that creates the credential.
    #[must_use]
    pub fn with_secret(self, secret: String) -> Self {
        Self { client_secret: Some(secret), ..self }
    }
}

/// A partner's volumes, limits and deliveries.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerOverview {
    /// The partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: String,
    /// The volumes of the partner.
    pub volumes: PartnerVolumes,
    /// The limits of the partner, and what it uses of them.
    pub limits: PartnerLimits,
    /// Its webhook endpoints, oldest first, at most fifty.
    pub webhook_endpoints: Vec<EndpointHealth>,
}

/// The volumes of a partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerVolumes {
    /// Number of its customers, in every state.
    #[schema(minimum = 0, example = 1204)]
    pub customers: i64,
    /// Number of its loans, in every state.
    #[schema(minimum = 0, example = 310)]
    pub loans: i64,
    /// The amount that its customers received in the last 30 days.
    pub disbursed_30_days: Money,
    /// Time of the count. It is at most a minute old.
    pub counted_at: Timestamp,
}

/// New limits of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ToSchema)]
pub struct SetPartnerLimits {
    /// Most requests of each credential in ten seconds. Null or absent: the server's limit.
    #[schema(required = false, minimum = 1, maximum = 100_000, example = 500)]
    pub requests_per_10s: Option<u32>,
    /// Version of the limits as the caller knows them. If somebody else has changed them, they stay as they are.
    #[schema(minimum = 1, example = 1)]
    pub version: i64,
}

impl SetPartnerLimits {
    /// Reads the body. `most` is the largest limit.
    pub fn read(body: &Value, most: u32) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let requests_per_10s = fields.optional("requests_per_10s", integer(1, i64::from(most)));
        let version = fields.required("version", integer(1, i64::MAX));
        fields.all(version.map(|version| Self { requests_per_10s, version }))
    }
}

/// The limits of a partner, and what it uses of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerLimits {
    /// Most requests of each credential in ten seconds: the partner's own limit, or else the server's.
    #[schema(minimum = 1, example = 1000)]
    pub requests_per_10s: u32,
    /// The limit that operators have set for this partner; null if the server's applies.
    #[schema(required, minimum = 1, example = 1000)]
    pub own_requests_per_10s: Option<u32>,
    /// Version of the limits that operators set. A change names it.
    #[schema(minimum = 1, example = 1)]
    pub version: i64,
    /// Number of active credentials.
    #[schema(minimum = 0, example = 2)]
    pub active_credentials: i64,
    /// Most active credentials.
    #[schema(minimum = 1, example = 50)]
    pub most_active_credentials: i64,
    /// Number of webhook endpoints.
    #[schema(minimum = 0, example = 1)]
    pub endpoints: i64,
    /// Most webhook endpoints.
    #[schema(minimum = 1, example = 50)]
    pub most_endpoints: i64,
}

word!(
    /// Status of a webhook endpoint. A disabled endpoint gets its events once it is switched on again.
    pub EndpointHealthStatus of EndpointState
);

/// A webhook endpoint and the deliveries that wait for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndpointHealth {
    /// Identifier of the endpoint.
    #[schema(pattern = "^we_[0-9a-f]{32}$", example = "we_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// Its URL without the query, in which partners put secrets.
    #[schema(example = "https://loja.example/webhooks/dinie")]
    pub url: String,
    /// Status of the endpoint.
    pub status: EndpointHealthStatus,
    /// Time since which every attempt fails; null if the last one succeeded.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    pub failing_since: Option<Timestamp>,
    /// Number of waiting deliveries. It is counted up to 1000.
    #[schema(minimum = 0, maximum = 1000, example = 3)]
    pub waiting: i64,
    /// Time of the oldest waiting delivery among the hundred that are due next; null if none waits.
    #[schema(required, example = "2026-11-25T11:58:00Z")]
    pub oldest_waiting_at: Option<Timestamp>,
}
