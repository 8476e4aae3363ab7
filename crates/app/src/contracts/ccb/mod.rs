//! The contract as a document. Its text exists once ([`text`]); the signing page shows it, and [`pdf`] renders it.
//!
//! Rendering is pure: the same contract and the same evidence always make the same bytes.

mod block;
mod faces;
mod layout;
pub mod pdf;
pub mod text;

use domain::loan::contract::Contract;
use domain::loan::signing::Evidence;

pub use self::block::{Block, NotSet};

/// The contract as it is issued.
pub fn issued(contract: &Contract) -> Result<Vec<u8>, NotSet> {
    pdf::set(contract, &text::blocks(contract))
}

/// The contract with the page of its signatures. `document_sha256` is the hash of the issued document.
pub fn signed(contract: &Contract, document_sha256: &str, evidence: &[Evidence]) -> Result<Vec<u8>, NotSet> {
    let mut blocks = text::blocks(contract);
    blocks.extend(text::signatures(contract, document_sha256, evidence));
    pdf::set(contract, &blocks)
}
