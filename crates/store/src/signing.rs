//! Signers' invitations with their codes, and the evidence of signatures.

use domain::bank::Destination;
use domain::id::{LoanId, PartnerId, SubjectId};
use domain::loan::signing::{Evidence, Invitation};
use domain::loan::{LinkToken, Loan, Signer};
use domain::mailed_code::MailedCode;
use domain::page::Page;
use domain::time::Timestamp;

use crate::document::{self, DestinationDoc, EvidenceDoc, context, corrupt};
use crate::listing::opened;
use crate::seal::sha256_hex;
use crate::table::{set, table};
use crate::{StoreError, Tx, args};

table! {
    /// A signer's invitation as it is stored. The link and the code are kept as hashes only.
    struct InvitationRow in "signing_invitations" by (partner_id, loan_id, subject_id) {
        partner_id: PartnerId,
        loan_id: LoanId,
        subject_id: SubjectId,
        version: i64,
        link_hash: String,
        code_hash: Option<String>,
        code_sent_at: Option<Timestamp>,
        wrong: u16,
        wrong_in_all: u16,
        locked_until: Option<Timestamp>,
        sent: u16,
        counted_from: Option<Timestamp>,
    }
}

impl InvitationRow {
    fn of(invitation: &Invitation, link_hash: String) -> Self {
        let (code_hash, code_sent_at) = sent_code(&invitation.mailed);
        Self {
            partner_id: invitation.partner,
            loan_id: invitation.loan,
            subject_id: invitation.subject,
            version: invitation.version,
            link_hash,
            code_hash,
            code_sent_at,
            wrong: invitation.mailed.wrong,
            wrong_in_all: invitation.mailed.wrong_in_all,
            locked_until: invitation.mailed.locked_until,
            sent: invitation.mailed.sent,
            counted_from: invitation.mailed.counted_from,
        }
    }

    fn read(self) -> Invitation {
        Invitation {
            partner: self.partner_id,
            loan: self.loan_id,
            subject: self.subject_id,
            version: self.version,
            mailed: mailed_code!(self),
        }
    }
}

/// The columns of the last sent code: its hash and its time.
pub(crate) fn sent_code(mailed: &MailedCode) -> (Option<String>, Option<Timestamp>) {
    mailed.code.as_ref().map(|code| (code.hash.clone(), code.sent_at)).unzip()
}

/// The mailed code in a row's columns.
macro_rules! mailed_code {
    ($row:expr) => {
        domain::mailed_code::MailedCode {
            code: $row
                .code_hash
                .zip($row.code_sent_at)
                .map(|(hash, sent_at)| domain::mailed_code::SentCode { hash, sent_at }),
            wrong: $row.wrong,
            wrong_in_all: $row.wrong_in_all,
            locked_until: $row.locked_until,
            sent: $row.sent,
            counted_from: $row.counted_from,
        }
    };
}

pub(crate) use mailed_code;

table! {
    /// A signature as it is stored.
    struct SignatureRow in "signatures" by (partner_id, loan_id, subject_id) {
        partner_id: PartnerId,
        loan_id: LoanId,
        subject_id: SubjectId,
        signed_at: Timestamp,
        document_sha256: String,
        sealed: Vec<u8>,
    }
}

impl SignatureRow {
    fn open(self, tx: &mut Tx<'_>) -> Result<Evidence, StoreError> {
        let Self { partner_id, loan_id, subject_id, signed_at, document_sha256, sealed } = self;
        let opened = tx.unseal(partner_id, &evidence_context(loan_id, subject_id), &sealed)?;
        document::from_json::<EvidenceDoc>(&opened)?.read(subject_id, signed_at, document_sha256)
    }
}

/// The keyed hash of a code. The same code of another signer or another loan has another hash.
pub fn code_hash(tx: &Tx<'_>, loan: LoanId, subject: SubjectId, code: &str) -> String {
    tx.keyring().lookup("signing_code", &format!("{loan}\n{subject}\n{code}"))
}

/// The keyed hash of a destination of a loan's money, with which a page names the destination that it showed.
pub fn destination_mark(tx: &Tx<'_>, loan: LoanId, destination: &Destination) -> String {
    let destination = document::to_json(&DestinationDoc::of(destination));
    tx.keyring().lookup("destination", &format!("{loan}\n{destination}"))
}

/// Adds the invitations of a loan's signers, each with its link.
pub fn invite(tx: &mut Tx<'_>, loan: &Loan) -> Result<(), StoreError> {
    let row = |signer: &Signer| {
        let link = signer.link.as_ref().ok_or_else(|| corrupt("a signer is invited without a link"))?;
        let invitation = Invitation::new(loan.partner, loan.id, signer.subject);
        Ok(InvitationRow::of(&invitation, link_hash(link)))
    };
    let rows = loan.signers.iter().map(row).collect::<Result<Vec<_>, StoreError>>()?;
    tx.insert_all(&rows)
}

fn link_hash(link: &LinkToken) -> String {
    sha256_hex(link.expose().as_bytes())
}

/// The loan that a link opens, and its partner.
pub fn loan_of_link(tx: &mut Tx<'_>, token: &str) -> Result<Option<(PartnerId, LoanId)>, StoreError> {
    let sql = "select partner_id, loan_id from signing_invitations where link_hash = $1";
    tx.fetch_opt(sql, args![sha256_hex(token.as_bytes())])
}

/// A signer's invitation.
pub fn invitation(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId, subject: SubjectId,
) -> Result<Invitation, StoreError> {
    let own = args![partner, loan, subject];
    let row = tx.find::<InvitationRow>("where partner_id = $1 and loan_id = $2 and subject_id = $3", own)?;
    row.map(InvitationRow::read).ok_or(StoreError::NotFound)
}

/// Saves an invitation, if nobody else has changed its row since it was read.
pub fn update(tx: &mut Tx<'_>, invitation: &Invitation) -> Result<(), StoreError> {
    let row = InvitationRow::of(invitation, String::new());
    let changes = set!(InvitationRow of row: code_hash, code_sent_at, wrong, wrong_in_all, locked_until, sent,
                       counted_from);
    tx.update(args![row.partner_id, row.loan_id, row.subject_id], invitation.version, changes)
}

/// Saves an invitation under a new link. The old link no longer works.
pub fn relink(tx: &mut Tx<'_>, invitation: &Invitation, link: &LinkToken) -> Result<(), StoreError> {
    update(tx, invitation)?;
    let sql = "update signing_invitations set link_hash = $4 \
               where partner_id = $1 and loan_id = $2 and subject_id = $3";
    tx.execute_one(sql, args![invitation.partner, invitation.loan, invitation.subject, self::link_hash(link)])
}

/// Adds the evidence of a signature. If the signer has signed meanwhile, the script runs again.
pub fn insert_evidence(tx: &mut Tx<'_>, loan: &Loan, evidence: &Evidence) -> Result<(), StoreError> {
    let sealed = document::to_json(&EvidenceDoc::of(evidence));
    let sealed = tx.seal(loan.partner, &evidence_context(loan.id, evidence.subject), sealed.as_bytes())?;
    tx.insert(&SignatureRow {
        partner_id: loan.partner,
        loan_id: loan.id,
        subject_id: evidence.subject,
        signed_at: evidence.signed_at,
        document_sha256: evidence.document_sha256.clone(),
        sealed,
    })
}

fn evidence_context(loan: LoanId, subject: SubjectId) -> String {
    format!("{}:{subject}", context("signatures", loan))
}

/// A loan's signatures, in the order of their moments.
const OF_LOAN: &str = "where partner_id = $1 and loan_id = $2 order by signed_at, subject_id";

/// The evidence of a loan's signatures, in the order of their moments.
pub fn evidence(tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId) -> Result<Vec<Evidence>, StoreError> {
    let rows = tx.find_all::<SignatureRow>(OF_LOAN, args![partner, loan])?;
    rows.into_iter().map(|row| row.open(tx)).collect()
}

/// [`evidence`] as a list, in which a damaged row is marked by its signer.
pub fn listed_evidence(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId,
) -> Result<Page<Evidence>, StoreError> {
    let rows = tx.find_marked(SignatureRow::subject_id, OF_LOAN, args![partner, loan])?;
    opened(tx, rows, false, SignatureRow::open)
}
