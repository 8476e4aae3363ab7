//! The requirements of a customer's KYC, with the submitted evidence.

use domain::kyc::{
    self, Attachment, AttachmentSource, Content, EvidenceKind, RequirementKey, RequirementKind,
    RequirementState, Slot,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// Status of a requirement.
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
    /// Kind of the requirement.
    #[schema(value_type = RequiredThing)]
    kind: &'static str,
    /// The person from whom it is required; null if it is required from the company.
    #[schema(required, pattern = "^sub_[0-9a-f]{32}$", example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: Option<String>,
    /// Whether the review waits for it.
    #[schema(example = true)]
    mandatory: bool,
    /// Status of the requirement.
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

/// Kind of a requirement.
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

/// Kind of evidence.
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

/// A part of the evidence.
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

/// Source of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceSource {
    /// The partner uploaded it.
    Upload,
    /// The customer submitted it in a hosted session.
    HostedSession,
}

/// A submitted part of the evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct HandedIn {
    /// The part of the evidence.
    slot: EvidencePart,
    /// Source of the part.
    source: EvidenceSource,
    /// Id of the document for `GET /operator/v1/documents/{document_id}`; null for an e-mail address.
    #[schema(required, pattern = "^doc_[0-9a-f]{32}$", example = "doc_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    document_id: Option<String>,
    /// Time of the submission.
    uploaded_at: Timestamp,
}

impl From<&kyc::Requirement> for Requirement {
    fn from(requirement: &kyc::Requirement) -> Self {
        let (status, reason) = match &requirement.state {
            RequirementState::Missing => (RequirementStatus::Missing, None),
            RequirementState::Submitted { .. } => (RequirementStatus::Submitted, None),
            RequirementState::Accepted { .. } => (RequirementStatus::Accepted, None),
            RequirementState::Rejected { reason, .. } => (RequirementStatus::Rejected, Some(reason.clone())),
        };
        let evidence = requirement.evidence.as_ref();
        Self {
            id: requirement_id(requirement.key),
            kind: kind_name(requirement.key.kind),
            subject_id: requirement.key.subject.map(|id| id.to_string()),
            mandatory: requirement.mandatory,
            status,
            reason,
            evidence: evidence.map(|evidence| evidence_name(evidence.kind)),
            attachments: evidence
                .map_or_else(Vec::new, |e| e.attachments.iter().map(submitted_file).collect()),
        }
    }
}

fn submitted_file(attachment: &Attachment) -> HandedIn {
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

/// The id of a requirement, such as `identity_sub_…`, `company_document` or `field_name`.
pub(super) fn requirement_id(key: RequirementKey) -> String {
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
