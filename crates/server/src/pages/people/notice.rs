//! Pages of the console that say one thing, for people who are not signed in or may not go on.

use app::{Failed, ListRefused, NotFound};
use askama::Template;
use axum::extract::Query;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::kit::frame::{Frame, FrameQuery};
use crate::pages::kit::framed;
use crate::pages::texts::{ConsoleTexts, Texts};

#[derive(Template)]
#[template(path = "people/notice.html")]
struct Notice {
    t: &'static Texts,
    frame: Frame,
    path: String,
    title: &'static str,
    text: &'static str,
}

/// A page with a title and a text.
pub(in crate::pages) fn notice(
    headers: &HeaderMap, status: StatusCode, of: impl FnOnce(&ConsoleTexts) -> (&'static str, &'static str),
) -> Response {
    let frame = Frame::of(headers, &Query(FrameQuery::default()));
    let t = frame.texts();
    let (title, text) = of(&t.console);
    framed(status, &Notice { t, frame, path: "/console".to_owned(), title, text })
}

/// The answer to a person who may not see a page.
pub(in crate::pages) fn forbidden(headers: &HeaderMap) -> Response {
    notice(headers, StatusCode::FORBIDDEN, |t| (t.forbidden, t.forbidden_text))
}

/// The page for something that does not exist, or that the person may not know of.
pub(in crate::pages) fn unknown(headers: &HeaderMap) -> Response {
    notice(headers, StatusCode::NOT_FOUND, |t| (t.not_found, t.not_found_text))
}

/// The answer to a failed look-up.
pub(in crate::pages) fn refused(headers: &HeaderMap, failed: Failed<NotFound>) -> Response {
    match failed {
        Failed::Refused(NotFound) => unknown(headers),
        Failed::Store(error) => failure(&of_store(error)),
    }
}

/// The answer to a failed read of a list.
pub(in crate::pages) fn refused_list(headers: &HeaderMap, failed: Failed<ListRefused>) -> Response {
    match failed {
        Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor) => unknown(headers),
        Failed::Store(error) => failure(&of_store(error)),
    }
}
