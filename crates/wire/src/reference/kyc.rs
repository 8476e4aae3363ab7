//! KYC items. The reference lists one item for each slot, and all alternatives until one is complete.

use std::borrow::Cow;

use domain::customer::CustomerFile;
use domain::id::DocumentId;
use domain::kyc::{
    Attachment, AttachmentSource, Content, EvidenceKind, RegistrationField, Requirement, RequirementKey,
    RequirementKind, RequirementState, Slot, Subject, SubjectRole,
};
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use super::scalar::Timestamp;
use crate::labels;

/// Kind of an item. `document`: a file to upload. `data`: a field of the registration to correct with PATCH.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// A file to upload.
    Document,
    /// A field of the registration to correct with PATCH.
    Data,
}

/// Status of an item. `pending`: not submitted yet. `submitted`: submitted, not reviewed. `approved`: accepted.
/// `pending_correction`: rejected, to be submitted again; `message` has the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemStatus {
    /// Not submitted yet.
    Pending,
    /// Submitted, not reviewed.
    Submitted,
    /// Accepted.
    Approved,
    /// Rejected; `message` has the reason.
    PendingCorrection,
}

/// One document or one field that the review of a customer requires.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KycItem {
    /// Kind of the item.
    kind: ItemKind,
    /// The document type, which is also the `type` of its upload, or the name of the field.
    #[schema(example = "cnh")]
    r#type: &'static str,
    /// A label for the customer, in Portuguese.
    #[schema(value_type = String, example = "CNH (frente e verso em um arquivo)")]
    description: Cow<'static, str>,
    /// The reviewer's reason. Null unless the item is in `pending_correction`.
    #[schema(required)]
    message: Option<String>,
    /// Time of the submission. Null if nothing was submitted.
    #[schema(required)]
    uploaded_at: Option<Timestamp>,
    /// Status of the item.
    status: ItemStatus,
}

/// A file that was uploaded for an item of the customer's KYC.
#[derive(Debug, Serialize, ToSchema)]
pub struct Document {
    /// Identifies the document.
    #[schema(example = "doc_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The document type, as in the item of the customer's `kyc`.
    #[schema(example = "cnh")]
    r#type: String,
    /// Status of the document: `submitted`, `approved` or `rejected`.
    #[schema(example = "submitted")]
    status: &'static str,
    /// Time of the upload.
    uploaded_at: Timestamp,
    /// Time of the creation, which is the time of the upload.
    created_at: Timestamp,
    /// Time of the last change.
    updated_at: Timestamp,
}

impl Document {
    /// Renders a document that was just submitted.
    pub fn submitted(id: DocumentId, r#type: &str, at: time::Timestamp) -> Self {
        let at = Timestamp(at);
        Self {
            id: id.to_string(),
            r#type: r#type.to_owned(),
            status: "submitted",
            uploaded_at: at,
            created_at: at,
            updated_at: at,
        }
    }

    /// The document that meets a requirement, if a file does.
    fn current(requirement: &Requirement) -> Option<Self> {
        let status = match requirement.state {
            RequirementState::Submitted { .. } => "submitted",
            RequirementState::Accepted { .. } => "approved",
            RequirementState::Missing | RequirementState::Rejected { .. } => return None,
        };
        let item = *listed(requirement).first()?;
        let attachment = item.filled(requirement)?;
        let Content::File(id) = attachment.content else { return None };
        Some(Self { status, ..Self::submitted(id, item.name, attachment.uploaded_at) })
    }
}

/// One item of one alternative of a requirement.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Item {
    name: &'static str,
    label: &'static str,
    evidence: EvidenceKind,
    slot: Slot,
    source: AttachmentSource,
}

const fn upload(name: &'static str, label: &'static str, evidence: EvidenceKind, slot: Slot) -> Item {
    Item { name, label, evidence, slot, source: AttachmentSource::Upload }
}

const CNH: Item = upload("cnh", "CNH (frente e verso em um arquivo)", EvidenceKind::Cnh, Slot::File);
const RG_FRONT: Item = upload("identity_card_front", "RG (frente)", EvidenceKind::Rg, Slot::Front);
const RG_BACK: Item = upload("identity_card_back", "RG (verso)", EvidenceKind::Rg, Slot::Back);
const SELFIE: Item = upload("selfie", "Selfie", EvidenceKind::Selfie, Slot::Photo);
const BIOMETRICS: Item = Item {
    name: "biometrics",
    label: "Selfie em sessão de biometria",
    evidence: EvidenceKind::Selfie,
    slot: Slot::Photo,
    source: AttachmentSource::HostedSession,
};
const ADDRESS: Item =
    upload("proof_of_address", "Comprovante de endereço", EvidenceKind::ProofOfAddress, Slot::File);
const CCMEI: Item = upload(
    "ccmei",
    "CCMEI (Certificado da Condição de Microempreendedor Individual)",
    EvidenceKind::Ccmei,
    Slot::File,
);
const EI: Item = upload(
    "ei_registration_requirement",
    "Requerimento de empresário individual",
    EvidenceKind::EiMei,
    Slot::EiRegistrationRequirement,
);
const EI_CCMEI: Item = Item { evidence: EvidenceKind::EiMei, slot: Slot::Ccmei, ..CCMEI };
const ARTICLES: Item = upload(
    "articles_of_association",
    "Contrato social ou estatuto",
    EvidenceKind::ArticlesOfAssociation,
    Slot::File,
);
const EIRELI: Item = upload(
    "eireli_incorporation_statement",
    "Ato constitutivo de EIRELI",
    EvidenceKind::EireliIncorporationStatement,
    Slot::File,
);
const INCOME: Item =
    upload("income_statement", "Demonstrativo de faturamento", EvidenceKind::IncomeStatement, Slot::File);

/// A requirement's alternatives, each with its items.
fn alternatives(kind: RequirementKind) -> &'static [&'static [Item]] {
    match kind {
        RequirementKind::Identity => &[&[CNH], &[RG_FRONT, RG_BACK]],
        RequirementKind::Selfie => &[&[SELFIE], &[BIOMETRICS]],
        RequirementKind::ProofOfAddress => &[&[ADDRESS]],
        RequirementKind::CompanyDocument => &[&[CCMEI]],
        RequirementKind::EiMeiDocuments => &[&[EI], &[EI_CCMEI]],
        RequirementKind::ArticlesOfAssociation => &[&[ARTICLES]],
        RequirementKind::EireliIncorporationStatement => &[&[EIRELI]],
        RequirementKind::IncomeStatement => &[&[INCOME]],
        // The reference has no item for a co-owner's e-mail, which is optional. A registration field is an item of kind
        // `data`.
        RequirementKind::Email | RequirementKind::RegistrationField(_) => &[],
    }
}

impl Item {
    /// The attachment that fills this item, if there is one. A CNH submitted as two sides counts once both are there.
    fn filled(self, requirement: &Requirement) -> Option<&Attachment> {
        let evidence = requirement.evidence.as_ref().filter(|evidence| evidence.kind == self.evidence)?;
        if self == CNH && evidence.in_slot(Slot::File).is_none() {
            let back = evidence.in_slot(Slot::Back);
            return evidence.in_slot(Slot::Front).and(back);
        }
        evidence.in_slot(self.slot).filter(|a| self.slot != Slot::Photo || a.source == self.source)
    }

    fn status(self, requirement: &Requirement) -> ItemStatus {
        match self.filled(requirement) {
            None if self.completes_correction(requirement) => ItemStatus::PendingCorrection,
            None => ItemStatus::Pending,
            Some(_) if matches!(requirement.state, RequirementState::Accepted { .. }) => ItemStatus::Approved,
            Some(attachment) if attachment.rejected => ItemStatus::PendingCorrection,
            Some(_) => ItemStatus::Submitted,
        }
    }

    /// Whether a rejected requirement is being corrected with another kind of evidence that still lacks this part.
    fn completes_correction(self, requirement: &Requirement) -> bool {
        let rejected = matches!(requirement.state, RequirementState::Rejected { .. });
        let begun = requirement.evidence.as_ref().filter(|evidence| evidence.kind == self.evidence);
        rejected && begun.is_some_and(|evidence| evidence.attachments.iter().all(|a| !a.rejected))
    }

    fn render(self, requirement: &Requirement, owner: &str) -> KycItem {
        let status = self.status(requirement);
        KycItem {
            kind: ItemKind::Document,
            r#type: self.name,
            description: match owner {
                "" => self.label.into(),
                owner => format!("{}{owner}", self.label).into(),
            },
            message: message(status, &requirement.state),
            uploaded_at: self.filled(requirement).map(|attachment| Timestamp(attachment.uploaded_at)),
            status,
        }
    }
}

/// The listed items: those of all alternatives until one is complete, then only its items.
fn listed(requirement: &Requirement) -> Vec<Item> {
    let all = alternatives(requirement.key.kind);
    let complete = all.iter().filter(|_| requirement.state.is_in());
    let chosen = complete.copied().find(|items| items.iter().all(|item| item.filled(requirement).is_some()));
    match chosen {
        Some(items) => items.to_vec(),
        None => all.concat(),
    }
}

fn message(status: ItemStatus, state: &RequirementState) -> Option<String> {
    match (status, state) {
        (ItemStatus::PendingCorrection, RequirementState::Rejected { reason, .. }) => Some(reason.clone()),
        _other => None,
    }
}

/// The items of a customer's KYC.
pub fn items(file: &CustomerFile) -> Vec<KycItem> {
    let mut items = Vec::new();
    for requirement in &file.kyc.requirements {
        if let RequirementKind::RegistrationField(field) = requirement.key.kind {
            items.push(field_item(field, &requirement.state));
            continue;
        }
        let owner = co_owner(&file.customer.subjects, requirement.key);
        items.extend(listed(requirement).into_iter().map(|item| item.render(requirement, &owner)));
    }
    items
}

/// The suffix ` de Maria Souza (sócio)`, if the requirement is a co-owner's.
fn co_owner(subjects: &[Subject], key: RequirementKey) -> String {
    let subject = subjects.iter().find(|s| Some(s.id) == key.subject && s.role == SubjectRole::CoOwner);
    let named = |subject: &Subject| {
        let name = subject.name.as_ref().map_or("sócio", |name| name.as_str());
        format!(" de {name} (sócio)")
    };
    subject.map_or_else(String::new, named)
}

fn field_item(field: RegistrationField, state: &RequirementState) -> KycItem {
    let (status, at) = match state {
        RequirementState::Missing => (ItemStatus::Pending, None),
        RequirementState::Submitted { at } => (ItemStatus::Submitted, Some(*at)),
        RequirementState::Accepted { at } => (ItemStatus::Approved, Some(*at)),
        RequirementState::Rejected { at, .. } => (ItemStatus::PendingCorrection, Some(*at)),
    };
    KycItem {
        kind: ItemKind::Data,
        r#type: field.name(),
        description: labels::of_field(field).into(),
        message: message(status, state),
        uploaded_at: at.map(Timestamp),
        status,
    }
}

/// Whether items of this type are done in a hosted session and cannot be uploaded.
pub fn is_done_in_session(r#type: &str) -> bool {
    r#type == BIOMETRICS.name
}

/// The document that makes an upload of a type unnecessary: every requirement that takes the type is met by another
/// alternative. `None` if the upload has a place, or if no requirement takes the type.
pub fn already_met(file: &CustomerFile, r#type: &str) -> Option<Document> {
    let offered = |items: &[Item]| items.iter().any(|item| item.name == r#type);
    let mut knowing = file
        .kyc
        .requirements
        .iter()
        .filter(|requirement| alternatives(requirement.key.kind).iter().any(|items| offered(items)))
        .peekable();
    let first = *knowing.peek()?;
    if knowing.any(|requirement| offered(&listed(requirement))) {
        return None;
    }
    Document::current(first)
}

/// The place for an upload of a type: the first listed item of that type that still needs a file, else the first whose
/// file may be replaced. `None` if the customer's KYC does not list the type.
pub fn upload_target(file: &CustomerFile, r#type: &str) -> Option<(RequirementKey, EvidenceKind, Slot)> {
    let candidates: Vec<(&Requirement, Item)> = file
        .kyc
        .requirements
        .iter()
        .flat_map(|requirement| listed(requirement).into_iter().map(move |item| (requirement, item)))
        .filter(|(_, item)| item.name == r#type && item.source == AttachmentSource::Upload)
        .collect();
    let wanting = candidates.iter().find(|(requirement, item)| match item.status(requirement) {
        ItemStatus::Pending | ItemStatus::PendingCorrection => true,
        ItemStatus::Submitted | ItemStatus::Approved => false,
    });
    let (requirement, item) = wanting.or(candidates.first())?;
    Some((requirement.key, item.evidence, item.slot))
}
