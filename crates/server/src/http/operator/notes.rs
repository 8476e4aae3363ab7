//! Notes of operators on customers and loans.

use app::people::notes::{self, SignedNote, StrikeRefused};
use app::{Failed, ListRefused, NotFound, Tx};
use axum::Json;
use axum::response::Response;
use domain::access::Permission;
use domain::id::NoteId;
use domain::note::NotStruck;
use domain::queue::CaseSubject;
use wire::operator::List;
use wire::operator::note::{Note, WriteNote};
use wire::problem::{Code, Problem};

use super::place::{Place, Read, Write};
use crate::http::documented::{OrderParam, PageParams, codes};
use crate::http::extract::{JsonBody, PathId, Query};
use crate::http::idempotency::Answer;
use crate::http::page::cursor;
use crate::http::problem::{Refusal, Rejection};

/// A subject that is no customer and no loan: the code with which its parameter or field is refused.
struct NoSubject(Code);

impl Refusal for NoSubject {
    fn problem(self) -> Problem {
        Problem::of_field("subject_id", self.0, "names no customer and no loan")
    }
}

pub(super) fn shown(signed: &SignedNote) -> Note {
    Note::of(&signed.note, signed.author_name.clone())
}

/// List the notes on a customer or a loan
///
/// Newest first. A note that its author has struck out stays in the list.
#[utoipa::path(
    get, path = "/notes", operation_id = "listNotes", tag = "Notes",
    extensions(("x-permission" = json!(Permission::ReadNotes.name()))),
    params(
        (
            "subject_id" = String, Query,
            description = "The id of the customer or the loan.",
            pattern = "^(cust|ln)_[0-9a-f]{32}$",
            example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
        ),
        PageParams,
        OrderParam,
    ),
    responses((status = 200, description = "A page of notes.", body = List<Note>))
)]
pub(super) async fn list(call: Read, mut query: Query) -> Result<Json<List<Note>>, Rejection> {
    let cursor = cursor::<NoteId>(&mut query);
    let wrong = "must be the id of a customer or a loan";
    let subject: Option<CaseSubject> = query.read("subject_id", wrong, |text| text.parse().ok());
    if subject.is_none() {
        query.fault("subject_id", Code::InvalidParameter, wrong);
    }
    query.finish()?;
    let subject = subject.ok_or_else(Problem::not_found)?;
    let page = call.state.store.read(move |tx: &mut Tx<'_>| notes::list(tx, subject, &cursor)).await;
    let page = page.map_err(|failed| match failed {
        Failed::Refused(ListRefused::NotFound) => NoSubject(Code::InvalidParameter).problem().into(),
        other => Rejection::from(other),
    })?;
    Ok(Json(List::of(page, |signed| shown(&signed))))
}

/// Write a note
///
/// On a customer or a loan. A note is never edited; its author can strike it out.
#[utoipa::path(
    post, path = "/notes", operation_id = "createNote", tag = "Notes",
    extensions(("x-permission" = json!(Permission::WriteNotes.name()))),
    request_body = WriteNote,
    responses((status = 201, description = "The note.", body = Note))
)]
pub(super) async fn write(call: Write<(), JsonBody>) -> Result<Response, Rejection> {
    let author = call.caller.id();
    let command = WriteNote::read(&call.body.value).map(|WriteNote { subject_id, text }| notes::WriteNote {
        subject: subject_id,
        text,
        author,
    });
    let write = |tx: &mut Tx<'_>, now, command: &notes::WriteNote| {
        notes::write(tx, now, command)
            .map_err(|failed| failed.map_refused(|NotFound| NoSubject(Code::InvalidFormat)))
    };
    call.run(command, write, |signed, _now| Answer::created_here(&shown(signed))).await
}

impl Refusal for StrikeRefused {
    fn problem(self) -> Problem {
        match self {
            Self::NotFound => Problem::not_found(),
            Self::NotStruck(NotStruck::NotAuthor) => {
                Problem::new(Code::Forbidden, "only the operator who wrote a note can strike it out")
            }
            Self::NotStruck(NotStruck::Struck) => Problem::invalid_state("the note was struck out before"),
        }
    }
}

/// Strike out a note
///
/// Only its author can. The text stays readable, with the time.
#[utoipa::path(
    post, path = "/notes/{note_id}/strike", operation_id = "strikeNote", tag = "Notes",
    extensions(
        ("x-permission" = json!(Permission::WriteNotes.name())),
        ("x-codes" = json!(codes(&[Code::InvalidState])))
    ),
    responses((status = 200, description = "The note, struck out.", body = Note))
)]
pub(super) async fn strike(call: Write<PathId<NoteId>>) -> Result<Response, Rejection> {
    let by = call.caller.id();
    let strike = move |tx: &mut Tx<'_>, at: Place, id| notes::strike(tx, at.partner, at.real, id, by);
    call.step(strike, |signed| Answer::ok(&shown(signed))).await
}
