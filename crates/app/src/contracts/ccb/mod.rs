//! The contract as a document: worded once ([`text`]), shown in the signing page and set as a PDF ([`pdf`]).
//!
//! Pure: the same contract and the same evidence always make the same bytes.

mod faces;
pub mod pdf;
mod sheet;
pub mod text;

use domain::loan::contract::Contract;
use domain::loan::signing::Evidence;

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
    /// What follows begins a new page.
    NewPage,
}

/// Why a document was not made: a defect of ours, never of the contract.
#[derive(Debug, thiserror::Error)]
#[error("the contract could not be set as a PDF: {0}")]
pub struct NotSet(String);

/// The contract as it is issued.
pub fn issued(contract: &Contract) -> Result<Vec<u8>, NotSet> {
    pdf::set(contract, &text::blocks(contract))
}

/// The contract with the page of its signatures; `document_sha256` is that of the document as it was issued.
pub fn signed(contract: &Contract, document_sha256: &str, evidence: &[Evidence]) -> Result<Vec<u8>, NotSet> {
    let mut blocks = text::blocks(contract);
    blocks.extend(text::signatures(contract, document_sha256, evidence));
    pdf::set(contract, &blocks)
}
