//! Contracts as documents: written once in the commit of their loan, never changed, sealed.

use domain::id::{LoanId, PartnerId};
use domain::loan::Loan;
use domain::loan::contract::Contract;
use domain::time::Timestamp;

use crate::document::{self, ContractDoc, context, corrupt};
use crate::seal::sha256_hex;
use crate::{StoreError, Tx, args};

/// Which copy of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copy {
    /// As it was issued and shown to those who sign.
    Issued,
    /// With the page of its signatures.
    Signed,
}

impl Copy {
    const fn name(self) -> &'static str {
        match self {
            Self::Issued => "issued",
            Self::Signed => "signed",
        }
    }

    /// What its row is sealed for.
    fn context(self, loan: LoanId, part: &str) -> String {
        format!("{}:{}:{part}", context("contracts", loan), self.name())
    }
}

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFile {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// Adds the document issued, with what it states. `Duplicate` where the loan has one.
pub fn insert_issued(
    tx: &mut Tx<'_>,
    loan: &Loan,
    contract: &Contract,
    pdf: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let facts = document::to_json(&ContractDoc::of(contract));
    let facts = tx.seal(loan.partner, &Copy::Issued.context(loan.id, "facts"), facts.as_bytes())?;
    insert(tx, loan, Copy::Issued, Some(&facts), pdf, now)
}

/// Adds the signed copy, which states what the document issued does. `Duplicate` where the loan has one.
pub fn insert_signed(tx: &mut Tx<'_>, loan: &Loan, pdf: &[u8], now: Timestamp) -> Result<(), StoreError> {
    insert(tx, loan, Copy::Signed, None, pdf, now)
}

fn insert(
    tx: &mut Tx<'_>,
    loan: &Loan,
    copy: Copy,
    facts: Option<&[u8]>,
    pdf: &[u8],
    now: Timestamp,
) -> Result<(), StoreError> {
    let sealed = tx.seal(loan.partner, &copy.context(loan.id, "pdf"), pdf)?;
    let size = i64::try_from(pdf.len()).map_err(corrupt)?;
    let sql = "insert into contracts (partner_id, loan_id, copy, sha256, size, facts, sealed, created_at) \
               values ($1, $2, $3, $4, $5, $6, $7, $8)";
    tx.execute(sql, args![loan.partner, loan.id, *copy.name(), sha256_hex(pdf), size, facts, sealed, now])
        .map(drop)
}

/// A loan's document.
pub fn file(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    copy: Copy,
) -> Result<Option<ContractFile>, StoreError> {
    let sql = "select sha256, sealed from contracts where partner_id = $1 and loan_id = $2 and copy = $3";
    let found = tx.query_opt(sql, args![partner, loan, *copy.name()], |row| {
        Ok((row.get::<String>(0)?, row.get::<Vec<u8>>(1)?))
    })?;
    let Some((sha256, sealed)) = found else { return Ok(None) };
    let pdf = tx.unseal(partner, &copy.context(loan, "pdf"), &sealed)?;
    Ok(Some(ContractFile { pdf, sha256 }))
}

/// What a loan's contract states, and the SHA-256 of the document issued.
pub fn facts(tx: &mut Tx<'_>, loan: &Loan) -> Result<Option<(Contract, String)>, StoreError> {
    let Some(number) = loan.ccb_number else { return Ok(None) };
    let sql =
        "select facts, sha256 from contracts where partner_id = $1 and loan_id = $2 and copy = 'issued'";
    let found = tx.query_opt(sql, args![loan.partner, loan.id], |row| {
        Ok((row.get::<Vec<u8>>(0)?, row.get::<String>(1)?))
    })?;
    let Some((sealed, sha256)) = found else { return Ok(None) };
    let facts = tx.unseal(loan.partner, &Copy::Issued.context(loan.id, "facts"), &sealed)?;
    Ok(Some((document::from_json::<ContractDoc>(&facts)?.read(loan, number)?, sha256)))
}
