//! The journal of loans: what moves money writes an entry in the same transaction.

use domain::actor::Actor;
use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{Balances, LedgerAccount, Posting};
use domain::loan::Loan;
use domain::loan::debt::Debt;
use domain::money::Cents;
use domain::page::Page;
use domain::time::Timestamp;
use store::Failed;
use store::ledger::{Checked, JournalEntry};
use store::{Cursor, StoreError, Tx};

use crate::refused::{ListRefused, page_or_refused};

/// Why the accounts of a loan move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The customer has the money.
    Disbursement,
    /// The customer has paid.
    Payment,
    /// A payment was taken back.
    Reversal,
}

impl Cause {
    const fn name(self) -> &'static str {
        match self {
            Self::Disbursement => "disbursement",
            Self::Payment => "payment",
            Self::Reversal => "reversal",
        }
    }
}

/// Why balances change, and by whom.
#[derive(Debug, Clone)]
pub(crate) struct Movement {
    /// The kind of cause.
    pub(crate) cause: Cause,
    /// The id of the loan or the payment.
    pub(crate) subject: String,
    /// The actor.
    pub(crate) actor: Actor,
}

/// Writes the entry that leads from the balances before to those after.
pub(crate) fn enter(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    movement: Movement,
    before: &Balances,
    after: &Balances,
) -> Result<(), StoreError> {
    let Movement { cause, subject, actor } = movement;
    let postings = before.to(after).map_err(|unbalanced| StoreError::Defect(unbalanced.to_string()))?;
    let entry = JournalEntry {
        id: tx.new_id(now),
        partner: loan.partner,
        loan: loan.id,
        cause: cause.name().to_owned(),
        subject,
        actor,
        entered_at: now,
        postings,
    };
    store::ledger::append(tx, &entry)
}

/// Enters the disbursement of a loan that has just become active.
pub(crate) fn enter_disbursement(
    tx: &mut Tx<'_>,
    now: Timestamp,
    loan: &Loan,
    actor: Actor,
) -> Result<(), StoreError> {
    let disbursed = Balances::of(&loan.quote, &Debt::opened(&loan.quote.schedule), &[]);
    let movement = Movement { cause: Cause::Disbursement, subject: loan.id.to_string(), actor };
    enter(tx, now, loan, movement, &Balances::default(), &disbursed)
}

/// A page of a loan's entries.
pub fn of_loan(
    tx: &mut Tx<'_>,
    tenant: PartnerId,
    loan: LoanId,
    cursor: &Cursor<JournalEntryId>,
) -> Result<Page<JournalEntry>, Failed<ListRefused>> {
    page_or_refused(store::ledger::of_loan(tx, tenant, loan, cursor)?)
}

/// The balance of each account of a loan.
pub fn balances(tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId) -> Result<Vec<Posting>, StoreError> {
    store::ledger::balances_of_loan(tx, tenant, loan)
}

/// The result of a check of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerCheck {
    /// The balance of each account, over all loans.
    pub trial_balance: Vec<Posting>,
    /// How many entries do not sum to zero.
    pub unbalanced: usize,
    /// How many loans hold another principal receivable than their installments say is unpaid.
    pub adrift: usize,
}

impl LedgerCheck {
    /// The sum of all accounts: zero.
    pub fn sum(&self) -> Cents {
        self.trial_balance.iter().map(|posting| posting.amount).sum()
    }

    /// Whether everything is as it must be.
    pub fn is_right(&self) -> bool {
        self.sum() == Cents::ZERO && self.unbalanced == 0 && self.adrift == 0
    }

    /// Adds what a step found.
    pub fn add(&mut self, step: &Checked) {
        for posting in &step.balances {
            match self.trial_balance.iter_mut().find(|sum| sum.account == posting.account) {
                Some(sum) => sum.amount += posting.amount,
                None => self.trial_balance.push(*posting),
            }
        }
        self.trial_balance
            .sort_by_key(|sum| LedgerAccount::ALL.iter().position(|account| *account == sum.account));
        self.unbalanced += step.unbalanced.len();
        self.adrift += step.adrift.len();
    }
}

/// How many loans one step of a check looks at: a few milliseconds.
pub const LOANS_AT_ONCE: i64 = 200;

/// Checks the ledger of a partner's next loans, behind `after`. The whole ledger is checked by
/// [`crate::ledger_check`].
pub fn check_some(tx: &mut Tx<'_>, partner: PartnerId, after: Option<LoanId>) -> Result<Checked, StoreError> {
    store::ledger::check_some(tx, partner, after, LOANS_AT_ONCE)
}
