//! The e-mails that the lender sends, as they are sent, on invented resources.

use app::settings::{Sample, letters};
use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::tab::{Page, Tab, tabs};
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/settings/letters.html")]
struct LettersPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    tabs: Vec<Tab>,
    letters: Vec<LetterCard>,
}

struct LetterCard {
    id: &'static str,
    about: &'static str,
    subject: String,
    text: String,
}

/// Shows every e-mail.
pub(in crate::pages::console) async fn show(visit: Visit) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    let card = |sample: Sample| LetterCard {
        id: sample.letter.name(),
        about: (t.settings.letter)(sample.letter),
        subject: sample.subject,
        text: sample.text,
    };
    let page = LettersPage {
        tabs: tabs(Page::Letters, &visit.visitor.grants, t),
        letters: letters(visit.state.clock.now().unmoved(), &visit.state.lender)
            .into_iter()
            .map(card)
            .collect(),
        path: visit.path,
        frame: visit.frame,
        around,
        t,
    };
    framed(StatusCode::OK, &page)
}
