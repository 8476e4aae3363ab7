//! Customers with their KYC as a reviewer sees it, and the reviewer's word.

use domain::customer::{CustomerFile, CustomerState};
use domain::id::DocumentId;
use domain::kyc::{
    Attachment, AttachmentSource, Content, EvidenceKind, RequirementKey, RequirementKind, RequirementState,
    Slot, SubjectRole,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, FieldError, Problem};
use crate::read::{Fields, id, text};
use crate::text_scalar::Timestamp;

/// The states that a list can be filtered by.
pub const STATES: [CustomerState; 5] = [
    CustomerState::Creating,
    CustomerState::PendingKyc,
    CustomerState::UnderReview,
    CustomerState::Active,
    CustomerState::Denied,
];

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerFile)]
pub struct Customer {
    /// Its id.
    #[schema(example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner that registered it.
    partner_id: String,
    /// `creating`, `pending_kyc`, `under_review`, `active` or `denied`.
    #[schema(example = "under_review")]
    status: &'static str,
    /// The company's legal nature.
    #[schema(example = "mei")]
    legal_nature: &'static str,
    /// The tax number of the person who answers for the company.
    cpf: String,
    /// The company's tax number.
    #[schema(required)]
    cnpj: Option<String>,
    /// The person's name.
    #[schema(required)]
    name: Option<String>,
    /// Where the person is written to.
    #[schema(required)]
    email: Option<String>,
    /// Where the person is called.
    #[schema(required)]
    phone: Option<String>,
    /// The company's trading name.
    #[schema(required)]
    trading_name: Option<String>,
    /// The partner's own identifier.
    #[schema(required)]
    external_id: Option<String>,
    /// The people whose identity KYC asks for and who sign.
    subjects: Vec<Subject>,
    /// What KYC asks for.
    requirements: Vec<Requirement>,
    /// When it was registered.
    created_at: Timestamp,
    /// When it last changed.
    updated_at: Timestamp,
}

/// A person of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct Subject {
    /// The person's id.
    id: String,
    /// `applicant` or `co_owner`.
    #[schema(example = "applicant")]
    role: &'static str,
    /// The person's name.
    #[schema(required)]
    name: Option<String>,
    /// The person's tax number.
    cpf: String,
}

/// One thing KYC asks for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KycRequirement)]
pub struct Requirement {
    /// Its name within the customer's KYC, for decisions.
    #[schema(example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// What it asks for.
    #[schema(example = "identity")]
    kind: &'static str,
    /// Of whom, where it is asked of a person.
    #[schema(required)]
    subject_id: Option<String>,
    /// Whether the review waits for it.
    mandatory: bool,
    /// `missing`, `submitted`, `accepted` or `rejected`.
    #[schema(example = "submitted")]
    status: &'static str,
    /// The reviewer's reason, where it was rejected.
    #[schema(required)]
    reason: Option<String>,
    /// The kind of evidence chosen.
    #[schema(required, example = "cnh")]
    evidence: Option<&'static str>,
    /// What was handed in.
    attachments: Vec<HandedIn>,
}

/// Something that was handed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedIn {
    /// What part of its evidence it is.
    #[schema(example = "front")]
    slot: &'static str,
    /// `upload` or `hosted_session`.
    #[schema(example = "upload")]
    source: &'static str,
    /// The document, to be read at `/operator/v1/documents/{id}`; null for an address given as text.
    #[schema(required)]
    document_id: Option<String>,
    /// When it was handed in.
    uploaded_at: Timestamp,
}

impl From<&CustomerFile> for Customer {
    fn from(file: &CustomerFile) -> Self {
        let (customer, registration) = (&file.customer, &file.customer.registration);
        let subject = |subject: &domain::kyc::Subject| Subject {
            id: subject.id.to_string(),
            role: match subject.role {
                SubjectRole::Applicant => "applicant",
                SubjectRole::CoOwner => "co_owner",
            },
            name: subject.name.as_ref().map(ToString::to_string),
            cpf: subject.cpf.to_string(),
        };
        Self {
            id: customer.id.to_string(),
            partner_id: customer.partner.to_string(),
            status: customer.state.name(),
            legal_nature: customer.legal_nature.name(),
            cpf: registration.cpf.to_string(),
            cnpj: registration.cnpj.map(|cnpj| cnpj.to_string()),
            name: registration.name.as_ref().map(ToString::to_string),
            email: registration.email.as_ref().map(ToString::to_string),
            phone: registration.phone.as_ref().map(ToString::to_string),
            trading_name: registration.trading_name.as_ref().map(ToString::to_string),
            external_id: customer.external_id.clone(),
            subjects: customer.subjects.iter().map(subject).collect(),
            requirements: file.kyc.requirements.iter().map(requirement).collect(),
            created_at: Timestamp(customer.created_at),
            updated_at: Timestamp(customer.updated_at),
        }
    }
}

fn requirement(requirement: &domain::kyc::Requirement) -> Requirement {
    let (status, reason) = match &requirement.state {
        RequirementState::Missing => ("missing", None),
        RequirementState::Submitted { .. } => ("submitted", None),
        RequirementState::Accepted { .. } => ("accepted", None),
        RequirementState::Rejected { reason, .. } => ("rejected", Some(reason.clone())),
    };
    let evidence = requirement.evidence.as_ref();
    Requirement {
        id: requirement_id(requirement.key),
        kind: kind_name(requirement.key.kind),
        subject_id: requirement.key.subject.map(|id| id.to_string()),
        mandatory: requirement.mandatory,
        status,
        reason,
        evidence: evidence.map(|evidence| evidence_name(evidence.kind)),
        attachments: evidence.map_or_else(Vec::new, |e| e.attachments.iter().map(handed_in).collect()),
    }
}

fn handed_in(attachment: &Attachment) -> HandedIn {
    HandedIn {
        slot: match attachment.slot {
            Slot::File => "file",
            Slot::Front => "front",
            Slot::Back => "back",
            Slot::Photo => "photo",
            Slot::Email => "email",
            Slot::EiRegistrationRequirement => "ei_registration_requirement",
            Slot::Ccmei => "ccmei",
        },
        source: match attachment.source {
            AttachmentSource::Upload => "upload",
            AttachmentSource::HostedSession => "hosted_session",
        },
        document_id: match attachment.content {
            Content::File(document) => Some(document.to_string()),
            Content::Address => None,
        },
        uploaded_at: Timestamp(attachment.uploaded_at),
    }
}

/// `identity_sub_…`, `company_document`, `field_name`.
fn requirement_id(key: RequirementKey) -> String {
    match (key.kind, key.subject) {
        (RequirementKind::RegistrationField(field), _) => format!("field_{}", field.name()),
        (kind, Some(subject)) => format!("{}_{subject}", kind_name(kind)),
        (kind, None) => kind_name(kind).to_owned(),
    }
}

fn kind_name(kind: RequirementKind) -> &'static str {
    match kind {
        RequirementKind::Identity => "identity",
        RequirementKind::Selfie => "selfie",
        RequirementKind::Email => "email",
        RequirementKind::ProofOfAddress => "proof_of_address",
        RequirementKind::CompanyDocument => "company_document",
        RequirementKind::EiMeiDocuments => "ei_mei_documents",
        RequirementKind::ArticlesOfAssociation => "articles_of_association",
        RequirementKind::EireliIncorporationStatement => "eireli_incorporation_statement",
        RequirementKind::IncomeStatement => "income_statement",
        RequirementKind::RegistrationField(_) => "registration_field",
    }
}

fn evidence_name(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Cnh => "cnh",
        EvidenceKind::Rg => "rg",
        EvidenceKind::Selfie => "selfie",
        EvidenceKind::Email => "email",
        EvidenceKind::ProofOfAddress => "proof_of_address",
        EvidenceKind::Ccmei => "ccmei",
        EvidenceKind::EiMei => "ei_mei",
        EvidenceKind::ArticlesOfAssociation => "articles_of_association",
        EvidenceKind::EireliIncorporationStatement => "eireli_incorporation_statement",
        EvidenceKind::IncomeStatement => "income_statement",
    }
}

/// The body of `POST /operator/v1/customers/{id}/kyc-decisions`.
#[derive(Debug, ToSchema)]
pub struct DecideKyc {
    /// A word on each requirement, at least one.
    pub decisions: Vec<KycDecision>,
}

/// The reviewer's word on one requirement.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct KycDecision {
    /// The requirement.
    #[schema(example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub requirement_id: String,
    /// `accept` or `reject`.
    #[schema(example = "accept")]
    pub verdict: String,
    /// Why, in words for the customer; required where it is rejected.
    #[schema(required = false, max_length = 500)]
    pub reason: Option<String>,
    /// The documents that it judges: the `document_id` of every attachment of the requirement. Absent or empty only
    /// where nothing but text was handed in.
    #[schema(value_type = Vec<String>, required = false, max_items = 50, example = json!(["doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"]))]
    pub document_ids: Vec<DocumentId>,
}

/// The optional body of `POST /operator/v1/customers/{id}/refuse`.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct RefuseCustomer {
    /// The documents that were judged: the `document_id` of every attachment of the customer. Absent: whatever is there.
    #[schema(value_type = Option<Vec<String>>, max_items = 500, example = json!(["doc_0190f3b4c5d67e8f90a1b2c3d4e5f607"]))]
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
        fields.finish()?;
        Ok(Self {
            requirement_id: requirement_id.ok_or_else(crate::read::unread)?,
            verdict: verdict.ok_or_else(crate::read::unread)?,
            reason,
            document_ids,
        })
    }

    /// The requirement of a customer's file that it names.
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
    fn every_wrong_decision_is_told_with_its_place() {
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
