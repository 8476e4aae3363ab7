//! Notes of operators on a customer or a loan. A note is never edited. Its author can strike it out.

use crate::closed::{Changed, closed};
use crate::id::{NoteId, OperatorId, PartnerId};
use crate::queue::CaseSubject;
use crate::time::RealTime;

closed! {
    /// A note. Only its commands change it.
    pub struct Note(NoteRecord);
}

/// The fields of a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteRecord {
    /// The note's id.
    pub id: NoteId,
    /// The partner of its subject.
    pub partner: PartnerId,
    /// The customer or the loan.
    pub subject: CaseSubject,
    /// The operator who wrote it.
    pub author: OperatorId,
    /// The text.
    pub text: String,
    /// Time of writing.
    pub written_at: RealTime,
    /// Time at which its author struck it out. The text stays readable.
    pub struck_at: Option<RealTime>,
}

/// The reason why a note was not struck out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotStruck {
    /// Another operator wrote it.
    #[error("only its author can strike a note out")]
    NotAuthor,
    /// It was struck out before.
    #[error("the note was struck out before")]
    Struck,
}

impl Note {
    /// A new note.
    pub fn write(record: NoteRecord) -> Changed<Self> {
        Changed::silent(Self(record))
    }

    /// Strikes it out.
    pub fn strike(mut self, by: OperatorId, now: RealTime) -> Result<Changed<Self>, NotStruck> {
        match (by == self.author, self.struck_at) {
            (false, _) => Err(NotStruck::NotAuthor),
            (true, Some(_)) => Err(NotStruck::Struck),
            (true, None) => {
                self.0.struck_at = Some(now);
                Ok(Changed::silent(self))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{CustomerId, ResourceId as _};

    #[test]
    fn only_the_author_strikes_a_note_out_and_only_once() {
        let now = RealTime::from_seconds(1_780_000_000);
        let (author, other) = (OperatorId::new(now, [1; 10]), OperatorId::new(now, [2; 10]));
        let note = Note::write(NoteRecord {
            id: NoteId::new(now, [3; 10]),
            partner: PartnerId::new(now, [4; 10]),
            subject: CaseSubject::Customer(CustomerId::new(now, [5; 10])),
            author,
            text: "ligou, pede prazo".into(),
            written_at: now,
            struck_at: None,
        })
        .into_value();
        assert_eq!(note.clone().strike(other, now), Err(NotStruck::NotAuthor));
        let struck = note.strike(author, now).unwrap().into_value();
        assert_eq!((struck.struck_at, struck.text.as_str()), (Some(now), "ligou, pede prazo"));
        assert_eq!(struck.strike(author, now), Err(NotStruck::Struck));
    }
}
