//! The credit policy: the rules in force, and uploaded versions.

use domain::credit::policy::comparison::{Comparison, Differing, VerdictKind};
use domain::credit::policy::version::PolicyVersion;
use domain::credit::policy::{Approval, Policy};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::word::word;
use crate::problem::Problem;
use crate::read::{Fields, Wrong, string};
use crate::text_scalar::Timestamp;

/// Longest file, in characters.
const LONGEST: usize = 100_000;

/// A version of the policy to upload.
#[derive(Debug, ToSchema)]
pub struct UploadPolicy {
    /// The TOML file.
    #[schema(
        min_length = 1,
        max_length = 100_000,
        pattern = r"^[\s\S]+$",
        example = "version = \"2026-12\"\napproval = \"by_operator\"\n\n[[refusal]]\nname = \"nova\"\ncompany_age_below_months = 6\nreason = \"A empresa é nova.\"\n"
    )]
    pub content: String,
}

impl UploadPolicy {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let content = fields.required("content", |value| {
            let content = string(value)?;
            let fits = (1..=LONGEST).contains(&content.chars().count());
            if fits { Ok(content.to_owned()) } else { Err(Wrong::format("must have 1 to 100000 characters")) }
        });
        fields.all(content).map(|content| Self { content })
    }
}

/// A policy in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyRules {
    /// The version that the file names. Each decision of the policy keeps it.
    #[schema(example = "exemplo-2026-03")]
    pub version: String,
    /// `automatic`: the policy approves by itself. `by_operator`: an operator approves.
    #[schema(example = "by_operator")]
    pub approval: &'static str,
    /// The rules that refuse, in their order. The first one that holds decides.
    pub refusals: Vec<PolicyRule>,
    /// The rows of terms, in their order. The first one that fits decides.
    pub table: Vec<PolicyRule>,
}

/// A rule of a policy in words.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyRule {
    /// Name of the rule.
    #[schema(example = "mei-inicial")]
    pub name: String,
    /// The companies that it is about.
    #[schema(example = "MEI; empresa com menos de 24 meses")]
    pub when: String,
    /// The reason of a refusal, or the terms of a row.
    #[schema(
        example = "de R$ 1.000,00 a R$ 8.000,00, 3,9 % ao mês, de 3 a 6 parcelas, tarifa de 1,2 %, encargos financiados"
    )]
    pub then: String,
}

impl PolicyRules {
    /// Renders a policy.
    pub fn of(policy: &Policy) -> Self {
        let refusals = policy.refusals.iter().map(|rule| PolicyRule {
            name: rule.name.clone(),
            when: rule.when.to_string(),
            then: rule.reason.clone(),
        });
        let table = policy.rows.iter().map(|row| PolicyRule {
            name: row.name.clone(),
            when: row.when.to_string(),
            then: row.terms_in_words(),
        });
        Self {
            version: policy.version.clone(),
            approval: match policy.approval {
                Approval::Automatic => "automatic",
                Approval::ByOperator => "by_operator",
            },
            refusals: refusals.collect(),
            table: table.collect(),
        }
    }
}

/// The policy in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyInForce {
    /// Its rules; null if there is no policy, so that operators decide on every customer.
    #[schema(required)]
    pub rules: Option<PolicyRules>,
    /// The uploaded version; null if the file of the configuration decides.
    #[schema(required, pattern = "^pol_[0-9a-f]{32}$", example = "pol_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub policy_version_id: Option<String>,
}

word!(
    /// The verdict of a policy on an application. `referred`: an operator decides.
    pub PolicyVerdict of VerdictKind
);

/// The verdicts of a version on the applications of the last 90 days, beside those of the policy in force at its upload.
/// Both see the facts that were recorded with the decisions.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyComparison {
    /// Number of compared applications.
    #[schema(minimum = 0, example = 412)]
    pub applications: u32,
    /// Applications that only the new version approves.
    #[schema(minimum = 0, example = 12)]
    pub approved_more: u32,
    /// Applications that only the policy in force approves.
    #[schema(minimum = 0, example = 0)]
    pub approved_fewer: u32,
    /// Applications that only the new version refuses.
    #[schema(minimum = 0, example = 3)]
    pub refused_more: u32,
    /// Applications that only the policy in force refuses.
    #[schema(minimum = 0, example = 0)]
    pub refused_fewer: u32,
    /// Applications that both approve, on different terms.
    #[schema(minimum = 0, example = 5)]
    pub other_terms: u32,
    /// Whether older applications were left out, because there are too many.
    #[schema(example = false)]
    pub is_cut: bool,
    /// The applications on which they differ, newest first, at most 200.
    pub changes: Vec<PolicyChange>,
}

/// An application on which two policies differ.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyChange {
    /// The customer.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    customer_id: String,
    /// The partner.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// The verdict of the policy in force.
    before: PolicyVerdict,
    /// The verdict of the new version.
    after: PolicyVerdict,
    /// The new version's reason.
    #[schema(example = "tabela \"mei\": MEI")]
    reason: String,
}

impl PolicyComparison {
    fn of(comparison: &Comparison) -> Self {
        let change = |change: &Differing| PolicyChange {
            customer_id: change.customer.to_string(),
            partner_id: change.partner.to_string(),
            before: change.before.into(),
            after: change.after.into(),
            reason: change.reason.clone(),
        };
        Self {
            applications: comparison.applications,
            approved_more: comparison.approved_more,
            approved_fewer: comparison.approved_fewer,
            refused_more: comparison.refused_more,
            refused_fewer: comparison.refused_fewer,
            other_terms: comparison.other_terms,
            is_cut: comparison.is_cut,
            changes: comparison.changes.iter().map(change).collect(),
        }
    }
}

/// An uploaded version of the policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicyVersion)]
pub struct UploadedPolicy {
    /// Identifier of the upload.
    #[schema(pattern = "^pol_[0-9a-f]{32}$", example = "pol_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The version that the file names.
    #[schema(example = "exemplo-2026-03")]
    version: String,
    /// The TOML file as it was uploaded.
    #[schema(example = "version = \"exemplo-2026-03\"")]
    content: String,
    /// SHA-256 of the file.
    #[schema(
        pattern = "^[0-9a-f]{64}$",
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    )]
    sha256: String,
    /// Its comparison with the policy in force at its upload.
    comparison: PolicyComparison,
    /// The operator who uploaded it.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    uploaded_by: String,
    /// Time of the upload.
    uploaded_at: Timestamp,
    /// The operator who brought it into force; null if it never was.
    #[schema(required, pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f608")]
    adopted_by: Option<String>,
    /// Time from which it decided; null if it never did. The version with the newest time is in force.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    adopted_at: Option<Timestamp>,
}

impl UploadedPolicy {
    /// Renders a version.
    pub fn of(version: &PolicyVersion) -> Self {
        Self {
            id: version.id.to_string(),
            version: version.name.clone(),
            content: version.content.clone(),
            sha256: version.sha256.clone(),
            comparison: PolicyComparison::of(&version.comparison),
            uploaded_by: version.uploaded_by.to_string(),
            uploaded_at: Timestamp::real(version.uploaded_at),
            adopted_by: version.adoption.map(|adoption| adoption.by.to_string()),
            adopted_at: version.adoption.map(|adoption| Timestamp::real(adoption.at)),
        }
    }
}
