//! A requirement as a step of the page: its alternatives, and the files of each.

use domain::customer::CustomerFile;
use domain::kyc::{EvidenceKind, Requirement, RequirementKind, RequirementState, Slot, SubjectRole};

/// A requirement as the page shows it.
pub(super) struct Step {
    pub(super) title: String,
    pub(super) english: &'static str,
    pub(super) mandatory: bool,
    pub(super) is_in: bool,
    pub(super) accepted: bool,
    pub(super) reason: Option<String>,
    pub(super) choices: Vec<Choice>,
}

/// One alternative that meets a requirement.
pub(super) struct Choice {
    pub(super) title: (&'static str, &'static str),
    pub(super) open: bool,
    pub(super) parts: Vec<Part>,
}

/// One file of an alternative.
pub(super) struct Part {
    /// The part in the address of its upload.
    pub(super) place: String,
    pub(super) label: (&'static str, &'static str),
    pub(super) filled: bool,
    /// The camera that a telephone offers.
    pub(super) camera: &'static str,
    pub(super) accept: &'static str,
}

/// A requirement of a customer, as a step.
pub(super) fn step(file: &CustomerFile, index: usize, requirement: &Requirement) -> Step {
    let (title, english) = title(requirement.key.kind);
    let subject = file.customer.subjects.iter().find(|subject| Some(subject.id) == requirement.key.subject);
    let owner = subject
        .filter(|subject| subject.role == SubjectRole::CoOwner)
        .map(|subject| subject.name.as_ref().map_or_else(|| "sócio".to_owned(), ToString::to_string));
    let reason = match &requirement.state {
        RequirementState::Rejected { reason, .. } => Some(reason.clone()),
        RequirementState::Missing
        | RequirementState::Submitted { .. }
        | RequirementState::Accepted { .. } => None,
    };
    Step {
        title: owner.map_or_else(|| title.to_owned(), |name| format!("{title} de {name}")),
        english,
        mandatory: requirement.mandatory,
        is_in: requirement.state.is_in(),
        accepted: matches!(requirement.state, RequirementState::Accepted { .. }),
        reason,
        choices: choices(requirement)
            .enumerate()
            .map(|(place, (kind, slots))| choice(requirement, index, place, kind, slots))
            .collect(),
    }
}

/// Every alternative of a requirement: a kind of evidence with one of its complete sets of slots.
pub(super) fn choices(
    requirement: &Requirement,
) -> impl Iterator<Item = (EvidenceKind, &'static [Slot])> + use<> {
    let kinds = requirement.key.kind.alternatives().iter();
    kinds.flat_map(|kind| kind.complete_sets().iter().map(|set| (*kind, *set)))
}

fn choice(
    requirement: &Requirement, index: usize, place: usize, kind: EvidenceKind, slots: &'static [Slot],
) -> Choice {
    let evidence = requirement.evidence.as_ref().filter(|evidence| evidence.kind == kind);
    let filled =
        |slot: Slot| evidence.and_then(|e| e.in_slot(slot)).is_some_and(|attachment| !attachment.rejected);
    let parts: Vec<Part> = slots
        .iter()
        .enumerate()
        .map(|(part, slot)| Part {
            place: format!("{index}.{place}.{part}"),
            label: part_label(kind, *slot),
            filled: filled(*slot),
            camera: if *slot == Slot::Photo { "user" } else { "environment" },
            accept: if *slot == Slot::Photo {
                "image/jpeg,image/png"
            } else {
                "image/jpeg,image/png,application/pdf"
            },
        })
        .collect();
    // An alternative that was begun or sent back is open, otherwise the first one.
    let sent = evidence.is_some_and(|evidence| slots.iter().any(|slot| evidence.in_slot(*slot).is_some()));
    let open = sent || (requirement.evidence.is_none() && place == 0);
    Choice { title: choice_title(kind, slots), open, parts }
}

fn title(kind: RequirementKind) -> (&'static str, &'static str) {
    match kind {
        RequirementKind::Identity => ("Documento de identidade", "Identity document"),
        RequirementKind::Selfie => ("Selfie", "Selfie"),
        RequirementKind::Email => ("E-mail", "E-mail"),
        RequirementKind::ProofOfAddress => ("Comprovante de endereço", "Proof of address"),
        RequirementKind::CompanyDocument => ("CCMEI", "MEI certificate"),
        RequirementKind::EiMeiDocuments => {
            ("Registro de empresário individual", "Sole trader's registration")
        }
        RequirementKind::ArticlesOfAssociation => ("Contrato social ou estatuto", "Articles of association"),
        RequirementKind::EireliIncorporationStatement => {
            ("Ato constitutivo de EIRELI", "EIRELI's incorporation")
        }
        RequirementKind::IncomeStatement => ("Demonstrativo de faturamento", "Income statement"),
        RequirementKind::RegistrationField(_) => ("Dado cadastral", "Registration"),
    }
}

fn choice_title(kind: EvidenceKind, slots: &[Slot]) -> (&'static str, &'static str) {
    match (kind, slots.len()) {
        (EvidenceKind::Cnh, 1) => ("CNH em um arquivo", "Driver's licence, one file"),
        (EvidenceKind::Cnh, _) => ("CNH: frente e verso", "Driver's licence, both sides"),
        (EvidenceKind::Rg, _) => ("RG: frente e verso", "Identity card, both sides"),
        (EvidenceKind::EiMei, _) if slots.contains(&Slot::Ccmei) => ("CCMEI", "MEI certificate"),
        (EvidenceKind::EiMei, _) => ("Requerimento de empresário", "Sole trader's application"),
        _single => ("", ""),
    }
}

fn part_label(kind: EvidenceKind, slot: Slot) -> (&'static str, &'static str) {
    match (kind, slot) {
        (_, Slot::Front) => ("Frente", "Front"),
        (_, Slot::Back) => ("Verso", "Back"),
        (_, Slot::Photo) => ("Foto do seu rosto", "Photo of your face"),
        (EvidenceKind::Cnh, Slot::File) => ("Arquivo com frente e verso", "File with both sides"),
        _document => ("Arquivo", "File"),
    }
}
