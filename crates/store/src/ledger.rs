//! The journal: entries that sum to zero, each with its cause.

use std::collections::HashMap;

use domain::actor::Actor;
use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::money::Cents;
use domain::page::Page;
use domain::time::{Date, Timestamp};

use crate::days::ids_of_day;
use crate::db::{Arg, ToArg as _};
use crate::document::corrupt;
use crate::listing::{Cursor, Listing, UnknownCursor, completed};
use crate::postings::{self, EntryKey};
use crate::table::table;
use crate::{StoreError, Tx, args, journal_sums};

table! {
    /// The head of an entry as it is stored.
    struct EntryRow in "journal_entries" by (partner_id, loan_id, id) {
        partner_id: PartnerId,
        loan_id: LoanId,
        id: JournalEntryId,
        cause: String,
        subject: String,
        actor: Actor,
        entered_at: Timestamp,
    }
}

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// The entry's id.
    pub id: JournalEntryId,
    /// The partner of the loan.
    pub partner: PartnerId,
    /// The loan whose accounts the entry changes.
    pub loan: LoanId,
    /// Its cause: `disbursement`, `payment`, `reversal` or `write_off`.
    pub cause: String,
    /// The id of its loan or its payment.
    pub subject: String,
    /// The actor who moved the money.
    pub actor: Actor,
    /// Time of the entry.
    pub entered_at: Timestamp,
    /// Its amounts by account.
    pub postings: Postings,
}

/// Adds an entry.
pub fn append(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<(), StoreError> {
    tx.insert(&EntryRow {
        partner_id: entry.partner,
        loan_id: entry.loan,
        id: entry.id,
        cause: entry.cause.clone(),
        subject: entry.subject.clone(),
        actor: entry.actor,
        entered_at: entry.entered_at,
    })?;
    let key = (entry.partner, entry.loan, entry.id);
    postings::insert(tx, key, &entry.postings)?;
    journal_sums::note(tx, key, entry.entered_at)
}

/// A page of a loan's entries.
pub fn of_loan(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId, cursor: &Cursor<JournalEntryId>,
) -> Result<Result<Page<JournalEntry>, UnknownCursor>, StoreError> {
    let listing = Listing::by(EntryRow::entered_at, EntryRow::id)
        .within(EntryRow::partner_id, Some(&partner))
        .within(EntryRow::loan_id, Some(&loan));
    page(tx, listing, cursor)
}

/// The filter of the entries of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayFilter {
    /// The business date.
    pub day: Date,
    /// Only entries with a posting on this account.
    pub account: Option<LedgerAccount>,
    /// Only entries of this partner.
    pub partner: Option<PartnerId>,
}

/// A page of the entries of a day.
pub fn of_day(
    tx: &mut Tx<'_>, filter: &DayFilter, cursor: &Cursor<JournalEntryId>,
) -> Result<Result<Page<JournalEntry>, UnknownCursor>, StoreError> {
    let (first, next): (JournalEntryId, JournalEntryId) = ids_of_day(filter.day);
    let listing = Listing::by_id(EntryRow::id)
        .from(EntryRow::id, Some(&first))
        .before(EntryRow::id, Some(&next))
        .having(EntryRow::partner_id, filter.partner.as_ref());
    let listing = match filter.account {
        None => listing,
        Some(account) => listing.meeting(format!(
            "exists (select 1 from journal_postings x where x.partner_id = journal_entries.partner_id \
             and x.loan_id = journal_entries.loan_id and x.entry_id = journal_entries.id and x.account = '{}')",
            account.name()
        )),
    };
    page(tx, listing, cursor)
}

/// A page of entries with their postings.
fn page(
    tx: &mut Tx<'_>, listing: Listing<'_, EntryRow>, cursor: &Cursor<JournalEntryId>,
) -> Result<Result<Page<JournalEntry>, UnknownCursor>, StoreError> {
    let heads = match listing.page(tx, cursor, |head: EntryRow, _tx| Ok(head))? {
        Ok(heads) => heads,
        Err(unknown) => return Ok(Err(unknown)),
    };
    let keys: Vec<EntryKey> =
        heads.items.iter().map(|head| (head.partner_id, head.loan_id, head.id)).collect();
    let mut postings = postings::of_entries(tx, &keys)?;
    let whole = |head: EntryRow, _tx: &mut Tx<'_>| {
        let EntryRow { partner_id: partner, loan_id: loan, id, cause, subject, actor, entered_at } = head;
        let moved = postings.remove(&id).unwrap_or(Ok(Vec::new()))?;
        let postings = Postings::balanced(moved).map_err(corrupt)?;
        Ok(JournalEntry { id, partner, loan, cause, subject, actor, entered_at, postings })
    };
    completed(tx, "journal_entries", heads, |head| head.id.to_string(), whole).map(Ok)
}

/// The principal receivable of a loan right after an entry.
pub fn principal_after(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<Cents, StoreError> {
    let sql = "select cast(coalesce(sum(p.amount), 0) as bigint) from journal_entries e \
               join journal_postings p on p.partner_id = e.partner_id and p.loan_id = e.loan_id and p.entry_id = e.id \
               where e.partner_id = $1 and e.loan_id = $2 and p.account = 'principal_receivable' \
               and (e.entered_at, e.id) <= ($3, $4)";
    tx.fetch_one(sql, args![entry.partner, entry.loan, entry.entered_at, entry.id])
}

/// The balance of each account of a loan.
pub fn balances_of_loan(
    tx: &mut Tx<'_>, partner: PartnerId, loan: LoanId,
) -> Result<Vec<Posting>, StoreError> {
    let sql = "select account, cast(sum(amount) as bigint) from journal_postings \
               where partner_id = $1 and loan_id = $2 group by account";
    // An entry is written together with its loan, by the loan's version.
    let sums = tx.beside(|tx| tx.fetch_all::<(LedgerAccount, Cents)>(sql, args![partner, loan]))?;
    Ok(in_order(sums.into_iter().map(|(account, amount)| Posting { account, amount }).collect()))
}

/// Postings in the order of a trial balance.
fn in_order(mut postings: Vec<Posting>) -> Vec<Posting> {
    postings.sort_by_key(|posting| LedgerAccount::ALL.iter().position(|account| *account == posting.account));
    postings
}

/// The result of a check of some loans of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The balance of each account, over these loans.
    pub balances: Vec<Posting>,
    /// Entries that do not sum to zero; there must be none.
    pub unbalanced: Vec<JournalEntryId>,
    /// Loans whose principal receivable differs from the unpaid principal of their installments; there must be none.
    pub adrift: Vec<LoanId>,
    /// The last of these loans; `None` after the partner's last loan.
    pub last: Option<LoanId>,
}

/// Checks the ledger of the partner's next `loans` loans after the loan `after`.
///
/// A loan's entries and installments change in one commit, so each step is consistent, also if others write between two
/// steps. Together the steps cover every entry and installment, even if its loan is missing.
pub fn check_some(
    tx: &mut Tx<'_>, partner: PartnerId, after: Option<LoanId>, loans: i64,
) -> Result<Checked, StoreError> {
    let behind = after.map_or_else(String::new, |loan| loan.to_string());
    let sql = "select id from loans where partner_id = $1 and id > $2 order by id limit 1 offset $3";
    let last: Option<LoanId> = tx.fetch_opt(sql, args![partner, behind, loans - 1])?;
    let range = Range { partner, behind, last };
    let held = range.held(tx)?;
    let unpaid = range.unpaid(tx)?;
    let mut receivable = held.receivable;
    for (loan, unpaid) in unpaid {
        let held = receivable.entry(loan).or_insert(Cents::ZERO);
        *held -= unpaid;
    }
    let adrift = receivable.into_iter().filter(|(_, rest)| *rest != Cents::ZERO).map(|(loan, _)| loan);
    let unbalanced = held.entries.into_iter().filter(|(_, sum)| *sum != Cents::ZERO).map(|(entry, _)| entry);
    let balances = held.balances.into_iter().map(|(account, amount)| Posting { account, amount });
    Ok(Checked {
        balances: in_order(balances.collect()),
        unbalanced: unbalanced.collect(),
        adrift: adrift.collect(),
        last,
    })
}

/// Loans of a partner: those after one loan, up to `last` or to the end.
struct Range {
    partner: PartnerId,
    behind: String,
    last: Option<LoanId>,
}

/// Sums over the journal of some loans.
#[derive(Default)]
struct Held {
    balances: HashMap<LedgerAccount, Cents>,
    entries: HashMap<JournalEntryId, Cents>,
    receivable: HashMap<LoanId, Cents>,
}

impl Range {
    /// The end of a condition on the loan's id, and the arguments.
    fn bounds(&self) -> (&'static str, Vec<Arg<'_>>) {
        let mut args = args![self.partner, self.behind].to_vec();
        match &self.last {
            None => ("loan_id > $2", args),
            Some(last) => {
                args.push(last.to_arg());
                ("loan_id > $2 and loan_id <= $3", args)
            }
        }
    }

    fn held(&self, tx: &mut Tx<'_>) -> Result<Held, StoreError> {
        let (bounds, args) = self.bounds();
        let sql = format!(
            "select loan_id, entry_id, account, amount from journal_postings where partner_id = $1 and {bounds}"
        );
        let mut held = Held::default();
        for (loan, entry, account, amount) in tx.fetch_all(&sql, &args)? {
            let add = |sum: &mut Cents| *sum += amount;
            add(held.balances.entry(account).or_insert(Cents::ZERO));
            add(held.entries.entry(entry).or_insert(Cents::ZERO));
            if account == LedgerAccount::PrincipalReceivable {
                add(held.receivable.entry(loan).or_insert(Cents::ZERO));
            }
        }
        Ok(held)
    }

    /// The unpaid principal of each loan, by its installments.
    fn unpaid(&self, tx: &mut Tx<'_>) -> Result<Vec<(LoanId, Cents)>, StoreError> {
        let (bounds, args) = self.bounds();
        let sql = format!(
            "select loan_id, cast(sum(principal - paid_principal) as bigint) from installments \
             where partner_id = $1 and {bounds} group by loan_id"
        );
        tx.fetch_all(&sql, &args)
    }
}
