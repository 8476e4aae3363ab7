//! The parts of a document.

/// A piece of the document, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Names and values, one pair a row.
    Facts(Vec<(String, String)>),
    /// A table: its columns' names and its rows, amounts to the right.
    Table {
        /// The columns.
        columns: Vec<&'static str>,
        /// The rows.
        rows: Vec<Vec<String>>,
    },
    /// A page break.
    NewPage,
}

/// Why a document was not made: a defect of ours, never of the contract.
#[derive(Debug, thiserror::Error)]
#[error("the contract could not be set as a PDF: {0}")]
pub struct NotSet(pub(super) String);
