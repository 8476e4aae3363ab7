//! A question in words, with the form that decides.

use app::loan_sheet::Sheet;
use askama::Template;

use super::super::frame::ConsoleFrame;
use super::super::visit::Visit;
use super::figures;
use crate::pages::kit::frame::Frame;
use crate::pages::texts::Texts;

/// A question, with the form that decides.
#[derive(Template)]
#[template(path = "console/ask.html")]
pub(super) struct Ask {
    t: &'static Texts,
    frame: Frame,
    path: String,
    console: ConsoleFrame,
    /// The page of the loan.
    pub(super) loan: String,
    pub(super) contract: String,
    pub(super) question: String,
    pub(super) about: &'static str,
    pub(super) facts: Vec<(&'static str, String)>,
    /// The address of the form.
    pub(super) action: String,
    pub(super) button: String,
    pub(super) is_danger: bool,
    /// Whether the form asks for a reason.
    pub(super) with_reason: bool,
    pub(super) reason: String,
    pub(super) reason_hint: &'static str,
    pub(super) error: &'static str,
    /// The hidden fields.
    pub(super) hidden: Vec<(&'static str, String)>,
}

/// The words of a question and the address of its form.
pub(super) struct Question {
    pub(super) words: String,
    pub(super) about: &'static str,
    pub(super) action: String,
    pub(super) button: String,
}

impl Ask {
    pub(super) fn of(visit: Visit, sheet: &Sheet, question: Question) -> Self {
        let (t, console) = (visit.texts(), visit.console());
        let loan = &sheet.statement.loan;
        let Question { words, about, action, button } = question;
        let mut facts =
            vec![(t.asking.customer, figures::name(sheet, t)), (t.asking.contract, figures::contract(loan))];
        facts.extend(loan.destination.as_ref().map(|to| (t.asking.destination, figures::masked(to))));
        Self {
            loan: visit.kept(&format!("/console/loans/{}", loan.id)),
            contract: figures::contract(loan),
            question: words,
            about,
            facts,
            action: visit.kept(&action),
            button,
            is_danger: false,
            with_reason: false,
            reason: String::new(),
            reason_hint: t.asking.reason_hint,
            error: "",
            hidden: Vec::new(),
            path: visit.path,
            frame: visit.frame,
            console,
            t,
        }
    }
}
