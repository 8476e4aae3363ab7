//! Contracts: issued in the commit of their loan, signed in the commit of the last signature. Their PDFs are rendered
//! afterwards, outside any transaction (`server::contract_files`).

use domain::customer::Registration;
use domain::id::{LoanId, PartnerId};
use domain::loan::contract::Contract;
use domain::loan::signing::Evidence;
use domain::loan::{LinkToken, Loan};
use domain::offer::OfferTerms;
use domain::time::Timestamp;
use store::blob::BlobKey;
use store::contracts::{Copy, Document, Kept};
use store::{StoreError, Tx};

use super::ccb::NotSet;
use crate::contracts::ccb;
use crate::lender::Lender;
use crate::{mails, random};

/// Issues the contract of a stored loan that has its number: the facts of the contract, a link for each signer, and the
/// e-mails with the links.
pub(crate) fn issue(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, borrower: &Registration, terms: &OfferTerms,
    lender: &Lender,
) -> Result<(), StoreError> {
    let number = loan.ccb_number.ok_or_else(|| StoreError::Defect("a contract without a number".into()))?;
    let contract = Contract::of(loan, number, borrower, terms, &lender.creditor, &lender.book.in_force())
        .map_err(|no_rates| StoreError::Defect(no_rates.to_string()))?;
    store::contracts::insert_issued(tx, loan, &contract, now)?;
    store::signing::invite(tx, loan)?;
    mails::invitations(tx, now, loan, lender)
}

/// The secret of a new signing link.
pub(crate) fn new_link(tx: &mut Tx<'_>) -> LinkToken {
    LinkToken::new(random::text::<32>(tx))
}

/// Orders the signed copy of a loan after the last signature, and sends every signer an e-mail.
pub(crate) fn complete(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, lender: &Lender,
) -> Result<(), StoreError> {
    store::contracts::insert_signed(tx, loan, now)?;
    mails::signed(tx, now, loan, lender)
}

/// The facts of a loan's contract, and the SHA-256 of the issued document. Nobody signs before that hash is fixed.
pub(crate) fn stated(tx: &mut Tx<'_>, loan: &Loan) -> Result<(Contract, String), StoreError> {
    let facts = store::contracts::facts(tx, loan)?;
    let (contract, sha256) =
        facts.ok_or_else(|| StoreError::Corrupt("a loan to be signed that has no contract".into()))?;
    let sha256 =
        sha256.ok_or_else(|| StoreError::Corrupt("a contract to be signed that is not rendered".into()))?;
    Ok((contract, sha256))
}

/// The stored facts of a document, with the key of its file.
pub fn kept(tx: &mut Tx<'_>, document: Document) -> Result<Option<(Kept, BlobKey)>, StoreError> {
    let Some(kept) = store::contracts::kept(tx, document)? else { return Ok(None) };
    let (key, _name) = key_of(tx, document, &kept)?;
    Ok(Some((kept, key)))
}

/// The keys of a document's file, and its name.
fn key_of(tx: &mut Tx<'_>, document: Document, kept: &Kept) -> Result<(BlobKey, String), StoreError> {
    match &kept.blob_key {
        Some(name) => Ok((BlobKey::of_file(tx, document.partner, name)?, name.clone())),
        None => BlobKey::of_new(tx, document.partner, &document.blob_key()),
    }
}

/// Whether a loan has a contract that is not rendered yet.
pub fn is_unset(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<bool, StoreError> {
    let kept = store::contracts::kept(tx, Document { partner, loan, copy: Copy::Issued })?;
    Ok(kept.is_some_and(|kept| kept.sha256.is_none()))
}

/// Everything that is needed to render a document.
pub struct Draft {
    contract: Contract,
    /// The SHA-256 of the signed document, and its signatures; `None` in the issued document.
    signed: Option<(String, Vec<Evidence>)>,
    /// The key that seals the file.
    pub key: BlobKey,
    /// The nonce of the sealing.
    pub nonce: [u8; 7],
    /// The name of the file. A file that is written again keeps its name.
    pub name: String,
}

impl Draft {
    /// Renders the document. The same draft always makes the same bytes.
    pub fn set(&self) -> Result<Vec<u8>, NotSet> {
        match &self.signed {
            None => ccb::issued(&self.contract),
            Some((sha256, evidence)) => ccb::signed(&self.contract, sha256, evidence),
        }
    }
}

/// Everything that is needed to render a document.
pub fn draft(tx: &mut Tx<'_>, document: Document) -> Result<Draft, StoreError> {
    let Document { partner, loan, copy } = document;
    let loan = store::loans::find(tx, partner, loan)?.ok_or(StoreError::NotFound)?;
    let (contract, signed) = match copy {
        Copy::Issued => (store::contracts::facts(tx, &loan)?.ok_or(StoreError::NotFound)?.0, None),
        Copy::Signed => {
            let (contract, sha256) = stated(tx, &loan)?;
            (contract, Some((sha256, store::signing::evidence(tx, partner, loan.id)?)))
        }
    };
    let kept = store::contracts::kept(tx, document)?.ok_or(StoreError::NotFound)?;
    let (key, name) = key_of(tx, document, &kept)?;
    Ok(Draft { contract, signed, key, nonce: tx.random_bytes(), name })
}

/// Fixes the SHA-256 of a rendered document.
pub fn fix(tx: &mut Tx<'_>, document: Document, sha256: &str, size: usize) -> Result<(), StoreError> {
    store::contracts::fix(tx, document, sha256, size)
}

/// Notes that a document's file was written under a name.
pub fn stored(tx: &mut Tx<'_>, document: Document, name: &str) -> Result<(), StoreError> {
    store::contracts::stored(tx, document, name)
}

/// Documents whose files are not written yet, the oldest first.
pub fn unstored(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Document>, StoreError> {
    store::contracts::unstored(tx, limit)
}
