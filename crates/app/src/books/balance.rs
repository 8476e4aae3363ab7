//! The trial balance of a day, the entries behind each of its accounts, and the worker's step that keeps its sums.

use domain::id::{JournalEntryId, PartnerId};
use domain::ledger::{LedgerAccount, Posting};
use domain::loan::CcbNumber;
use domain::money::Cents;
use domain::page::{Limit, Page};
use domain::time::Date;
use domain::trial_balance::{AccountDay, TrialBalance};
use store::journal_sums::Step;
use store::ledger::{DayFilter, JournalEntry};
use store::{Cursor, Failed, StoreError, Tx};

use super::label::{Label, label, labels};
use crate::refused::{ListRefused, first_page, page_or_refused};
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

/// Most entries in a CSV file. `/operator/v1/journal-entries` lists all of them.
const MOST_EXPORTED: usize = 20_000;

/// The newest entries of a day as CSV: a line for each posting, only those of the filter's account.
pub fn entries_csv(tx: &mut Tx<'_>, filter: &DayFilter) -> Result<String, StoreError> {
    let (mut lines, mut entries, mut cursor) = (Vec::new(), 0, Cursor::first(Limit::MOST));
    loop {
        let page = first_page(entries_of_day(tx, filter, &cursor))?;
        entries += page.items.len();
        lines.extend(page.items.iter().flat_map(|entered| postings(entered, filter.account)));
        match page.items.last().filter(|_| page.has_more && entries < MOST_EXPORTED) {
            Some(last) => cursor.after = Some(last.entry.id),
            None => break,
        }
    }
    let columns = [
        "entered_at",
        "entry_id",
        "cause",
        "subject_id",
        "loan_id",
        "contract",
        "account",
        "debit",
        "credit",
    ];
    Ok(table(columns, lines))
}

fn postings(entered: &Entered, account: Option<LedgerAccount>) -> Vec<[String; 9]> {
    let Entered { entry, contract, .. } = entered;
    let line = |posting: &Posting| {
        let (debit, credit) = posting.sides();
        let amount = |side: Option<Cents>| side.map_or_else(String::new, |side| side.to_string());
        [
            entry.entered_at.business_datetime().to_string(),
            entry.id.to_string(),
            entry.cause.clone(),
            entry.subject.clone(),
            entry.loan.to_string(),
            contract.map_or_else(String::new, |number| number.to_string()),
            posting.account.name().to_owned(),
            amount(debit),
            amount(credit),
        ]
    };
    let wanted = |posting: &&Posting| account.is_none_or(|account| posting.account == account);
    entry.postings.iter().filter(wanted).map(line).collect()
}

/// The partners with entries that the sums lack.
pub fn behind(tx: &mut Tx<'_>) -> Result<Vec<PartnerId>, StoreError> {
    store::journal_sums::behind(tx)
}

/// Adds at most `rows` entries of a partner after the id `after` to the sums.
pub fn advance(tx: &mut Tx<'_>, partner: PartnerId, after: &str, rows: i64) -> Result<Step, StoreError> {
    store::journal_sums::advance(tx, partner, after, rows)
}
