//! The parts of a document.

/// A block of the document. Blocks are in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading of a section.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Names and values, one pair a row.
    Facts(Vec<(String, String)>),
    /// A table with the names of its columns. Amounts are aligned to the right.
    Table {
        /// The columns.
        columns: Vec<&'static str>,
        /// The rows.
        rows: Vec<Vec<String>>,
    },
    /// A page break.
    NewPage,
}

/// The reason why a document was not rendered: a defect of the program, never of the contract.
#[derive(Debug, thiserror::Error)]
#[error("the contract could not be rendered as a PDF: {0}")]
pub struct NotSet(pub(super) String);
