//! The documents of a requirement, side by side with what they must agree with: the selfie beside the identity.

use std::collections::HashMap;

use app::customers::Sheet;
use domain::access::Permission;
use domain::id::DocumentId;
use domain::kyc::{Content, MediaType, Requirement, RequirementKind};

use crate::http::document_pages::count_of;
use crate::page_pictures::NotShown;
use crate::pages::kit::shown::Moment;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// One document in view.
pub(super) struct Pane {
    pub(super) label: &'static str,
    pub(super) at: Moment,
    pub(super) href: String,
    pub(super) sheets: Sheets,
}

/// The content of a pane.
pub(super) enum Sheets {
    /// A photograph.
    Photograph,
    /// The pages of a PDF: the address and the description of each image.
    Pages(Vec<(String, String)>),
    /// A PDF that is not shown, with the reason.
    Hidden(&'static str),
}

/// The numbers of pages of the PDFs in view.
pub(super) type Counts = HashMap<DocumentId, Result<u16, NotShown>>;

/// Counts the pages of the PDFs of a requirement that the person may see.
pub(super) async fn counts(visit: &Visit, sheet: &Sheet, requirement: &Requirement) -> Counts {
    let mut counts = Counts::new();
    if !visit.visitor.grants.allows(Permission::ReadDocuments) {
        return counts;
    }
    let is_pdf =
        |id: &DocumentId| sheet.documents.iter().any(|one| one.id == *id && one.media_type == MediaType::Pdf);
    let documents = in_view(sheet, requirement).into_iter().flat_map(Requirement::documents);
    for id in documents.filter(is_pdf) {
        counts.insert(id, count_of(&visit.state, id).await);
    }
    counts
}

/// The panes of a requirement: of a face and an identity of one person, the face comes first.
pub(super) fn panes(
    sheet: &Sheet, requirement: &Requirement, counts: &Counts, t: &'static Texts,
) -> Vec<Pane> {
    let kinds: HashMap<DocumentId, MediaType> =
        sheet.documents.iter().map(|document| (document.id, document.media_type)).collect();
    let sheets = |id: &DocumentId| match (kinds.get(id), counts.get(id)) {
        (Some(MediaType::Pdf), Some(Ok(pages))) => {
            let page = |page| {
                let address = format!("/console/documents/{id}/pages/{page}");
                (address, (t.customer.page_of)(page, *pages))
            };
            Sheets::Pages((1..=*pages).map(page).collect())
        }
        (Some(MediaType::Pdf), Some(Err(NotShown::Password))) => Sheets::Hidden(t.customer.has_password),
        (Some(MediaType::Pdf), Some(Err(NotShown::Busy))) => Sheets::Hidden(t.customer.shown_later),
        (Some(MediaType::Pdf), _) => Sheets::Hidden(t.customer.not_shown),
        (Some(MediaType::Jpeg | MediaType::Png) | None, _) => Sheets::Photograph,
    };
    in_view(sheet, requirement).into_iter().flat_map(|requirement| of(requirement, &sheets, t)).collect()
}

/// The requirement, and the other one that it must agree with.
fn in_view<'s>(sheet: &'s Sheet, requirement: &'s Requirement) -> Vec<&'s Requirement> {
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
    shown
}

fn of(requirement: &Requirement, sheets: &dyn Fn(&DocumentId) -> Sheets, t: &'static Texts) -> Vec<Pane> {
    let evidence = requirement.evidence.iter();
    let attachments = evidence.flat_map(|e| e.attachments.iter().map(move |attachment| (e.kind, attachment)));
    let pane = |(kind, attachment): (_, &domain::kyc::Attachment)| match attachment.content {
        Content::File(id) => Some(Pane {
            label: (t.customer.attachment)(kind, attachment.slot),
            at: Moment::new(attachment.uploaded_at, &domain::written::day_of(attachment.uploaded_at)),
            href: format!("/console/documents/{id}"),
            sheets: sheets(&id),
        }),
        Content::Address => None,
    };
    attachments.filter_map(pane).collect()
}
