//! Notes of operators on customers and loans.

use domain::note;
use domain::queue::CaseSubject;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::Problem;
use crate::read::{Fields, Wrong, note, string};
use crate::text_scalar::Timestamp;

/// Longest note, in characters.
const LONGEST: usize = 2_000;

/// A note to write.
#[derive(Debug, ToSchema)]
pub struct WriteNote {
    /// Id of the customer or the loan.
    #[schema(
        value_type = String,
        pattern = "^(cust|ln)_[0-9a-f]{32}$",
        example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"
    )]
    pub subject_id: CaseSubject,
    /// The text. It is never edited.
    #[schema(
        min_length = 1,
        max_length = 2000,
        pattern = r"^[^\x00-\x1F\x7F-\x9F]+$",
        example = "ligou e pede prazo até sexta"
    )]
    pub text: String,
}

impl WriteNote {
    /// Reads the body.
    pub fn read(body: &Value) -> Result<Self, Problem> {
        let mut fields = Fields::of(body)?;
        let subject = |value: &Value| {
            string(value)?.parse().map_err(|_| Wrong::format("must be the id of a customer or a loan"))
        };
        let subject_id = fields.required("subject_id", subject);
        let text = fields.required("text", note(LONGEST));
        fields.all(subject_id.zip(text).map(|(subject_id, text)| Self { subject_id, text }))
    }
}

/// A note of an operator.
#[derive(Debug, Serialize, ToSchema)]
pub struct Note {
    /// Identifier of the note.
    #[schema(pattern = "^note_[0-9a-f]{32}$", example = "note_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// Id of the customer or the loan.
    #[schema(pattern = "^(cust|ln)_[0-9a-f]{32}$", example = "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    subject_id: String,
    /// The operator who wrote it.
    #[schema(pattern = "^op_[0-9a-f]{32}$", example = "op_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    author_id: String,
    /// Name of the author; null if there is no such operator any more.
    #[schema(required, example = "Ana Souza")]
    author_name: Option<String>,
    /// Text of the note.
    #[schema(example = "ligou e pede prazo até sexta")]
    text: String,
    /// Time of writing.
    written_at: Timestamp,
    /// Time at which its author struck it out; null if the note is valid.
    #[schema(required, example = "2026-11-25T12:00:00Z")]
    struck_at: Option<Timestamp>,
}

impl Note {
    /// Renders a note with the name of its author.
    pub fn of(note: &note::Note, author_name: Option<String>) -> Self {
        Self {
            id: note.id.to_string(),
            subject_id: note.subject.to_string(),
            author_id: note.author.to_string(),
            author_name,
            text: note.text.clone(),
            written_at: Timestamp::real(note.written_at),
            struck_at: note.struck_at.map(Timestamp::real),
        }
    }
}
