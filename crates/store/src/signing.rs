//! Signers' invitations with their codes, and the evidence of signatures.

use domain::bank::Destination;
use domain::id::{LoanId, PartnerId, SubjectId};
use domain::loan::signing::{Evidence, Invitation};
use domain::loan::{LinkToken, Loan, Signer};
use domain::mailed_code::{MailedCode, SentCode};
use domain::page::Page;
use domain::time::Timestamp;

use crate::db::{Arg, Row, ToArg as _};
use crate::document::{self, DestinationDoc, EvidenceDoc, context, corrupt};
use crate::listing::{listed, opened};
use crate::seal::sha256_hex;
use crate::{StoreError, Tx, args};

/// The keyed hash of a code: one of another signer or another loan is another.
pub fn code_hash(tx: &Tx<'_>, loan: LoanId, subject: SubjectId, code: &str) -> String {
    tx.keyring().lookup("signing_code", &format!("{loan}\n{subject}\n{code}"))
}

/// The keyed hash of a destination of a loan's money, by which a page says what it showed.
pub fn destination_mark(tx: &Tx<'_>, loan: LoanId, destination: &Destination) -> String {
    let destination = document::to_json(&DestinationDoc::of(destination));
    tx.keyring().lookup("destination", &format!("{loan}\n{destination}"))
}

/// Adds the invitations of a loan's signers, each with their link.
pub fn invite(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let rows = loan.signers.iter().map(|signer| invitation_row(loan, signer));
    let rows: Vec<Vec<Arg<'_>>> = rows.collect::<Result<_, StoreError>>()?;
    let head = "insert into signing_invitations (partner_id, loan_id, subject_id, version, link_hash, wrong, \
                wrong_in_all, sent)";
    tx.insert_rows(head, &rows)
}

fn invitation_row<'a>(loan: &'a Loan, signer: &'a Signer) -> Result<Vec<Arg<'a>>, StoreError> {
    let link = signer.link.as_ref().ok_or_else(|| corrupt("a signer is invited without a link"))?;
    let Invitation { version, .. } = Invitation::new(loan.partner, loan.id, signer.subject);
    let (none, hash) = (Arg::Int(0), Arg::Text(link_hash(link).into()));
    let key = [loan.partner.to_arg(), loan.id.to_arg(), signer.subject.to_arg()];
    Ok(key.into_iter().chain([Arg::Int(version), hash, none.clone(), none.clone(), none]).collect())
}

fn link_hash(link: &LinkToken) -> String {
    sha256_hex(link.expose().as_bytes())
}

/// Whose loan a link opens, and which.
pub fn loan_of_link(tx: &mut Tx<'_>, token: &str) -> Result<Option<(PartnerId, LoanId)>, StoreError> {
    let sql = "select partner_id, loan_id from signing_invitations where link_hash = $1";
    tx.query_opt(sql, args![sha256_hex(token.as_bytes())], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// A signer's invitation.
pub fn invitation(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    subject: SubjectId,
) -> Result<Invitation, StoreError> {
    let sql = "select version, code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent, counted_from \
               from signing_invitations where partner_id = $1 and loan_id = $2 and subject_id = $3";
    let read = |row: &Row<'_>| {
        Ok(Invitation { partner, loan, subject, version: row.get(0)?, mailed: mailed_code(row, 1)? })
    };
    tx.query_one(sql, args![partner, loan, subject], read)
}

/// The seven columns of a mailed code, from the column `first` on.
pub(crate) fn mailed_code(row: &Row<'_>, first: usize) -> Result<MailedCode, StoreError> {
    let code = match (row.get::<Option<String>>(first)?, row.get::<Option<Timestamp>>(first + 1)?) {
        (Some(hash), Some(sent_at)) => Some(SentCode { hash, sent_at }),
        (None, _) | (_, None) => None,
    };
    Ok(MailedCode {
        code,
        wrong: row.get(first + 2)?,
        wrong_in_all: row.get(first + 3)?,
        locked_until: row.get(first + 4)?,
        sent: row.get(first + 5)?,
        counted_from: row.get(first + 6)?,
    })
}

/// Writes a changed invitation, if nobody else has since it was read.
pub fn update(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let Invitation { partner, loan, subject, version, mailed } = invitation;
    let MailedCode { code, wrong, wrong_in_all, locked_until, sent, counted_from } = mailed;
    let sql = "update signing_invitations set version = version + 1, code_hash = $5, code_sent_at = $6, wrong = $7, \
               wrong_in_all = $8, locked_until = $9, sent = $10, counted_from = $11 \
               where partner_id = $1 and loan_id = $2 and subject_id = $3 and version = $4";
    let (hash, sent_at) = (code.as_ref().map(|code| &code.hash), code.as_ref().map(|code| code.sent_at));
    tx.execute_one(
        sql,
        args![
            *partner,
            *loan,
            *subject,
            *version,
            hash,
            sent_at,
            *wrong,
            *wrong_in_all,
            *locked_until,
            *sent,
            *counted_from
        ],
    )
}

/// Writes a changed invitation under a new link; the old one opens nothing any more.
pub fn relink(tx: &mut Tx<'_>, invitation: &Invitation, link: &LinkToken) -> Result<(), StoreError> {
    update(tx, invitation)?;
    let sql = "update signing_invitations set link_hash = $4 \
               where partner_id = $1 and loan_id = $2 and subject_id = $3";
    tx.execute_one(sql, args![invitation.partner, invitation.loan, invitation.subject, self::link_hash(link)])
}

/// Adds the evidence of a signature. The script runs again where the signer has signed meanwhile.
pub fn insert_evidence(tx: &mut Tx<'_>, loan: &Loan, evidence: &Evidence) -> Result<(), StoreError> {
    let sealed = document::to_json(&EvidenceDoc::of(evidence));
    let sealed = tx.seal(loan.partner, &evidence_context(loan.id, evidence.subject), sealed.as_bytes())?;
    let sql = "insert into signatures (partner_id, loan_id, subject_id, signed_at, document_sha256, sealed) \
               values ($1, $2, $3, $4, $5, $6)";
    tx.execute_later(
        sql,
        args![loan.partner, loan.id, evidence.subject, evidence.signed_at, evidence.document_sha256, sealed,],
    )
}

fn evidence_context(loan: LoanId, subject: SubjectId) -> String {
    format!("{}:{subject}", context("signatures", loan))
}

/// A signature as it is stored: who, when, the document's SHA-256, and what is sealed.
struct StoredEvidence {
    partner: PartnerId,
    loan: LoanId,
    subject: SubjectId,
    signed_at: Timestamp,
    sha256: String,
    sealed: Vec<u8>,
}

impl StoredEvidence {
    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            partner: row.get(0)?,
            loan: row.get(1)?,
            subject: row.get(2)?,
            signed_at: row.get(3)?,
            sha256: row.get(4)?,
            sealed: row.get(5)?,
        })
    }

    fn open(self, tx: &mut Tx<'_>) -> Result<Evidence, StoreError> {
        let Self { partner, loan, subject, signed_at, sha256, sealed } = self;
        let opened = tx.unseal(partner, &evidence_context(loan, subject), &sealed)?;
        document::from_json::<EvidenceDoc>(&opened)?.read(subject, signed_at, sha256)
    }
}

const EVIDENCE: &str = "select partner_id, loan_id, subject_id, signed_at, document_sha256, sealed, subject_id \
                        from signatures where partner_id = $1 and loan_id = $2 order by signed_at, subject_id";

/// The evidence of a loan's signatures, in the order in which they were given.
pub fn evidence(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Evidence>, StoreError> {
    let rows = tx.query(EVIDENCE, args![partner, loan], StoredEvidence::read)?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// The same as a list, in which a damaged row is marked by its signer.
pub fn listed_evidence(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
) -> Result<Page<Evidence>, StoreError> {
    let rows = tx.query(EVIDENCE, args![partner, loan], |row| Ok(listed(row, StoredEvidence::read)))?;
    opened(tx, "signatures", rows, false, StoredEvidence::open)
}
