//! The notice on a page with a code: the page is shown again after each step.

use axum::http::StatusCode;
use wire::problem::Problem;

use crate::http::problem::status_of;

/// The reason for showing a page again.
pub(super) enum Notice {
    None,
    /// A code was sent.
    Sent,
    /// The request was refused.
    Refused(Refused),
}

/// A refusal on a page.
pub(super) struct Refused {
    /// The problem, for programs.
    pub(super) problem: Problem,
    /// The sentences on the page. Empty if the whole page explains the refusal.
    text: String,
}

impl Refused {
    /// A refusal with a text on the page.
    pub(super) fn new(problem: Problem, text: impl Into<String>) -> Self {
        Self { problem, text: text.into() }
    }
}

impl Notice {
    /// The status of the page.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Notice::Refused(refused) => status_of(refused.problem.code),
            Notice::None | Notice::Sent => StatusCode::OK,
        }
    }

    /// Whether a code was sent just now.
    pub(super) fn sent_now(&self) -> bool {
        match self {
            Notice::Sent => true,
            Notice::None | Notice::Refused(_) => false,
        }
    }

    /// The sentence about the fault.
    pub(super) fn wrong(self) -> Option<String> {
        match self {
            Notice::None | Notice::Sent => None,
            Notice::Refused(refused) => Some(refused.text),
        }
    }
}
