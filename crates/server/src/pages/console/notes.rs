//! The notes on a customer or a loan: how a page shows them, and their forms.

use app::people::notes::{self, SignedNote, StrikeRefused, WriteNote};
use app::{Failed, Tx};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::access::Permission;
use domain::id::{CustomerId, LoanId, NoteId};
use domain::page::Page;
use domain::queue::CaseSubject;

use crate::http::problem::of_store;
use crate::pages::answer::failure;
use crate::pages::cookie::see_other;
use crate::pages::form::Form;
use crate::pages::kit::shown::exact;
use crate::pages::people::notice::{refused, unknown};
use crate::pages::people::visit::Visit;
use crate::pages::texts::Texts;

/// Longest note, in characters, as in the operator API.
const LONGEST: usize = 2_000;

/// A page of notes.
pub(in crate::pages) struct NotesView {
    pub(in crate::pages) rows: Vec<NoteRow>,
    /// The address of the form that writes one; empty if the person may not.
    pub(in crate::pages) write: String,
    /// The address of the next page; empty if this is the last one.
    pub(in crate::pages) next: String,
    /// What would be here.
    pub(in crate::pages) about: &'static str,
}

/// A note.
pub(in crate::pages) struct NoteRow {
    pub(in crate::pages) author: String,
    pub(in crate::pages) when: String,
    pub(in crate::pages) text: String,
    pub(in crate::pages) is_struck: bool,
    /// The address of the form that strikes it out; empty if it is another person's.
    pub(in crate::pages) strike: String,
}

/// The customer or the loan of the notes.
#[derive(Debug, Clone)]
pub(super) struct On {
    /// The subject.
    pub(super) subject: CaseSubject,
    /// The address of its page.
    pub(super) page: String,
}

impl On {
    /// The notes on a customer.
    pub(super) fn customer(id: CustomerId) -> Self {
        Self { subject: CaseSubject::Customer(id), page: format!("/console/customers/{id}") }
    }

    /// The notes on a loan.
    pub(super) fn loan(id: LoanId) -> Self {
        Self { subject: CaseSubject::Loan(id), page: format!("/console/loans/{id}") }
    }

    /// The place of the notes on the page.
    fn place(&self, visit: &Visit) -> String {
        visit.kept(&format!("{}?tab=notes", self.page))
    }
}

impl NotesView {
    pub(super) fn of(visit: &Visit, on: &On, page: &Page<SignedNote>, about: &'static str) -> Self {
        let (t, me) = (visit.texts(), visit.visitor.operator.id);
        let may_write = visit.visitor.grants.allows(Permission::WriteNotes);
        let last = page.items.last().filter(|_| page.has_more);
        let row = |signed: &SignedNote| {
            let is_own = signed.note.author == me && signed.note.struck_at.is_none();
            let strike = visit.kept(&format!("{}/notes/{}/strike", on.page, signed.note.id));
            NoteRow::of(signed, if is_own { strike } else { String::new() }, t)
        };
        Self {
            rows: page.items.iter().map(row).collect(),
            write: if may_write { visit.kept(&format!("{}/notes", on.page)) } else { String::new() },
            next: last.map_or_else(String::new, |last| {
                visit.kept(&format!("{}?tab=notes&after={}", on.page, last.note.id))
            }),
            about,
        }
    }
}

impl NoteRow {
    fn of(signed: &SignedNote, strike: String, t: &Texts) -> Self {
        Self {
            author: signed.author_name.clone().unwrap_or_else(|| t.loan.nobody.to_owned()),
            when: exact(signed.note.written_at.unmoved()),
            text: signed.note.text.clone(),
            is_struck: signed.note.struck_at.is_some(),
            strike,
        }
    }
}

/// Writes a note. An empty one is not written.
pub(super) async fn write(visit: Visit, on: On, headers: &HeaderMap, body: &[u8]) -> Response {
    let text = match Form::read(body) {
        Ok(form) => form.line("text"),
        Err(rejection) => return failure(&rejection),
    };
    let place = on.place(&visit);
    // A note is one line, as in the operator API.
    let text: String = text.chars().take(LONGEST).collect();
    if text.is_empty() || text.chars().any(char::is_control) {
        return see_other(&place);
    }
    let command = WriteNote { subject: on.subject, text, author: visit.visitor.operator.id };
    let now = visit.state.clock.now();
    match visit.change(body, move |tx| notes::write(tx, now, &command)).await {
        Ok(_written) => see_other(&place),
        Err(failed) => refused(headers, failed),
    }
}

/// Strikes out one's own note. If the note refuses it, the caller shows the page as it is now.
pub(super) async fn strike(visit: Visit, on: On, note: &str, headers: &HeaderMap) -> Result<Response, Visit> {
    let Ok(note) = note.parse::<NoteId>() else { return Ok(unknown(headers)) };
    let (now, by) = (visit.state.clock.now(), visit.visitor.operator.id);
    let strike = move |tx: &mut Tx<'_>| {
        let (partner, _now) = app::directory::place(tx, now, &note)?;
        notes::strike(tx, partner, now, note, by)
    };
    match visit.change(b"", strike).await {
        Ok(_struck) => Ok(see_other(&on.place(&visit))),
        Err(Failed::Refused(StrikeRefused::NotFound)) => Ok(unknown(headers)),
        Err(Failed::Refused(StrikeRefused::NotStruck(_changed))) => Err(visit),
        Err(Failed::Store(error)) => Ok(failure(&of_store(error))),
    }
}
