//! A reviewer's decisions on a customer's KYC.

use domain::customer::CustomerFile;
use domain::id::DocumentId;
use domain::kyc::RequirementKey;
use serde_json::Value;
use utoipa::ToSchema;

use super::kyc::requirement_id;
use crate::problem::{Code, FieldError, Problem};
use crate::read::{Fields, id, text};

/// Decisions of a reviewer on a customer's KYC.
#[derive(Debug, ToSchema)]
pub struct DecideKyc {
    /// One decision for each judged requirement.
    #[schema(min_items = 1, max_items = 50)]
    pub decisions: Vec<KycDecision>,
}

/// A reviewer's decision on one requirement.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct KycDecision {
    /// The `id` of a requirement of the customer.
    #[schema(max_length = 100, example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub requirement_id: String,
    /// Verdict of the reviewer.
    #[schema(value_type = KycVerdict)]
    pub verdict: String,
    /// The reason in words, which the customer reads. Required with `reject`.
    #[schema(max_length = 500, example = "A foto está desfocada.")]
    pub reason: Option<String>,
    /// The judged documents: the `document_id` of every attachment of the requirement. Absent or empty only if the
    /// requirement has text and no document.
    #[schema(
        value_type = Vec<JudgedDocument>,
        required = false,
        max_items = 50,
        example = json!(["doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"])
    )]
    pub document_ids: Vec<DocumentId>,
}

/// The id of a document that was judged.
#[derive(Debug, Clone, ToSchema)]
#[schema(
    value_type = String,
    pattern = "^doc_[0-9a-f]{32}$",
    example = "doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"
)]
pub struct JudgedDocument(pub DocumentId);

/// Basis of a refusal.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct RefuseCustomer {
    /// The judged documents: the `document_id` of every attachment of the customer. Absent: any.
    #[schema(
        value_type = Option<Vec<JudgedDocument>>,
        max_items = 500,
        example = json!(["doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"])
    )]
    pub document_ids: Option<Vec<DocumentId>>,
}

impl RefuseCustomer {
    /// Reads the body.
    pub fn read(body: Option<&Value>) -> Result<Self, Problem> {
        let Some(body) = body else { return Ok(Self { document_ids: None }) };
        let mut fields = Fields::of(body)?;
        let document_ids = fields.list("document_ids", 500, id);
        fields.finish()?;
        Ok(Self { document_ids })
    }
}

/// Verdict of a reviewer on a requirement.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KycVerdict {
    /// The requirement is met.
    Accept,
    /// The customer must submit something else.
    Reject,
}

impl DecideKyc {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let items = match body.get("decisions") {
            None | Some(Value::Null) => {
                return Err(Problem::of_field(
                    "decisions",
                    Code::MissingRequiredField,
                    "this field is required",
                ));
            }
            Some(items) => {
                items.as_array().filter(|items| (1..=50).contains(&items.len())).ok_or_else(|| {
                    Problem::of_field("decisions", Code::InvalidFormat, "must be a list of 1 to 50 decisions")
                })?
            }
        };
        let (mut decisions, mut errors): (Vec<KycDecision>, Vec<FieldError>) = (Vec::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            match KycDecision::read(&format!("decisions[{index}]"), item) {
                Ok(decision) => decisions.push(decision),
                Err(problem) => errors.extend(problem.errors),
            }
        }
        if errors.is_empty() { Ok(Self { decisions }) } else { Err(Problem::of_fields(errors)) }
    }
}

impl KycDecision {
    fn read(place: &str, item: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::within(place, item)?;
        let requirement_id = fields.required("requirement_id", text(100));
        let verdict = fields.required("verdict", |value| match value.as_str() {
            Some(verdict @ ("accept" | "reject")) => Ok(verdict.to_owned()),
            _other => Err(crate::read::Wrong::format("must be accept or reject")),
        });
        let reason = if verdict.as_deref() == Some("reject") {
            fields.required("reason", text(500))
        } else {
            fields.optional("reason", text(500))
        };
        let document_ids = fields.list("document_ids", 50, id).unwrap_or_else(Vec::new);
        let (requirement_id, verdict) = fields.all((requirement_id, verdict))?;
        Ok(Self { requirement_id, verdict, reason, document_ids })
    }

    /// The requirement of a customer's file that the decision names.
    pub fn key(&self, file: &CustomerFile) -> Option<RequirementKey> {
        let keys = file.kyc.requirements.iter().map(|requirement| requirement.key);
        keys.into_iter().find(|key| requirement_id(*key) == self.requirement_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_problem_names_every_wrong_decision_by_its_position() {
        let body = json!({"decisions": [
            {"requirement_id": "selfie", "verdict": "accept"},
            {"requirement_id": 7, "verdict": "maybe"},
            {"requirement_id": "identity", "verdict": "reject"},
            "accept",
        ]});
        let problem = DecideKyc::read(&body).unwrap_err();
        let params: Vec<_> = problem.errors.iter().map(|error| error.param.as_str()).collect();
        assert_eq!(
            params,
            ["decisions[1].requirement_id", "decisions[1].verdict", "decisions[2].reason", "decisions[3]",]
        );
        for body in [json!({}), json!({"decisions": []}), json!({"decisions": "all"})] {
            assert_eq!(DecideKyc::read(&body).unwrap_err().errors[0].param, "decisions");
        }
    }
}
