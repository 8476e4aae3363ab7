//! Contracts as documents. The facts of a contract commit with its loan. Its PDF is rendered from them afterwards.
//!
//! A PDF is a pure function of the contract's facts and signatures. Its SHA-256 is fixed once in its row, by a
//! compare-and-set, before any signer sees it. Its bytes are sealed in the file store.

use domain::id::{LoanId, PartnerId, ResourceId as _};
use domain::loan::Loan;
use domain::loan::contract::Contract;
use domain::time::Timestamp;

use crate::db::row_count;
use crate::document::{self, ContractDoc, context, corrupt, named_columns};
use crate::table::table;
use crate::{StoreError, Tx, Wake, args, file_secrets};

/// The copies of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Copy {
    /// As issued and shown to the signers.
    Issued,
    /// With the signature page.
    Signed,
}

domain::spelled!(Copy { Issued = "issued", Signed = "signed" });

named_columns!(Copy);

table! {
    /// A copy of a contract as it is stored.
    struct ContractRow in "contracts" by (partner_id, loan_id, copy) {
        partner_id: PartnerId,
        loan_id: LoanId,
        copy: Copy,
        facts: Option<Vec<u8>>,
        sha256: Option<String>,
        size: Option<i64>,
        blob_key: Option<String>,
        created_at: Timestamp,
    }
}

/// A copy of a loan's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Document {
    /// The partner of the loan.
    pub partner: PartnerId,
    /// The loan.
    pub loan: LoanId,
    /// The copy.
    pub copy: Copy,
}

impl Document {
    /// Name of the document's file in the file store, without the number of its key.
    pub fn blob_key(&self) -> String {
        format!("{}/contracts/{}-{}", self.partner, self.loan.uuid().as_simple(), self.copy.name())
    }
}

/// The progress of a document's rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// SHA-256 of the PDF, in hex; `None` before it is rendered. It never changes.
    pub sha256: Option<String>,
    /// Name of the file in the file store; `None` before it is written.
    pub blob_key: Option<String>,
}

/// Adds the issued copy with its facts. A loan has one.
pub fn insert_issued(
    tx: &mut Tx<'_>, loan: &Loan, contract: &Contract, now: Timestamp,
) -> Result<(), StoreError> {
    let facts = sealed_facts(tx, loan, contract)?;
    insert(tx, loan, Copy::Issued, Some(facts), now)
}

/// Adds the signed copy, which states the same facts as the issued one. A loan has one.
pub fn insert_signed(tx: &mut Tx<'_>, loan: &Loan, now: Timestamp) -> Result<(), StoreError> {
    insert(tx, loan, Copy::Signed, None, now)
}

fn insert(
    tx: &mut Tx<'_>, loan: &Loan, copy: Copy, facts: Option<Vec<u8>>, now: Timestamp,
) -> Result<(), StoreError> {
    let document = Document { partner: loan.partner, loan: loan.id, copy };
    file_secrets::make(tx, loan.partner, &document.blob_key())?;
    tx.insert(&ContractRow {
        partner_id: loan.partner,
        loan_id: loan.id,
        copy,
        facts,
        sha256: None,
        size: None,
        blob_key: None,
        created_at: now,
    })?;
    tx.wake(Wake::Contracts);
    Ok(())
}

/// A rendered document of a synthetic history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntheticDocument {
    /// The copy.
    pub copy: Copy,
    /// SHA-256 of its PDF, in hex.
    pub sha256: String,
    /// Size of its PDF in bytes.
    pub size: usize,
    /// Name of its file in the file store.
    pub blob_key: String,
    /// Time of its row's creation.
    pub created_at: Timestamp,
}

/// Adds a document of a synthetic history. The issued copy is added with its facts.
pub fn insert_synthetic(
    tx: &mut Tx<'_>, loan: &Loan, contract: &Contract, document: &SyntheticDocument,
) -> Result<(), StoreError> {
    let facts = match document.copy {
        Copy::Issued => Some(sealed_facts(tx, loan, contract)?),
        Copy::Signed => None,
    };
    tx.insert(&ContractRow {
        partner_id: loan.partner,
        loan_id: loan.id,
        copy: document.copy,
        facts,
        sha256: Some(document.sha256.clone()),
        size: Some(row_count(document.size)),
        blob_key: Some(document.blob_key.clone()),
        created_at: document.created_at,
    })
}

fn sealed_facts(tx: &mut Tx<'_>, loan: &Loan, contract: &Contract) -> Result<Vec<u8>, StoreError> {
    let facts = document::to_json(&ContractDoc::of(contract));
    tx.seal(loan.partner, &facts_context(loan.id), facts.as_bytes())
}

/// The context under which the facts are sealed.
fn facts_context(loan: LoanId) -> String {
    format!("{}:facts", context("contracts", loan))
}

/// The progress of a document's rendering; `None` without its row.
pub fn kept(tx: &mut Tx<'_>, document: Document) -> Result<Option<Kept>, StoreError> {
    let Document { partner, loan, copy } = document;
    let found = tx.fetch_opt(
        "select sha256, blob_key from contracts where partner_id = $1 and loan_id = $2 and copy = $3",
        args![partner, loan, copy],
    )?;
    Ok(found.map(|(sha256, blob_key)| Kept { sha256, blob_key }))
}

/// Fixes the SHA-256 of a rendered document. Every node renders the same bytes, so the first one decides. `Corrupt` if
/// other bytes were fixed before.
pub fn fix(tx: &mut Tx<'_>, document: Document, sha256: &str, size: usize) -> Result<(), StoreError> {
    let Document { partner, loan, copy } = document;
    let sql = "update contracts set sha256 = $4, size = $5 \
               where partner_id = $1 and loan_id = $2 and copy = $3 and sha256 is null";
    let sha256 = sha256.to_owned();
    if tx.execute(sql, args![partner, loan, copy, sha256, row_count(size)])? == 1 {
        return Ok(());
    }
    let kept = kept(tx, document)?.ok_or(StoreError::NotFound)?;
    if kept.sha256.as_ref() == Some(&sha256) {
        return Ok(());
    }
    let copy = copy.name();
    Err(corrupt(format!(
        "the {copy} contract of {loan} cannot be rendered as before: its bytes have another SHA-256"
    )))
}

/// Notes that a document's file is written.
pub fn stored(tx: &mut Tx<'_>, document: Document, name: &str) -> Result<(), StoreError> {
    let Document { partner, loan, copy } = document;
    let sql = "update contracts set blob_key = $4 \
               where partner_id = $1 and loan_id = $2 and copy = $3 and blob_key is null";
    tx.execute_later(sql, args![partner, loan, copy, *name])
}

/// Documents without a written file, oldest first.
pub fn unstored(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<Document>, StoreError> {
    let sql = "select partner_id, loan_id, copy from contracts where blob_key is null \
               order by created_at, partner_id, loan_id limit $1";
    let rows = tx.fetch_all(sql, args![limit])?;
    Ok(rows.into_iter().map(|(partner, loan, copy)| Document { partner, loan, copy }).collect())
}

/// The facts of a loan's contract, and the SHA-256 of the issued copy once it is rendered.
pub fn facts(tx: &mut Tx<'_>, loan: &Loan) -> Result<Option<(Contract, Option<String>)>, StoreError> {
    let Some(number) = loan.ccb_number else { return Ok(None) };
    let sql =
        "select facts, sha256 from contracts where partner_id = $1 and loan_id = $2 and copy = 'issued'";
    let found = tx.fetch_opt::<(Vec<u8>, Option<String>)>(sql, args![loan.partner, loan.id])?;
    let Some((sealed, sha256)) = found else { return Ok(None) };
    let facts = tx.unseal(loan.partner, &facts_context(loan.id), &sealed)?;
    Ok(Some((document::from_json::<ContractDoc>(&facts)?.read(loan, number)?, sha256)))
}
