//! Notes of operators on customers and loans. The text is sealed, because it may name people.

use domain::closed::Changed;
use domain::id::{NoteId, OperatorId, PartnerId};
use domain::note::{Note, NoteRecord};
use domain::page::Page;
use domain::queue::CaseSubject;
use domain::time::RealTime;

use crate::document::{context, corrupt};
use crate::listing::{Cursor, Listing, UnknownCursor};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A note as it is stored.
    struct NoteRow in "notes" by (partner_id, id) {
        partner_id: PartnerId,
        id: NoteId,
        subject_id: CaseSubject,
        author: OperatorId,
        sealed: Vec<u8>,
        written_at: RealTime,
        struck_at: Option<RealTime>,
    }
}

impl NoteRow {
    fn open(self, tx: &mut Tx<'_>) -> Result<Note, StoreError> {
        let text = tx.unseal(self.partner_id, &context("notes", self.id), &self.sealed)?;
        Ok(Note::restored(NoteRecord {
            id: self.id,
            partner: self.partner_id,
            subject: self.subject_id,
            author: self.author,
            text: String::from_utf8(text).map_err(corrupt)?,
            written_at: self.written_at,
            struck_at: self.struck_at,
        }))
    }
}

/// Adds a note. Its text never changes, so it is sealed for its id without a version.
pub fn insert(tx: &mut Tx<'_>, note: Changed<Note>) -> Result<Note, StoreError> {
    let note = note.into_value();
    let sealed = tx.seal(note.partner, &context("notes", note.id), note.text.as_bytes())?;
    tx.insert(&NoteRow {
        partner_id: note.partner,
        id: note.id,
        subject_id: note.subject,
        author: note.author,
        sealed,
        written_at: note.written_at,
        struck_at: note.struck_at,
    })?;
    Ok(note)
}

/// Saves that a note was struck out, if nobody has struck it out before.
pub fn save(tx: &mut Tx<'_>, note: Changed<Note>) -> Result<Note, StoreError> {
    let note = note.into_value();
    let sql = "update notes set struck_at = $3 where partner_id = $1 and id = $2 and struck_at is null";
    tx.execute_one(sql, args![note.partner, note.id, note.struck_at])?;
    Ok(note)
}

/// The partner's note with this id.
pub fn find(tx: &mut Tx<'_>, partner: PartnerId, id: NoteId) -> Result<Option<Note>, StoreError> {
    tx.find_opened("where partner_id = $1 and id = $2", args![partner, id], NoteRow::open)
}

/// A page of the notes on a customer or a loan.
pub fn list(
    tx: &mut Tx<'_>, partner: PartnerId, subject: CaseSubject, cursor: &Cursor<NoteId>,
) -> Result<Result<Page<Note>, UnknownCursor>, StoreError> {
    Listing::by(NoteRow::written_at, NoteRow::id)
        .within(NoteRow::partner_id, Some(&partner))
        .having(NoteRow::subject_id, Some(&subject))
        .page(tx, cursor, NoteRow::open)
}
