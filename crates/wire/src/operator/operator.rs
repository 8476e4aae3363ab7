//! Operators, their roles and the permissions of the roles.

use domain::access::{self, Permission, RoleName, RoleNames, Roles};
use domain::id::ProposalId;
use domain::person::Email;
use domain::time::RealTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, email, label, string};
use crate::text_scalar::{Timestamp, future};

/// Most roles of one operator.
const MOST_ROLES: usize = 20;

/// An operator to create.
#[derive(Debug, ToSchema)]
pub struct CreateOperator {
    /// Name of the operator, for people.
    #[schema(
        example = "Robô de pagamentos",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 100
    )]
    pub name: String,
    /// Names of its roles. An operator without roles can do nothing.
    #[schema(value_type = Option<Vec<String>>, required = false, max_items = 20, example = json!(["treasury"]))]
    pub roles: RoleNames,
    /// Time at which its token ends, in the future. Absent or null: the token does not end by itself.
    #[schema(
        value_type = Option<String>,
        format = DateTime,
        pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$",
        example = "2029-12-31T23:59:59Z"
    )]
    pub expires_at: Option<RealTime>,
}

impl CreateOperator {
    /// Reads the body at `now`. Each role must exist, and the token must end later.
    pub fn read(body: &Value, now: RealTime, known: &Roles) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let name = fields.required("name", label(100));
        let roles = fields.list_or_empty("roles", MOST_ROLES, |value| role(value, known));
        let expires_at = fields.optional("expires_at", future(now));
        Ok(Self { name: fields.all(name)?, roles: roles.into_iter().collect(), expires_at })
    }
}

/// A person to invite to the console.
#[derive(Debug, ToSchema)]
pub struct InvitePerson {
    /// Name of the person.
    #[schema(
        example = "Helena Couto",
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 100
    )]
    pub name: String,
    /// Address with which the person signs in. The invitation goes there. Case does not count.
    #[schema(value_type = String, format = Email, max_length = 254, example = "helena@example.com")]
    pub email: Email,
    /// Names of the person's roles. A person without roles can do nothing.
    #[schema(value_type = Option<Vec<String>>, required = false, max_items = 20, example = json!(["credit"]))]
    pub roles: RoleNames,
}

impl InvitePerson {
    /// Reads the body. Each role must exist.
    pub fn read(body: &Value, known: &Roles) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let (name, email) = (fields.required("name", label(100)), fields.required("email", email));
        let roles = fields.list_or_empty("roles", MOST_ROLES, |value| role(value, known));
        let roles = roles.into_iter().collect();
        let (name, email) = fields.all((name, email))?;
        Ok(Self { name, email, roles })
    }
}

/// The roles that an operator will have.
#[derive(Debug, ToSchema)]
pub struct ChangeRoles {
    /// Names of all its roles. An operator without roles can do nothing.
    #[schema(value_type = Vec<String>, max_items = 20, example = json!(["treasury"]))]
    pub roles: RoleNames,
}

impl ChangeRoles {
    /// Reads the body. Each role must exist.
    pub fn read(body: &Value, known: &Roles) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let given = fields.required("roles", |value| match value.as_array() {
            Some(_list) => Ok(()),
            None => Err(Wrong::format("must be a list of roles")),
        });
        let roles = given.map(|()| fields.list_or_empty("roles", MOST_ROLES, |value| role(value, known)));
        let roles = fields.all(roles)?;
        Ok(Self { roles: roles.into_iter().collect() })
    }
}

/// The name of a role that exists.
fn role(value: &Value, known: &Roles) -> Result<RoleName, Wrong> {
    let name: Option<RoleName> = string(value)?.parse().ok();
    name.filter(|name| known.get(name).is_some()).ok_or_else(|| {
        let names: Vec<String> = known.iter().map(|(name, _)| name.to_string()).collect();
        Wrong::format(format!("must be one of the roles {}", names.join(", ")))
    })
}

word!(
    /// Status of an operator's token.
    pub OperatorStatus of access::OperatorStatus
);

word!(
    /// Whether an operator is a person, who signs in to the console, or a program, which has a token.
    pub OperatorKind of access::OperatorKind
);

/// A person or program that decides for the lender.
#[derive(Debug, Serialize, ToSchema)]
pub struct Operator {
    /// Identifier of the operator.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The token. Only the answer that creates the operator shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        pattern = "^dinie_op_(test|live)_[0-9a-f]{64}$",
        example = "dinie_op_test_a29b68f7e07faaa20c3a5bbb0174ba281152d6cec5d58a4d1f0e9c8b7a695847"
    )]
    token: Option<String>,
    /// The proposal of its roles, which waits for a second operator. Only the answer that creates the operator shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        pattern = "^prop_[0-9a-f]{32}$",
        example = "prop_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    proposal_id: Option<String>,
    /// Person or program.
    kind: OperatorKind,
    /// Name of the operator, for people.
    #[schema(example = "Robô de pagamentos", min_length = 1, max_length = 100)]
    name: String,
    /// Names of its roles.
    #[schema(example = json!(["treasury"]))]
    roles: Vec<String>,
    /// Status of its token.
    status: OperatorStatus,
    /// Maker of the operator: an operator's id, `command_line`, or `provider` for a person whom the lender's own provider
    /// signed in first.
    #[schema(example = "command_line")]
    created_by: String,
    /// Time of the creation.
    created_at: Timestamp,
    /// Time at which its token ends; null if it does not end by itself.
    #[schema(required, example = "2029-12-31T23:59:59Z")]
    expires_at: Option<Timestamp>,
    /// Time of its last call, to the minute; null if it has made none.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    last_used_at: Option<Timestamp>,
    /// Time of the revocation; null if its token was not revoked.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    revoked_at: Option<Timestamp>,
}

impl Operator {
    /// Renders an operator as of `now`.
    pub fn of(operator: &access::Operator, now: RealTime) -> Self {
        Self {
            id: operator.id.to_string(),
            token: None,
            proposal_id: None,
            kind: operator.kind.into(),
            name: operator.name.clone(),
            roles: operator.roles.iter().map(RoleName::to_string).collect(),
            status: operator.status_at(now).into(),
            created_by: operator.created_by.to_string(),
            created_at: Timestamp::real(operator.created_at),
            expires_at: operator.expires_at.map(Timestamp::real),
            last_used_at: operator.last_used_at.map(Timestamp::real),
            revoked_at: operator.revoked_at.map(Timestamp::real),
        }
    }

    /// Adds the proposal of its roles, for the answer that creates the operator.
    #[must_use]
    pub fn with_proposal(self, proposal: Option<ProposalId>) -> Self {
        Self { proposal_id: proposal.map(|id| id.to_string()), ..self }
    }

    /// Adds the token, for the answer that creates the operator.
    #[must_use]
    pub fn with_token(self, token: String) -> Self {
        Self { token: Some(token), ..self }
    }
}

/// A role: what its operators may do, and up to which amounts.
#[derive(Debug, Serialize, ToSchema)]
pub struct Role {
    /// Name of the role.
    #[schema(pattern = "^[a-z][a-z0-9-]{0,39}$", example = "credit")]
    name: String,
    /// Names of its permissions.
    #[schema(example = json!(["customers.read", "credit.decide"]))]
    permissions: Vec<&'static str>,
    /// Largest amount of an offer that the role may approve, in BRL.
    #[schema(pattern = r"^\d+\.\d{2}$", example = "50000.00")]
    largest_approval: String,
    /// Largest unpaid principal of a loan that the role may write off, in BRL.
    #[schema(pattern = r"^\d+\.\d{2}$", example = "0.00")]
    largest_waiver: String,
}

/// The roles of the lender.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleList {
    /// Every role, by name.
    data: Vec<Role>,
}

impl RoleList {
    /// Renders all roles.
    pub fn of(roles: &Roles) -> Self {
        let role = |(name, role): (&RoleName, &access::Role)| Role {
            name: name.to_string(),
            permissions: role.permissions.iter().map(Permission::name).collect(),
            largest_approval: role.limits.largest_approval.to_string(),
            largest_waiver: role.limits.largest_waiver.to_string(),
        };
        Self { data: roles.iter().map(role).collect() }
    }
}
