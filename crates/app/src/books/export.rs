//! CSV files of the books. Each page is read by a script of its own, so that no export comes near the deadline of a script,
//! and with the numbers of contracts alone.

use std::collections::HashMap;

use domain::id::{JournalEntryId, LoanId, PaymentId};
use domain::ledger::{LedgerAccount, Posting};
use domain::loan::CcbNumber;
use domain::money::Cents;
use domain::page::{Limit, Page};
use domain::time::Timestamp;
use store::ledger::{DayFilter, JournalEntry};
use store::payments::{PaymentFilter, RecordedPayment};
use store::{Cursor, Store, StoreError, Tx};

use crate::refused::{first_page, page_or_refused};
use crate::spreadsheet::{cell, table};

/// Most entries or payments in a CSV file. The operator API lists all of them.
const MOST: usize = 20_000;

/// The contracts of some loans. A loan without one is missing.
type Contracts = HashMap<LoanId, CcbNumber>;

/// The newest entries of a day as CSV: a line for each posting, only those of the filter's account.
pub async fn entries_csv(store: &Store, filter: DayFilter) -> Result<String, StoreError> {
    let mut lines = Vec::new();
    let read = move |tx: &mut Tx<'_>, cursor: &Cursor<JournalEntryId>| {
        let page = first_page(page_or_refused(store::ledger::of_day(tx, &filter, cursor)?))?;
        with_contracts(tx, page, |entry| entry.loan)
    };
    each(
        store,
        read,
        |entry| entry.id,
        |entry, contracts| {
            lines.extend(postings(entry, contracts, filter.account));
        },
    )
    .await?;
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

/// The newest payments of a filter as CSV: a line for each.
pub async fn received_csv(store: &Store, filter: PaymentFilter) -> Result<String, StoreError> {
    let mut lines = Vec::new();
    let read = move |tx: &mut Tx<'_>, cursor: &Cursor<PaymentId>| {
        let page = first_page(page_or_refused(store::payments::of_all(tx, &filter, cursor)?))?;
        with_contracts(tx, page, |recorded| recorded.loan)
    };
    each(
        store,
        read,
        |recorded| recorded.payment.id,
        |recorded, contracts| {
            lines.push(payment(recorded, contracts));
        },
    )
    .await?;
    let columns = [
        "recorded_at",
        "payment_id",
        "reference",
        "amount",
        "paid_on",
        "kind",
        "reversed_at",
        "partner_id",
        "loan_id",
        "contract",
    ];
    Ok(table(columns, lines))
}

/// Takes each item of a list, page by page, with the contracts of its page; ends after the page with the last item of
/// [`MOST`].
async fn each<T: Send + 'static, I: Copy + Send + Sync + 'static>(
    store: &Store,
    page: impl Fn(&mut Tx<'_>, &Cursor<I>) -> Result<(Page<T>, Contracts), StoreError> + Clone + Send + 'static,
    id: fn(&T) -> I, mut take: impl FnMut(&T, &Contracts),
) -> Result<(), StoreError> {
    let (mut taken, mut cursor) = (0, Cursor::first(Limit::MOST));
    loop {
        let (read, at) = (page.clone(), cursor);
        let (page, contracts) = store.list(move |tx: &mut Tx<'_>| read(tx, &at)).await?;
        taken += page.items.len();
        page.items.iter().for_each(|item| take(item, &contracts));
        match page.items.last().filter(|_| page.has_more && taken < MOST) {
            Some(last) => cursor.after = Some(id(last)),
            None => return Ok(()),
        }
    }
}

fn with_contracts<T>(
    tx: &mut Tx<'_>, page: Page<T>, loan_of: impl Fn(&T) -> LoanId,
) -> Result<(Page<T>, Contracts), StoreError> {
    let mut loans: Vec<LoanId> = page.items.iter().map(loan_of).collect();
    loans.sort_unstable();
    loans.dedup();
    let contracts = store::loans::contracts(tx, &loans)?.into_iter().collect();
    Ok((page, contracts))
}

fn contract(contracts: &Contracts, loan: LoanId) -> String {
    contracts.get(&loan).map_or_else(String::new, ToString::to_string)
}

fn postings(entry: &JournalEntry, contracts: &Contracts, account: Option<LedgerAccount>) -> Vec<[String; 9]> {
    let line = |posting: &Posting| {
        let (debit, credit) = posting.sides();
        let amount = |side: Option<Cents>| side.map_or_else(String::new, |side| side.to_string());
        [
            entry.entered_at.business_datetime().to_string(),
            entry.id.to_string(),
            entry.cause.clone(),
            entry.subject.clone(),
            entry.loan.to_string(),
            contract(contracts, entry.loan),
            posting.account.name().to_owned(),
            amount(debit),
            amount(credit),
        ]
    };
    let wanted = |posting: &&Posting| account.is_none_or(|account| posting.account == account);
    entry.postings.iter().filter(wanted).map(line).collect()
}

fn payment(recorded: &RecordedPayment, contracts: &Contracts) -> [String; 10] {
    let moment = |at: Timestamp| at.business_datetime().to_string();
    [
        moment(recorded.recorded_at),
        recorded.payment.id.to_string(),
        cell(&recorded.reference),
        recorded.payment.amount.to_string(),
        recorded.payment.paid_at.business_date().to_string(),
        recorded.payment.kind.name().to_owned(),
        recorded.reversed_at.map_or_else(String::new, moment),
        recorded.partner.to_string(),
        recorded.loan.to_string(),
        contract(contracts, recorded.loan),
    ]
}
