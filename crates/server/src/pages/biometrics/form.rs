//! The forms of a session's pages.

use super::steps::AccountForm;
use crate::http::problem::Rejection;
use crate::pages::answer::fields_of;

/// The texts of a form.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn read(body: &[u8]) -> Result<Self, Rejection> {
        fields_of(body).map(Self)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.trim().to_owned())
    }

    pub(super) fn account(&self) -> AccountForm {
        // A browser also sends empty fields. A missing field is as wrong as an empty one.
        let text = |name| self.text(name).into_iter().collect();
        AccountForm {
            bank: text("bank"),
            kind: text("kind"),
            branch: text("branch"),
            number: text("number"),
            digit: text("digit"),
        }
    }
}
