//! The documents of a requirement, side by side with what they must agree with: the selfie beside the identity.

use std::collections::HashMap;

use app::customers::Sheet;
use domain::id::DocumentId;
use domain::kyc::{Content, MediaType, Requirement, RequirementKind};

use crate::pages::kit::shown::Moment;
use crate::pages::texts::Texts;

/// One document in view.
pub(super) struct Pane {
    pub(super) label: &'static str,
    pub(super) at: Moment,
    pub(super) href: String,
    pub(super) is_pdf: bool,
}

/// The panes of a requirement: of a face and an identity of one person, the face comes first.
pub(super) fn panes(sheet: &Sheet, requirement: &Requirement, t: &'static Texts) -> Vec<Pane> {
    let counterpart = match requirement.key.kind {
        RequirementKind::Identity => Some(RequirementKind::Selfie),
        RequirementKind::Selfie => Some(RequirementKind::Identity),
        _other => None,
    };
    let of_person = |kind| {
        let same =
            |other: &&Requirement| other.key.kind == kind && other.key.subject == requirement.key.subject;
        sheet.file.kyc.requirements.iter().find(same)
    };
    let mut shown: Vec<&Requirement> = counterpart.and_then(of_person).into_iter().collect();
    shown.push(requirement);
    shown.sort_by_key(|requirement| requirement.key.kind != RequirementKind::Selfie);
    let kinds: HashMap<DocumentId, MediaType> =
        sheet.documents.iter().map(|document| (document.id, document.media_type)).collect();
    shown.into_iter().flat_map(|requirement| of(requirement, &kinds, t)).collect()
}

fn of(requirement: &Requirement, kinds: &HashMap<DocumentId, MediaType>, t: &'static Texts) -> Vec<Pane> {
    let evidence = requirement.evidence.iter();
    let attachments = evidence.flat_map(|e| e.attachments.iter().map(move |attachment| (e.kind, attachment)));
    let pane = |(kind, attachment): (_, &domain::kyc::Attachment)| match attachment.content {
        Content::File(id) => Some(Pane {
            label: (t.customer.attachment)(kind, attachment.slot),
            at: Moment::new(attachment.uploaded_at, &domain::written::day_of(attachment.uploaded_at)),
            href: format!("/console/documents/{id}"),
            is_pdf: kinds.get(&id) == Some(&MediaType::Pdf),
        }),
        Content::Address => None,
    };
    attachments.filter_map(pane).collect()
}
