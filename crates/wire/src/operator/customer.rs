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

/// The status of a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = CustomerFileStatus)]
#[serde(rename_all = "snake_case")]
pub enum CustomerStatus {
    /// It is being registered.
    Creating,
    /// KYC documents are missing.
    PendingKyc,
    /// A reviewer has to decide.
    UnderReview,
    /// It may borrow.
    Active,
    /// It was refused for good.
    Denied,
}

impl From<CustomerState> for CustomerStatus {
    fn from(state: CustomerState) -> Self {
        match state {
            CustomerState::Creating => Self::Creating,
            CustomerState::PendingKyc => Self::PendingKyc,
            CustomerState::UnderReview => Self::UnderReview,
            CustomerState::Active => Self::Active,
            CustomerState::Denied => Self::Denied,
        }
    }
}

/// A customer with everything that a reviewer needs.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CustomerFile)]
pub struct Customer {
    /// Identifier of the customer.
    #[schema(pattern = "^cust_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner that registered the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Status of the customer.
    status: CustomerStatus,
    /// Legal nature of the company.
    #[schema(value_type = CompanyNature)]
    legal_nature: &'static str,
    /// CPF of the person who answers for the company.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
    /// CNPJ of the company; null if it has none.
    #[schema(
        required,
        pattern = r"^[0-9A-Z]{2}\.[0-9A-Z]{3}\.[0-9A-Z]{3}/[0-9A-Z]{4}-\d{2}$",
        example = "12.345.678/0001-95"
    )]
    cnpj: Option<String>,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// E-mail address of the person; null if it was not given.
    #[schema(required, example = "ana@example.com")]
    email: Option<String>,
    /// Telephone of the person in E.164; null if it was not given.
    #[schema(required, pattern = r"^\+[1-9]\d{6,14}$", example = "+5511999999999")]
    phone: Option<String>,
    /// Trading name of the company; null if it is not known.
    #[schema(required, example = "Doces da Ana")]
    trading_name: Option<String>,
    /// The partner's own identifier of the customer; null if it was not given.
    #[schema(required, max_length = 255, example = "merchant-42")]
    external_id: Option<String>,
    /// The people whose identity KYC asks for. They are also those who sign.
    subjects: Vec<Subject>,
    /// What KYC asks for, with what was submitted.
    requirements: Vec<Requirement>,
    /// When the customer was registered.
    created_at: Timestamp,
    /// When the customer last changed.
    updated_at: Timestamp,
}

/// The legal nature of a company.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyNature {
    /// Individual micro-entrepreneur.
    Mei,
    /// Individual entrepreneur.
    Ei,
    /// Individual limited liability company.
    Eireli,
    /// Limited liability company.
    Ltda,
    /// Stock corporation.
    Sa,
}

/// What a person is to the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PersonRole {
    /// The person of the registration.
    Applicant,
    /// An owner with 25 % or more.
    CoOwner,
}

/// A person of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Person)]
pub struct Subject {
    /// Identifier of the person.
    #[schema(pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// What the person is to the company.
    role: PersonRole,
    /// Name of the person; null if it is not known.
    #[schema(required, example = "Ana Souza")]
    name: Option<String>,
    /// CPF of the person.
    #[schema(pattern = r"^\d{3}\.\d{3}\.\d{3}-\d{2}$", example = "123.456.789-09")]
    cpf: String,
}

/// How far a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequirementStatus {
    /// Something is still to be submitted.
    Missing,
    /// It waits for a decision.
    Submitted,
    /// A reviewer accepted it.
    Accepted,
    /// A reviewer rejected it.
    Rejected,
}

/// One requirement of a customer's KYC.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KycRequirement)]
pub struct Requirement {
    /// Name of the requirement within the customer's KYC. Decisions refer to it.
    #[schema(min_length = 1, max_length = 100, example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// What is required.
    #[schema(value_type = RequiredThing)]
    kind: &'static str,
    /// The person from whom it is required; null if it is required from the company.
    #[schema(required, pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: Option<String>,
    /// Whether the review waits for it.
    #[schema(example = true)]
    mandatory: bool,
    /// How far it is.
    status: RequirementStatus,
    /// The reviewer's reason; null unless it is rejected.
    #[schema(required, max_length = 500, example = "A foto está desfocada.")]
    reason: Option<String>,
    /// The kind of evidence that was submitted; null if none was.
    #[schema(required, value_type = Option<SubmittedEvidence>)]
    evidence: Option<&'static str>,
    /// The parts of the evidence that were submitted.
    attachments: Vec<HandedIn>,
}

/// What a requirement asks for.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequiredThing {
    /// An identity document of a person.
    Identity,
    /// A photograph of a person's face.
    Selfie,
    /// A person's e-mail address.
    Email,
    /// A proof of address.
    ProofOfAddress,
    /// A document of the company.
    CompanyDocument,
    /// The documents of an individual entrepreneur.
    EiMeiDocuments,
    /// The articles of association.
    ArticlesOfAssociation,
    /// The incorporation statement of an EIRELI.
    EireliIncorporationStatement,
    /// The income statement.
    IncomeStatement,
    /// A field of the registration that was not given.
    RegistrationField,
}

/// The kind of an evidence.
#[derive(Debug, Clone, Copy, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubmittedEvidence {
    /// A driving licence (CNH).
    Cnh,
    /// An identity card (RG).
    Rg,
    /// A photograph of a person's face.
    Selfie,
    /// An e-mail address.
    Email,
    /// A proof of address.
    ProofOfAddress,
    /// The certificate of an individual micro-entrepreneur (CCMEI).
    Ccmei,
    /// The documents of an individual entrepreneur.
    EiMei,
    /// The articles of association.
    ArticlesOfAssociation,
    /// The incorporation statement of an EIRELI.
    EireliIncorporationStatement,
    /// The income statement.
    IncomeStatement,
}

/// A part of an evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidencePart {
    /// The whole document.
    File,
    /// The front of a card.
    Front,
    /// The back of a card.
    Back,
    /// The photograph.
    Photo,
    /// The e-mail address, as text.
    Email,
    /// The registration requirement of an individual entrepreneur.
    EiRegistrationRequirement,
    /// The certificate of an individual micro-entrepreneur.
    Ccmei,
}

/// The way by which an evidence came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceSource {
    /// The partner uploaded it.
    Upload,
    /// The customer submitted it in a hosted session.
    HostedSession,
}

/// A part of an evidence that was submitted.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedIn {
    /// The part of the evidence.
    slot: EvidencePart,
    /// The way by which it came.
    source: EvidenceSource,
    /// The document, which `GET /operator/v1/documents/{document_id}` shows; null for an e-mail address.
    #[schema(required, pattern = "^doc_[0-9a-f]{32}$", example = "doc_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    document_id: Option<String>,
    /// When it was submitted.
    uploaded_at: Timestamp,
}

impl From<&CustomerFile> for Customer {
    fn from(file: &CustomerFile) -> Self {
        let (customer, registration) = (&file.customer, &file.customer.registration);
        let subject = |subject: &domain::kyc::Subject| Subject {
            id: subject.id.to_string(),
            role: match subject.role {
                SubjectRole::Applicant => PersonRole::Applicant,
                SubjectRole::CoOwner => PersonRole::CoOwner,
            },
            name: subject.name.as_ref().map(ToString::to_string),
            cpf: subject.cpf.to_string(),
        };
        Self {
            id: customer.id.to_string(),
            partner_id: customer.partner.to_string(),
            status: customer.state.into(),
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
        RequirementState::Missing => (RequirementStatus::Missing, None),
        RequirementState::Submitted { .. } => (RequirementStatus::Submitted, None),
        RequirementState::Accepted { .. } => (RequirementStatus::Accepted, None),
        RequirementState::Rejected { reason, .. } => (RequirementStatus::Rejected, Some(reason.clone())),
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
            Slot::File => EvidencePart::File,
            Slot::Front => EvidencePart::Front,
            Slot::Back => EvidencePart::Back,
            Slot::Photo => EvidencePart::Photo,
            Slot::Email => EvidencePart::Email,
            Slot::EiRegistrationRequirement => EvidencePart::EiRegistrationRequirement,
            Slot::Ccmei => EvidencePart::Ccmei,
        },
        source: match attachment.source {
            AttachmentSource::Upload => EvidenceSource::Upload,
            AttachmentSource::HostedSession => EvidenceSource::HostedSession,
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

/// Decisions of a reviewer on a customer's KYC.
#[derive(Debug, ToSchema)]
pub struct DecideKyc {
    /// One decision for each requirement that is decided on.
    #[schema(min_items = 1, max_items = 50)]
    pub decisions: Vec<KycDecision>,
}

/// A reviewer's decision on one requirement.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct KycDecision {
    /// The `id` of a requirement of the customer.
    #[schema(
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 100,
        example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    pub requirement_id: String,
    /// What the reviewer decides.
    #[schema(value_type = KycVerdict)]
    pub verdict: String,
    /// The reason in words, which the customer reads. Required with `reject`.
    #[schema(
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        min_length = 1,
        max_length = 500,
        example = "A foto está desfocada."
    )]
    pub reason: Option<String>,
    /// The documents on which the reviewer decides: the `document_id` of every attachment of the requirement. Absent or
    /// empty only if the requirement has text and no document.
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

/// What a refusal is based on.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct RefuseCustomer {
    /// The documents on which the reviewer decides: the `document_id` of every attachment of the customer. Absent: any.
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

/// What a reviewer decides on a requirement.
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
