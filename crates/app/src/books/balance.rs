//! The trial balance of a day, the entries behind each of its accounts, and the worker's step that keeps its sums.

use domain::id::{JournalEntryId, PartnerId};
use domain::loan::CcbNumber;
use domain::page::Page;
use domain::time::Date;
use domain::trial_balance::{AccountDay, TrialBalance};
use store::journal_sums::Step;
use store::ledger::{DayFilter, JournalEntry};
use store::{Cursor, Failed, StoreError, Tx};

use super::label::{Label, label, labels};
use crate::refused::{ListRefused, page_or_refused};
use crate::spreadsheet::table;

/// The trial balance of a business date, of one partner or of all. Partners with moved clocks count by their own dates.
pub fn trial_balance(
    tx: &mut Tx<'_>, day: Date, partner: Option<PartnerId>,
) -> Result<TrialBalance, StoreError> {
    store::journal_sums::balance(tx, day, partner)
}

/// An entry with the contract and the name of its loan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The entry.
    pub entry: JournalEntry,
    /// The number of the contract; `None` if the loan's row is damaged.
    pub contract: Option<CcbNumber>,
    /// The name under which the customer does business; `None` if it has none or a row is damaged.
    pub customer: Option<String>,
}

/// A page of the entries of a day.
pub fn entries_of_day(
    tx: &mut Tx<'_>, filter: &DayFilter, cursor: &Cursor<JournalEntryId>,
) -> Result<Page<Entered>, Failed<ListRefused>> {
    let page = page_or_refused(store::ledger::of_day(tx, filter, cursor)?)?;
    let labels = labels(tx, page.items.iter().map(|entry| entry.loan))?;
    Ok(page.filter_map(|entry| {
        let Label { contract, customer } = label(&labels, entry.loan);
        Some(Entered { entry, contract, customer })
    }))
}

/// The trial balance as CSV: a line for each account.
pub fn balance_csv(balance: &TrialBalance) -> String {
    let day = balance.day.to_string();
    let line = |of: &AccountDay| {
        let moved = &of.moved;
        [
            day.clone(),
            of.account.name().to_owned(),
            of.opening.to_string(),
            moved.debit.to_string(),
            moved.credit.to_string(),
            of.closing().to_string(),
            moved.debits.to_string(),
            moved.credits.to_string(),
        ]
    };
    let columns = ["date", "account", "opening", "debit", "credit", "closing", "debits", "credits"];
    table(columns, balance.accounts.iter().map(line))
}

/// The partners with entries that the sums lack.
pub fn behind(tx: &mut Tx<'_>) -> Result<Vec<PartnerId>, StoreError> {
    store::journal_sums::behind(tx)
}

/// Adds at most `rows` entries of a partner after the id `after` to the sums.
pub fn advance(tx: &mut Tx<'_>, partner: PartnerId, after: &str, rows: i64) -> Result<Step, StoreError> {
    store::journal_sums::advance(tx, partner, after, rows)
}
