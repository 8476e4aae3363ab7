//! The forms of pages.

use domain::visible::one_line;

use crate::http::problem::Rejection;
use crate::pages::answer::fields_of;

/// The texts of a form. Without texts: a form that was not sent.
#[derive(Default)]
pub(in crate::pages) struct Form(Vec<(String, String)>);

impl Form {
    pub(in crate::pages) fn read(body: &[u8]) -> Result<Self, Rejection> {
        fields_of(body).map(Self)
    }

    pub(in crate::pages) fn text(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.trim().to_owned())
    }

    /// Every text with this name, such as the boxes that were ticked.
    pub(in crate::pages) fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(given, _)| given == name).map(|(_, text)| text.as_str()).collect()
    }

    /// A text with the spaces at its ends, such as a password; empty if it was not sent.
    pub(in crate::pages) fn exact(&self, name: &str) -> String {
        self.0.iter().find(|(given, _)| given == name).map(|(_, text)| text.clone()).into_iter().collect()
    }

    /// A text on one line; empty if it was not sent.
    pub(in crate::pages) fn line(&self, name: &str) -> String {
        one_line(&self.text_or_empty(name))
    }

    /// A text; empty if it was not sent. A browser also sends empty fields, so a missing field is as wrong as an empty one.
    pub(in crate::pages) fn text_or_empty(&self, name: &str) -> String {
        self.text(name).into_iter().collect()
    }
}
