//! The forms of a loan's notes.

use app::people::notes::{self, StrikeRefused, WriteNote};
use app::{Failed, NotFound, Tx};
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::Response;
use domain::id::{LoanId, NoteId};
use domain::queue::CaseSubject;

use super::super::visit::Visit;
use super::page::{changed, unknown};
use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;

/// Longest note, in characters, as in the operator API.
const LONGEST: usize = 2_000;

fn place(id: LoanId) -> String {
    format!("/console/loans/{id}?tab=notes")
}

/// Writes a note. An empty one is not written.
pub(in crate::pages::console) async fn write(
    visit: Visit, Path(id): Path<String>, headers: HeaderMap, body: Bytes,
) -> Response {
    let Ok(id) = id.parse::<LoanId>() else { return unknown(&headers) };
    let text = match Form::read(&body) {
        Ok(form) => form.line("text"),
        Err(rejection) => return failure(&rejection),
    };
    // A note is one line, as in the operator API.
    let text: String = text.chars().take(LONGEST).collect();
    if text.is_empty() || text.chars().any(char::is_control) {
        return see_other(&visit.kept(&place(id)));
    }
    let command = WriteNote { subject: CaseSubject::Loan(id), text, author: visit.visitor.operator.id };
    let now = visit.state.clock.now();
    match visit.change(&body, move |tx| notes::write(tx, now, &command)).await {
        Ok(_written) => see_other(&visit.kept(&place(id))),
        Err(Failed::Refused(NotFound)) => unknown(&headers),
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}

/// Strikes out one's own note.
pub(in crate::pages::console) async fn strike(
    visit: Visit, Path((id, note)): Path<(String, String)>, headers: HeaderMap,
) -> Response {
    let (Ok(id), Ok(note)) = (id.parse::<LoanId>(), note.parse::<NoteId>()) else {
        return unknown(&headers);
    };
    let (now, by) = (visit.state.clock.now(), visit.visitor.operator.id);
    let strike = move |tx: &mut Tx<'_>| {
        let place = app::directory::place(tx, now, &note);
        let (partner, _now) =
            place.map_err(|failed| failed.map_refused(|NotFound| StrikeRefused::NotFound))?;
        notes::strike(tx, partner, now, note, by)
    };
    match visit.change(b"", strike).await {
        Ok(_struck) => see_other(&visit.kept(&place(id))),
        Err(Failed::Refused(StrikeRefused::NotFound)) => unknown(&headers),
        Err(Failed::Refused(StrikeRefused::NotStruck(_changed))) => changed(visit, &headers, id).await,
        Err(Failed::Store(error)) => failure(&of_store(error)),
    }
}
