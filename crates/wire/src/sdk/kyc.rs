//! KYC requirements, each with the submitted evidence.

use domain::customer::CustomerFile;
use domain::kyc::{
    self, Evidence, EvidenceKind, RequirementKey, RequirementKind, RequirementState, Slot, SubjectRole,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::labels;
use crate::problem::{Code, FieldError, Problem};

/// One thing that the review of a customer requires, such as proof of identity.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the client libraries name the fields")]
pub struct Requirement {
    /// Names the requirement in uploads and in problems.
    #[schema(example = "identity_sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    requirement_id: String,
    /// Type of the requirement.
    #[schema(example = "identity")]
    requirement_type: &'static str,
    /// A label for the customer, in Portuguese.
    #[schema(example = "Documento de identidade (CNH ou RG)")]
    label: &'static str,
    /// Whether the review waits for it.
    mandatory: bool,
    /// The person from whom it is required. Absent if it is required from the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<Subject>,
    /// The submitted evidence. Absent until something was submitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted: Option<Submitted>,
}

/// A person whose identity the review checks.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the client libraries name the fields")]
pub struct Subject {
    /// Identifies the person within the customer.
    #[schema(example = "sub_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The person's full name. Null if it is not known.
    #[schema(required)]
    name: Option<String>,
    /// Role of the person in the company.
    subject_type: SubjectType,
}

/// Role of a person in the company. `applicant`: the person of the registration. `co_owner`: owns 25 % or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The person of the registration.
    Applicant,
    /// An owner of 25 % or more.
    CoOwner,
}

/// The evidence that was submitted for a requirement, with the reviewer's decision.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Submitted {
    /// The kind of evidence that was chosen.
    #[schema(example = "cnh")]
    evidence_type: &'static str,
    /// Every part that this evidence has.
    attachments: Vec<Attachment>,
    /// Decision of the reviewer.
    review_status: ReviewStatus,
    /// The reviewer's reason. Null unless it was rejected.
    #[schema(required)]
    review_reason: Option<String>,
}

/// One part of the evidence, such as the front of an identity card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attachment {
    /// The part of the evidence.
    #[schema(example = "front")]
    attachment_type: &'static str,
    /// Whether the part is there and was not rejected.
    submitted: bool,
}

impl Attachment {
    /// Renders a slot that was just filled.
    pub fn filled(slot: Slot) -> Self {
        Self { attachment_type: slot.name(), submitted: true }
    }
}

/// Decision of the reviewer. `pending`: none yet. `accepted`: the evidence is good. `rejected`: it must be submitted
/// again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewStatus {
    /// Not reviewed.
    Pending,
    /// The evidence is good.
    Accepted,
    /// The evidence must be submitted again.
    Rejected,
}

/// A requirement's type; `None` for a field of the registration. This generation has no requirement for such fields:
/// only the name can be missing, and PATCH accepts it then.
fn type_name(kind: RequirementKind) -> Option<&'static str> {
    match kind {
        RequirementKind::RegistrationField(_) => None,
        of_evidence => Some(of_evidence.name()),
    }
}

fn label(kind: RequirementKind) -> &'static str {
    match kind {
        RequirementKind::Identity => "Documento de identidade (CNH ou RG)",
        RequirementKind::Selfie => "Selfie",
        RequirementKind::Email => "E-mail",
        RequirementKind::ProofOfAddress => "Comprovante de endereço",
        RequirementKind::CompanyDocument => "CCMEI (Certificado da Condição de Microempreendedor Individual)",
        RequirementKind::EiMeiDocuments => "Requerimento de empresário individual ou CCMEI",
        RequirementKind::ArticlesOfAssociation => "Contrato social ou estatuto",
        RequirementKind::EireliIncorporationStatement => "Ato constitutivo de EIRELI",
        RequirementKind::IncomeStatement => "Demonstrativo de faturamento",
        RequirementKind::RegistrationField(field) => labels::of_field(field),
    }
}

/// The id of a requirement: `identity_sub_…` for a person's, the field's name for a field, else the type alone.
pub fn requirement_id(key: RequirementKey) -> String {
    match (type_name(key.kind), key.kind, key.subject) {
        (Some(name), _, Some(subject)) => format!("{name}_{subject}"),
        (Some(name), _, None) => name.to_owned(),
        (None, RequirementKind::RegistrationField(field), _) => field.name().to_owned(),
        (None, ..) => String::new(),
    }
}

/// The requirements of a customer's KYC.
pub fn requirements(file: &CustomerFile) -> Vec<Requirement> {
    file.kyc.requirements.iter().filter_map(|requirement| render(file, requirement)).collect()
}

fn render(file: &CustomerFile, requirement: &kyc::Requirement) -> Option<Requirement> {
    let key = requirement.key;
    let subject = file.customer.subjects.iter().find(|subject| Some(subject.id) == key.subject);
    Some(Requirement {
        requirement_id: requirement_id(key),
        requirement_type: type_name(key.kind)?,
        label: label(key.kind),
        mandatory: requirement.mandatory,
        subject: subject.map(Subject::from),
        submitted: requirement.evidence.as_ref().map(|evidence| submitted(evidence, &requirement.state)),
    })
}

impl From<&kyc::Subject> for Subject {
    fn from(subject: &kyc::Subject) -> Self {
        Self {
            id: subject.id.to_string(),
            name: subject.name.as_ref().map(ToString::to_string),
            subject_type: match subject.role {
                SubjectRole::Applicant => SubjectType::Applicant,
                SubjectRole::CoOwner => SubjectType::CoOwner,
            },
        }
    }
}

fn submitted(evidence: &Evidence, state: &RequirementState) -> Submitted {
    let (review_status, review_reason) = match state {
        RequirementState::Missing | RequirementState::Submitted { .. } => (ReviewStatus::Pending, None),
        RequirementState::Accepted { .. } => (ReviewStatus::Accepted, None),
        RequirementState::Rejected { reason, .. } => (ReviewStatus::Rejected, Some(reason.clone())),
    };
    let attachment = |slot: &Slot| Attachment {
        attachment_type: slot.name(),
        submitted: evidence.in_slot(*slot).is_some_and(|attachment| !attachment.rejected),
    };
    Submitted {
        evidence_type: evidence.kind.name(),
        attachments: chosen_set(evidence).iter().map(attachment).collect(),
        review_status,
        review_reason,
    }
}

/// The chosen set of slots: the one with the newest attachment.
fn chosen_set(evidence: &Evidence) -> &'static [Slot] {
    let newest = evidence.attachments.last().map(|attachment| attachment.slot);
    let sets = evidence.kind.complete_sets();
    let chosen = sets.iter().find(|set| newest.is_some_and(|slot| set.contains(&slot)));
    chosen.or(sets.first()).expect("each kind of evidence has a set of slots")
}

/// The requested place of an upload: three names that must fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadPlace {
    /// The requirement's id.
    pub requirement_id: String,
    /// The kind of evidence.
    pub evidence: EvidenceKind,
    /// The slot.
    pub slot: Slot,
}

impl UploadPlace {
    /// Reads the texts of a form and collects every fault.
    pub fn read(texts: &[(String, String)]) -> Result<Self, Vec<FieldError>> {
        let mut faults = Vec::new();
        let given = |name: &str| {
            let text = texts.iter().find(|(given, _)| given == name).map(|(_, text)| text.as_str());
            text.filter(|text| !text.is_empty())
        };
        let missing =
            |name: &str| FieldError::new(name, Code::MissingRequiredField, "this field is required");
        let unknown = |name: &str, detail: &str| FieldError::new(name, Code::InvalidEvidence, detail);
        let requirement = given("requirement_id");
        if requirement.is_none() {
            faults.push(missing("requirement_id"));
        }
        let evidence = given("evidence_type").map(|name| name.parse::<EvidenceKind>().ok());
        match evidence {
            None => faults.push(missing("evidence_type")),
            Some(None) => faults.push(unknown("evidence_type", "is not a kind of evidence")),
            Some(Some(_)) => {}
        }
        let slots = evidence.flatten().map_or_else(|| EvidenceKind::ALL.to_vec(), |kind| vec![kind]);
        let slots = || slots.iter().flat_map(|kind| kind.complete_sets().iter().flat_map(|set| set.iter()));
        let slot = given("attachment_type").map(|text| slots().find(|slot| slot.name() == text).copied());
        match slot {
            None => faults.push(missing("attachment_type")),
            Some(None) => faults.push(unknown("attachment_type", "is not a part of this evidence")),
            Some(Some(_)) => {}
        }
        match (requirement, evidence.flatten(), slot.flatten()) {
            (Some(requirement), Some(evidence), Some(slot)) => {
                Ok(Self { requirement_id: requirement.to_owned(), evidence, slot })
            }
            _faulty => Err(faults),
        }
    }

    /// Reads the texts of a form whose evidence is a selfie.
    pub fn read_selfie(texts: &[(String, String)]) -> Result<Self, Vec<FieldError>> {
        let requirement = texts.iter().find(|(name, _)| name == "requirement_id").map(|(_, text)| text);
        let missing =
            || FieldError::new("requirement_id", Code::MissingRequiredField, "this field is required");
        let requirement = requirement.filter(|text| !text.is_empty()).ok_or_else(|| vec![missing()])?;
        let requirement_id = requirement.to_owned();
        Ok(Self { requirement_id, evidence: EvidenceKind::Selfie, slot: Slot::Photo })
    }

    /// Whether the slot takes a text in place of a file.
    pub fn takes_text(&self) -> bool {
        self.slot == Slot::Email
    }

    /// The place in a customer's KYC; `None` if the three names do not fit together there.
    pub fn target(&self, file: &CustomerFile) -> Option<(RequirementKey, EvidenceKind, Slot)> {
        let requirement = file.kyc.requirements.iter().find(|requirement| {
            type_name(requirement.key.kind).is_some()
                && requirement_id(requirement.key) == self.requirement_id
        })?;
        let fits = requirement.key.kind.alternatives().contains(&self.evidence);
        fits.then_some((requirement.key, self.evidence, self.slot))
    }
}

/// The problem that names the requirements that a review still lacks.
pub fn incomplete(lacking: &[RequirementKey]) -> Problem {
    let field = |key: &RequirementKey| {
        let detail = format!("is missing or to be sent again: {}", label(key.kind));
        FieldError::new(requirement_id(*key), Code::KycIncomplete, detail)
    };
    Problem::of_fields(lacking.iter().map(field).collect())
}
