//! The requirements of a customer's KYC, with the submitted evidence.

use domain::kyc::{
    self, Attachment, AttachmentSource, Content, EvidenceKind, RequirementKey, RequirementKind,
    RequirementState, RequirementStateKind, Slot,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::word::word;
use crate::text_scalar::Timestamp;

word!(
    /// Status of a requirement.
    pub RequirementStatus of RequirementStateKind
);

/// One requirement of a customer's KYC.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = KycRequirement)]
pub struct Requirement {
    /// Name of the requirement within the customer's KYC. Decisions refer to it.
    #[schema(min_length = 1, max_length = 100, example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Kind of the requirement.
    kind: RequiredThing,
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
    #[schema(required)]
    evidence: Option<SubmittedEvidence>,
    /// The parts of the evidence that were submitted.
    attachments: Vec<HandedIn>,
}

word!(
    /// Kind of a requirement.
    pub RequiredThing of RequirementKind, by kind_name, in [
        "identity", "selfie", "email", "proof_of_address", "company_document", "ei_mei_documents",
        "articles_of_association", "eireli_incorporation_statement", "income_statement", "registration_field",
    ]
);

word!(
    /// Kind of evidence.
    pub SubmittedEvidence of EvidenceKind
);

word!(
    /// A part of the evidence.
    pub EvidencePart of Slot
);

word!(
    /// Source of evidence.
    pub EvidenceSource of AttachmentSource
);

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
        let reason = match &requirement.state {
            RequirementState::Rejected { reason, .. } => Some(reason.clone()),
            RequirementState::Missing
            | RequirementState::Submitted { .. }
            | RequirementState::Accepted { .. } => None,
        };
        let evidence = requirement.evidence.as_ref();
        Self {
            id: requirement_id(requirement.key),
            kind: requirement.key.kind.into(),
            subject_id: requirement.key.subject.map(|id| id.to_string()),
            mandatory: requirement.mandatory,
            status: requirement.state.kind().into(),
            reason,
            evidence: evidence.map(|evidence| evidence.kind.into()),
            attachments: evidence
                .map_or_else(Vec::new, |e| e.attachments.iter().map(submitted_file).collect()),
        }
    }
}

fn submitted_file(attachment: &Attachment) -> HandedIn {
    HandedIn {
        slot: attachment.slot.into(),
        source: attachment.source.into(),
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
        RequirementKind::RegistrationField(_) => "registration_field",
        of_evidence => of_evidence.name(),
    }
}
