//! The members of partners' teams.

use domain::access::{self, TeamRole};
use domain::person::Email;
use domain::time::RealTime;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::operator::OperatorStatus;
use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, email, label, one, string};
use crate::text_scalar::Timestamp;

word!(
    /// The role of a member in a partner's team: `support` reads, `developer` also makes keys and endpoints and sends
    /// webhooks again, `admin` also decides who is in the team.
    pub MemberRole of TeamRole
);

fn role(value: &Value) -> Result<TeamRole, Wrong> {
    let role = string(value)?.parse().ok();
    role.ok_or_else(|| Wrong::format(format!("must be one of {}", TeamRole::NAMES.join(", "))))
}

/// A person to invite to the team of a partner.
#[derive(Debug, ToSchema)]
pub struct InviteMember {
    /// Name of the person.
    #[schema(example = "Lia Prado", pattern = r"^[^\x00-\x1F\x7F-\x9F]+$", min_length = 1, max_length = 100)]
    pub name: String,
    /// Address with which the person signs in. The invitation goes there. Case does not count.
    #[schema(value_type = String, format = Email, max_length = 254, example = "lia@example.com")]
    pub email: Email,
    /// The person's role in the team.
    #[schema(value_type = MemberRole)]
    pub role: TeamRole,
}

impl InviteMember {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let given = (
            fields.required("name", label(100)),
            fields.required("email", email),
            fields.required("role", role),
        );
        let (name, email, role) = fields.all(given)?;
        Ok(Self { name, email, role })
    }
}

/// The role that a member will have.
#[derive(Debug, ToSchema)]
pub struct ChangeMemberRole {
    /// The person's role in the team.
    #[schema(value_type = MemberRole)]
    pub role: TeamRole,
}

impl ChangeMemberRole {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        Ok(Self { role: one(body, "role", role)? })
    }
}

/// A person in the team of a partner, who signs in to its dashboard.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    /// Identifier of the person.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Identifier of the partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Name of the person.
    #[schema(example = "Lia Prado", min_length = 1, max_length = 100)]
    name: String,
    /// The person's role in the team.
    role: MemberRole,
    /// Whether the person has access.
    status: OperatorStatus,
    /// Maker of the member: an operator's id.
    #[schema(example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    created_by: String,
    /// Time of the invitation.
    created_at: Timestamp,
    /// Time of the last request, to the minute; null if there was none.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    last_used_at: Option<Timestamp>,
    /// Time at which the access ended; null if it has not ended.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    revoked_at: Option<Timestamp>,
}

impl Member {
    /// Renders a member as of `now`; `None` for an operator of the lender.
    pub fn of(operator: &access::Operator, now: RealTime) -> Option<Self> {
        let team = operator.team?;
        Some(Self {
            id: operator.id.to_string(),
            partner_id: team.partner.to_string(),
            name: operator.name.clone(),
            role: team.role.into(),
            status: operator.status_at(now).into(),
            created_by: operator.created_by.to_string(),
            created_at: Timestamp::real(operator.created_at),
            last_used_at: operator.last_used_at.map(Timestamp::real),
            revoked_at: operator.revoked_at.map(Timestamp::real),
        })
    }
}

/// The team of a partner.
#[derive(Debug, Serialize, ToSchema)]
pub struct Team {
    /// Every member with access, the oldest first.
    data: Vec<Member>,
}

impl Team {
    /// Renders the members as of `now`.
    pub fn of(members: &[access::Operator], now: RealTime) -> Self {
        Self { data: members.iter().filter_map(|member| Member::of(member, now)).collect() }
    }
}
