//! The login of a program: a developer compares the code that the program shows, and confirms it.

use app::partners::program_logins::{self, code_of};
use app::{Failed, NotFound, Tx};
use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::kit::frame::Frame;
use crate::pages::kit::framed;
use crate::pages::kit::shown::Moment;
use crate::pages::people::desk::Desk;
use crate::pages::people::frame::Around;
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// The page that asks for a code.
const PAGE: &str = "/dashboard/connect";

#[derive(Template)]
#[template(path = "dashboard/connect.html")]
struct ConnectPage {
    t: &'static Texts,
    frame: Frame,
    path: String,
    around: Around,
    stage: Stage,
}

/// What the page shows.
enum Stage {
    /// A form for the code, with the fault of the last one.
    Ask { wrong: &'static str },
    /// The program that asks.
    Confirm { code: String, name: String, asked: Moment, partner: String },
    /// The program is connected.
    Done,
}

fn page(visit: Visit, status: StatusCode, stage: Stage) -> Response {
    let (t, around) = (visit.texts(), visit.around());
    framed(status, &ConnectPage { t, frame: visit.frame, path: visit.path, around, stage })
}

fn unknown(visit: Visit) -> Response {
    let wrong = visit.texts().dashboard.connect_unknown;
    page(visit, StatusCode::NOT_FOUND, Stage::Ask { wrong })
}

/// A code as a person types it.
#[derive(Deserialize)]
pub(super) struct Typed {
    code: Option<String>,
}

/// Shows the form for a code, or leads to the page of a typed one.
pub(super) async fn ask(visit: Visit, Query(typed): Query<Typed>) -> Response {
    match typed.code.as_deref().map(code_of) {
        None => page(visit, StatusCode::OK, Stage::Ask { wrong: "" }),
        Some(Some(code)) => see_other(&format!("{PAGE}/{code}")),
        Some(None) => unknown(visit),
    }
}

/// Shows the program that asks with this code.
pub(super) async fn show(visit: Visit, desk: Desk, Path(code): Path<String>) -> Response {
    if code == "done" {
        return page(visit, StatusCode::OK, Stage::Done);
    }
    let (now, typed) = (visit.state.clock.now(), code_of(&code));
    let Some(code) = typed else { return unknown(visit) };
    match visit.state.store.read(move |tx| program_logins::waiting(tx, now, &code)).await {
        Ok(login) => {
            let asked = Moment::ago(login.created_at, now, visit.texts());
            let partner = desk.partner.name;
            page(visit, StatusCode::OK, Stage::Confirm { code: login.code, name: login.name, asked, partner })
        }
        Err(Failed::Refused(NotFound)) => unknown(visit),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Confirms the program.
pub(super) async fn confirm(visit: Visit, desk: Desk, Path(code): Path<String>, body: Bytes) -> Response {
    let Some(code) = code_of(&code) else { return unknown(visit) };
    let (now, tenant, person) = (visit.state.clock.now(), desk.partner.id, visit.visitor.operator.id);
    let confirm = move |tx: &mut Tx<'_>| program_logins::confirm(tx, tenant, now, person, &code);
    match visit.change(&body, confirm).await {
        Ok(()) => see_other(&format!("{PAGE}/done")),
        Err(Failed::Refused(NotFound)) => unknown(visit),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
