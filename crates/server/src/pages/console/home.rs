//! The first page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::frame::ConsoleFrame;
use super::visit::Visit;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::texts::Texts;

#[derive(Template)]
#[template(path = "console/home.html")]
struct Home {
    t: &'static Texts,
    frame: Frame,
    path: String,
    console: ConsoleFrame,
}

/// Shows the first page.
pub(super) async fn show(visit: Visit) -> Response {
    let (t, console) = (visit.texts(), visit.console());
    framed(StatusCode::OK, &Home { t, frame: visit.frame, path: visit.path, console })
}
