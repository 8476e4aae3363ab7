//! Everything about one loan on one sheet.

use domain::access::{Permission, Permissions, Proposal, ProposalState};
use domain::customer::CustomerFile;
use domain::id::{JournalEntryId, LoanId, NoteId, PaymentId};
use domain::ledger::Posting;
use domain::loan::Loan;
use domain::loan::curve::Curve;
use domain::loan::signing::Evidence;
use domain::money::Cents;
use domain::page::{Limit, Page};
use domain::queue::CaseSubject;
use domain::spelled;
use domain::tagged::Tagged;
use domain::time::{RealTime, Timestamp};
use store::mails::MailReport;
use store::payments::RecordedPayment;
use store::{Cursor, Failed, StoreError, Tx};

use super::mails::mails;
use super::timeline::{Happened, timeline};
use crate::clock;
use crate::contracts::{Copy, Document};
use crate::ledger::Running;
use crate::lender::Lender;
use crate::partners;
use crate::payments::collection::Statement;
use crate::people::notes::SignedNote;
use crate::refused::{ListRefused, NotFound, page_or_refused};

/// A part of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The schedule and the Pix codes.
    Schedule,
    /// The payments.
    Payments,
    /// The journal.
    Ledger,
    /// The contract and the evidence of its signatures.
    Contract,
    /// The e-mails to its signers.
    Mails,
    /// Its history.
    Timeline,
    /// The notes of operators.
    Notes,
}

spelled!(Part {
    Schedule = "schedule",
    Payments = "payments",
    Ledger = "ledger",
    Contract = "contract",
    Mails = "mails",
    Timeline = "timeline",
    Notes = "notes",
});

impl Part {
    /// The permission to read the part.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Schedule | Self::Payments | Self::Timeline => Permission::ReadLoans,
            Self::Ledger => Permission::ReadLedger,
            Self::Contract => Permission::ReadContracts,
            Self::Mails => Permission::ReadMails,
            Self::Notes => Permission::ReadNotes,
        }
    }
}

/// The part in view, and the place in its list.
#[derive(Debug, Clone)]
pub enum Detail {
    /// The schedule needs no more than the figures.
    Schedule,
    /// A page of the payments.
    Payments(Page<RecordedPayment>),
    /// The balances, and a page of the journal.
    Ledger {
        /// The balance of each account.
        balances: Vec<Posting>,
        /// The entries, newest first.
        entries: Page<Running>,
    },
    /// The evidence of the signatures.
    Contract {
        /// The signatures.
        signatures: Page<Evidence>,
        /// The SHA-256 of the issued document, once it is rendered.
        sha256: Option<String>,
        /// Whether there is a signed copy.
        has_signed_copy: bool,
    },
    /// The newest e-mails to the signers since the loan was requested.
    Mails(Vec<MailReport>),
    /// Its history, newest first.
    Timeline(Vec<Happened>),
    /// A page of the notes.
    Notes(Page<SignedNote>),
}

/// A loan's sheet.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The loan, what is owed, and the Pix codes.
    pub statement: Statement,
    /// The token of the customer's payment page.
    pub payment_page: Tagged,
    /// The principal balance over time.
    pub curve: Curve,
    /// The borrower.
    pub file: CustomerFile,
    /// The name of the partner.
    pub partner: String,
    /// The present time of the partner.
    pub now: Timestamp,
    /// The proposals about it that wait for a second person.
    pub proposals: Vec<Proposal>,
    /// The part in view.
    pub detail: Detail,
}

impl Sheet {
    /// The unpaid principal, which a write-off would lose.
    pub fn principal_left(&self) -> Cents {
        self.statement.dues.iter().map(|due| due.installment.position.principal_left()).sum()
    }

    /// Days past the effective due date of the oldest unpaid installment.
    pub fn days_overdue(&self) -> u32 {
        let today = self.now.business_date();
        let days = self.statement.dues.iter().map(|due| due.installment.position.days_overdue(today));
        days.fold(0, u32::max)
    }
}

/// A part of a sheet as it is asked for.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The part.
    pub part: Part,
    /// The last item before the page in view.
    pub after: Option<String>,
    /// The permissions of the reader, which decide about the events in the history.
    pub may: Permissions,
}

/// The sheet of a loan of any partner, at the real time `real`.
pub fn sheet(
    tx: &mut Tx<'_>, real: RealTime, id: LoanId, asked: &Asked, lender: &Lender,
) -> Result<Sheet, Failed<ListRefused>> {
    let page = crate::loans::page_token(tx, id);
    let statement = crate::payments::collection::statement(tx, real, page, lender);
    let statement = statement.map_err(|failed| failed.map_refused(|NotFound| ListRefused::NotFound))?;
    let loan = &statement.loan;
    let partner = loan.partner;
    let now = clock::at(tx, partner, real)?;
    let file = store::customers::find(tx, partner, loan.customer)?.ok_or(StoreError::NotFound)?;
    let mut proposals = store::proposals::waiting_on(tx, &id.to_string())?;
    proposals.retain(|proposal| proposal.state_at(real) == ProposalState::Proposed);
    let installments: Vec<_> = statement.dues.iter().map(|due| due.installment.clone()).collect();
    Ok(Sheet {
        payment_page: page,
        curve: Curve::of(&loan.quote, &installments, now.business_date()),
        partner: partners::name(tx, partner)?,
        detail: detail(tx, loan, asked)?,
        proposals,
        file: file.into_value(),
        now,
        statement,
    })
}

fn detail(tx: &mut Tx<'_>, loan: &Loan, asked: &Asked) -> Result<Detail, Failed<ListRefused>> {
    let (partner, id, after) = (loan.partner, loan.id, asked.after.as_deref());
    Ok(match asked.part {
        Part::Schedule => Detail::Schedule,
        Part::Payments => {
            let cursor = cursor::<PaymentId>(after)?;
            Detail::Payments(page_or_refused(store::payments::list(tx, partner, id, &cursor)?)?)
        }
        Part::Ledger => {
            let cursor = cursor::<JournalEntryId>(after)?;
            Detail::Ledger {
                balances: crate::ledger::balances(tx, partner, id)?,
                entries: crate::ledger::running(tx, partner, id, &cursor)?,
            }
        }
        Part::Contract => {
            let kept = |copy| Document { partner, loan: id, copy };
            let issued = store::contracts::kept(tx, kept(Copy::Issued))?;
            Detail::Contract {
                signatures: store::signing::listed_evidence(tx, partner, id)?,
                sha256: issued.and_then(|kept| kept.sha256),
                has_signed_copy: store::contracts::kept(tx, kept(Copy::Signed))?.is_some(),
            }
        }
        Part::Mails => Detail::Mails(mails(tx, loan)?),
        Part::Timeline => Detail::Timeline(timeline(tx, loan, asked.may)?),
        Part::Notes => {
            let cursor = cursor::<NoteId>(after)?;
            Detail::Notes(crate::people::notes::list(tx, CaseSubject::Loan(id), &cursor)?)
        }
    })
}

fn cursor<I: std::str::FromStr>(after: Option<&str>) -> Result<Cursor<I>, Failed<ListRefused>> {
    let after = after.map(str::parse).transpose();
    let after = after.map_err(|_not_an_id| Failed::Refused(ListRefused::InvalidCursor))?;
    Ok(Cursor { after, ..Cursor::first(Limit::DEFAULT) })
}
