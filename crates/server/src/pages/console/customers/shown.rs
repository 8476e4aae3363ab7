//! How a customer is shown: the part in view, and whether tax numbers are masked.

use serde::Deserialize;

/// The part of the address that names the part in view.
#[derive(Debug, Clone, Default, Deserialize)]
pub(in crate::pages::console) struct Place {
    /// The part; the review if it is missing.
    #[serde(default)]
    pub(super) tab: String,
    /// The place of the requirement, counted from 1; the first one to decide if it is missing.
    pub(super) r: Option<usize>,
    /// The last note before the page of notes in view.
    pub(super) after: Option<String>,
}

/// How a customer is shown.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) place: Place,
    /// Whether tax numbers are shown in full.
    pub(super) in_full: bool,
    pub(super) may_decide: bool,
    /// The reason why the form before was not done.
    pub(super) problem: Option<Problem>,
}

/// The reason why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// The customer or another person has changed what was judged.
    Changed,
    /// A rejection has no reason.
    ReasonMissing,
    /// A loan is not over, so the data is not erased.
    LoanOpen,
    /// The text is no tag.
    NoTag,
    /// The customer has the most tags that it may have.
    TooManyTags,
}

impl Shown {
    pub(super) fn masked(place: Place) -> Self {
        Self { place, in_full: false, may_decide: false, problem: None }
    }
}
