//! A question in words, with the form that decides.

use askama::Template;

use crate::pages::kit::frame::Frame;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// A question, with the form that decides.
#[derive(Template)]
#[template(path = "console/ask.html")]
pub(super) struct Ask {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    from: From,
    question: String,
    about: &'static str,
    pub(super) facts: Vec<(&'static str, String)>,
    /// The address of the form.
    action: String,
    button: String,
    pub(super) is_danger: bool,
    /// Whether the form asks for a reason.
    pub(super) with_reason: bool,
    pub(super) reason: String,
    pub(super) reason_hint: &'static str,
    pub(super) error: &'static str,
    /// The hidden fields.
    pub(super) hidden: Vec<(&'static str, String)>,
}

/// The page from which the question is asked, and to which it leads back.
pub(super) struct From {
    /// The list above the page, and its name.
    pub(super) list: (&'static str, &'static str),
    pub(super) page: String,
    pub(super) name: String,
}

/// The words of a question and the address of its form.
pub(super) struct Question {
    pub(super) words: String,
    pub(super) about: &'static str,
    pub(super) action: String,
    pub(super) button: String,
}

impl Ask {
    pub(super) fn of(visit: Visit, from: From, question: Question) -> Self {
        let (t, around) = (visit.texts(), visit.around());
        let Question { words, about, action, button } = question;
        Self {
            from: From { page: visit.kept(&from.page), ..from },
            question: words,
            about,
            facts: Vec::new(),
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
            around,
            t,
        }
    }
}
