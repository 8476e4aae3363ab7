//! Notes of operators on customers and loans.

use std::collections::HashMap;

use domain::id::{NoteId, OperatorId, PartnerId};
use domain::note::{NotStruck, Note, NoteRecord};
use domain::page::Page;
use domain::queue::CaseSubject;
use domain::time::RealTime;
use store::{Cursor, Failed, StoreError, Tx};

use crate::refused::{ListRefused, NotFound, not_found_in, page_or_refused};

/// A note with the name of its author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedNote {
    /// The note.
    pub note: Note,
    /// The name of its author; `None` if there is no such operator any more.
    pub author_name: Option<String>,
}

/// A note to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WriteNote {
    /// The customer or the loan.
    pub subject: CaseSubject,
    /// The text.
    pub text: String,
    /// The operator who writes it.
    pub author: OperatorId,
}

/// The partner of a customer or a loan. Other subjects have no notes.
fn owner(tx: &mut Tx<'_>, subject: CaseSubject) -> Result<PartnerId, Failed<NotFound>> {
    let owner = match subject {
        CaseSubject::Customer(id) => store::directory::owner(tx, &id)?,
        CaseSubject::Loan(id) => store::directory::owner(tx, &id)?,
        CaseSubject::Proposal(_) | CaseSubject::Mail(_) => None,
    };
    owner.ok_or(Failed::Refused(NotFound))
}

/// Writes a note.
pub fn write(tx: &mut Tx<'_>, now: RealTime, command: &WriteNote) -> Result<SignedNote, Failed<NotFound>> {
    let WriteNote { subject, text, author } = command.clone();
    let partner = owner(tx, subject)?;
    let id = tx.new_id(now);
    let record = NoteRecord { id, partner, subject, author, text, written_at: now, struck_at: None };
    let note = store::notes::insert(tx, Note::write(record))?;
    Ok(signed_one(tx, note)?)
}

/// A page of the notes on a customer or a loan, newest first.
pub fn list(
    tx: &mut Tx<'_>, subject: CaseSubject, cursor: &Cursor<NoteId>,
) -> Result<Page<SignedNote>, Failed<ListRefused>> {
    let partner = owner(tx, subject).map_err(|failed| failed.map_refused(ListRefused::from))?;
    let page = page_or_refused(store::notes::list(tx, partner, subject, cursor)?)?;
    let authors: Vec<OperatorId> = page.items.iter().map(|note| note.author).collect();
    let names = store::operators::names(tx, &authors)?;
    Ok(page.filter_map(|note| Some(signed(&names, note))))
}

/// The reason why a note was not struck out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrikeRefused {
    /// There is no such note.
    NotFound,
    /// The note refuses it.
    NotStruck(NotStruck),
}

not_found_in!(StrikeRefused);

/// Strikes out one's own note. Its text stays readable.
pub fn strike(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, id: NoteId, by: OperatorId,
) -> Result<SignedNote, Failed<StrikeRefused>> {
    let note = store::notes::find(tx, tenant, id)?.ok_or(Failed::Refused(StrikeRefused::NotFound))?;
    let struck =
        note.strike(by, now).map_err(|refused| Failed::Refused(StrikeRefused::NotStruck(refused)))?;
    let note = store::notes::save(tx, struck)?;
    Ok(signed_one(tx, note)?)
}

fn signed_one(tx: &mut Tx<'_>, note: Note) -> Result<SignedNote, StoreError> {
    let names = store::operators::names(tx, &[note.author])?;
    Ok(signed(&names, note))
}

fn signed(names: &HashMap<OperatorId, String>, note: Note) -> SignedNote {
    SignedNote { author_name: names.get(&note.author).cloned(), note }
}
