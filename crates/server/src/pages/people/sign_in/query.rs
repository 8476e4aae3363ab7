//! The part of an address that names the page to which a step leads.

use serde::Deserialize;

use super::super::steps;
use crate::pages::form::Form;

#[derive(Debug, Default, Deserialize)]
pub(in crate::pages) struct Back {
    #[serde(default)]
    to: String,
}

impl Back {
    /// The page of the console to which the step leads.
    pub(in crate::pages) fn place(&self) -> String {
        steps::back(&self.to).to_owned()
    }
}

/// The page to which a form leads.
pub(in crate::pages) fn of_form(form: &Form) -> String {
    steps::back(&form.text_or_empty("to")).to_owned()
}
