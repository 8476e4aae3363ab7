//! The requirement in view, with its documents and the form that decides on it.

use app::customers::Sheet;
use domain::customer::CustomerState;
use domain::kyc::{Requirement, RequirementState};

use super::rows;
use super::shown::Shown;
use super::viewer::{Counts, Pane, panes};
use crate::pages::kit::badge::Badge;
use crate::pages::texts::Texts;

/// The requirement in view.
pub(super) struct Card {
    pub(super) title: String,
    /// Counted from 1.
    pub(super) place: usize,
    /// The place among all requirements, in words.
    pub(super) place_words: String,
    pub(super) kind: &'static str,
    pub(super) subject: String,
    pub(super) documents: Vec<String>,
    pub(super) panes: Vec<Pane>,
    pub(super) badge: Badge,
    /// The declared name and CPF; empty for a requirement of the company.
    pub(super) person: String,
    pub(super) cpf: String,
    /// The reason of the rejection; empty if there is none.
    pub(super) rejected: String,
    pub(super) can_decide: bool,
}

impl Card {
    pub(super) fn of(sheet: &Sheet, place: usize, shown: &Shown, counts: &Counts, t: &'static Texts) -> Self {
        let requirement: &Requirement = &sheet.file.kyc.requirements[place];
        let customer = &sheet.file.customer;
        let person = customer.subjects.iter().find(|subject| Some(subject.id) == requirement.key.subject);
        let cpf =
            person.map(|person| if shown.in_full { person.cpf.to_string() } else { person.cpf.masked() });
        let is_submitted = matches!(requirement.state, RequirementState::Submitted { .. });
        let in_review = customer.state == CustomerState::UnderReview;
        let rejected = match &requirement.state {
            RequirementState::Rejected { reason, .. } => reason.clone(),
            RequirementState::Missing
            | RequirementState::Submitted { .. }
            | RequirementState::Accepted { .. } => String::new(),
        };
        Self {
            title: rows::title(&sheet.file, requirement, t),
            place: place + 1,
            place_words: (t.customer.place)(place + 1, sheet.file.kyc.requirements.len()),
            kind: requirement.key.kind.name(),
            subject: requirement.key.subject.map_or_else(String::new, |id| id.to_string()),
            documents: requirement.documents().iter().map(ToString::to_string).collect(),
            panes: panes(sheet, requirement, counts, t),
            badge: Badge::of_requirement(&requirement.state, &t.badges),
            person: person
                .and_then(|person| person.name.as_ref())
                .map_or_else(String::new, ToString::to_string),
            cpf: cpf.unwrap_or_else(String::new),
            rejected,
            can_decide: shown.may_decide && is_submitted && in_review,
        }
    }
}
