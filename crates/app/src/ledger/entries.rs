//! The journal of loans. Each movement of money writes an entry in the same transaction.

use domain::actor::Actor;
use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{Balances, LedgerAccount, Posting};
use domain::loan::Loan;
use domain::loan::debt::Debt;
use domain::money::Cents;
use domain::page::{Order, Page};
use domain::time::{Date, Timestamp};
use domain::trial_balance::Period;
use store::Failed;
use store::ledger::{Checked, JournalEntry};
use store::{Cursor, StoreError, Tx};

use crate::refused::{ListRefused, page_or_refused};

/// The cause of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The customer has the money.
    Disbursement,
    /// The customer has paid.
    Payment,
    /// A payment was reversed.
    Reversal,
    /// The loan was written off.
    WriteOff,
}

impl Cause {
    const fn name(self) -> &'static str {
        match self {
            Self::Disbursement => "disbursement",
            Self::Payment => "payment",
            Self::Reversal => "reversal",
            Self::WriteOff => "write_off",
        }
    }
}

/// The cause and the actor of an entry.
#[derive(Debug, Clone)]
pub(crate) struct Movement {
    /// The cause.
    pub(crate) cause: Cause,
    /// The id of the loan or the payment.
    pub(crate) subject: String,
    /// The actor.
    pub(crate) actor: Actor,
}

/// Writes the entry that changes the balances `before` into the balances `after`.
pub(crate) fn enter(
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, movement: Movement, before: &Balances, after: &Balances,
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
    tx: &mut Tx<'_>, now: Timestamp, loan: &Loan, actor: Actor,
) -> Result<(), StoreError> {
    let disbursed = Balances::of(&loan.quote, &Debt::opened(&loan.quote.schedule), &[]);
    let movement = Movement { cause: Cause::Disbursement, subject: loan.id.to_string(), actor };
    enter(tx, now, loan, movement, &Balances::default(), &disbursed)
}

/// A page of a loan's entries.
pub fn of_loan(
    tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId, cursor: &Cursor<JournalEntryId>,
) -> Result<Page<JournalEntry>, Failed<ListRefused>> {
    page_or_refused(store::ledger::of_loan(tx, tenant, loan, cursor)?)
}

/// An entry with the principal that is lent after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// The entry.
    pub entry: JournalEntry,
    /// The principal receivable after this entry.
    pub principal_after: Cents,
}

/// A page of a loan's entries, each with the principal that is lent after it.
pub fn running(
    tx: &mut Tx<'_>, tenant: PartnerId, loan: LoanId, cursor: &Cursor<JournalEntryId>,
) -> Result<Page<Running>, Failed<ListRefused>> {
    let page = of_loan(tx, tenant, loan, cursor)?;
    let Some(first) = page.items.first() else { return Ok(page.filter_map(|_entry| None)) };
    let mut next = store::ledger::principal_after(tx, first)?;
    let mut before: Option<Cents> = None;
    let order = cursor.order;
    Ok(page.filter_map(|entry| {
        let moved = entry.postings.on(LedgerAccount::PrincipalReceivable);
        let principal_after = match (order, before) {
            (Order::Ascending, Some(before)) => before + moved,
            (Order::Ascending, None) | (Order::Descending, _) => next,
        };
        before = Some(principal_after);
        next = principal_after - moved;
        Some(Running { entry, principal_after })
    }))
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
    /// Number of entries that do not sum to zero.
    pub unbalanced: usize,
    /// Number of loans whose principal receivable differs from the unpaid principal of their installments.
    pub adrift: usize,
    /// The days whose sums for the trial balance differ from the journal.
    pub wrong_days: Vec<Date>,
    /// The months and years whose sums differ from those of their days and months, with the partner.
    pub wrong_periods: Vec<(PartnerId, Period, Date)>,
}

impl LedgerCheck {
    /// The sum of all accounts, which must be zero.
    pub fn sum(&self) -> Cents {
        self.trial_balance.iter().map(|posting| posting.amount).sum()
    }

    /// Whether the check found no fault.
    pub fn is_right(&self) -> bool {
        self.sum() == Cents::ZERO
            && self.unbalanced == 0
            && self.adrift == 0
            && self.wrong_days.is_empty()
            && self.wrong_periods.is_empty()
    }

    /// Adds the result of a step.
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

/// Number of loans in one step of a check. A step takes a few milliseconds.
pub const LOANS_AT_ONCE: i64 = 200;

/// Checks the ledger of a partner's next loans, after the loan `after`. [`crate::ledger_check`] checks the whole
/// ledger.
pub fn check_some(tx: &mut Tx<'_>, partner: PartnerId, after: Option<LoanId>) -> Result<Checked, StoreError> {
    store::ledger::check_some(tx, partner, after, LOANS_AT_ONCE)
}
