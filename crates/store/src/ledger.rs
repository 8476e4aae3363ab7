//! The journal: entries that sum to zero, each with what caused it.

use std::collections::HashMap;

use domain::actor::Actor;
use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::money::Cents;
use domain::page::Page;
use domain::time::Timestamp;

use crate::db::{Arg, Row, ToArg, in_chunks, tuples};
use crate::document::corrupt;
use crate::listing::{Cursor, Listing, UnknownCursor, completed};
use crate::{StoreError, Tx, args};

/// An entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    /// Its id.
    pub id: JournalEntryId,
    /// The partner.
    pub partner: PartnerId,
    /// The loan whose accounts it moves.
    pub loan: LoanId,
    /// What happened: `disbursement`, `payment`, `reversal`.
    pub cause: String,
    /// What it happened to: the id of the loan or the payment.
    pub subject: String,
    /// Who made it happen.
    pub actor: Actor,
    /// When it was entered.
    pub entered_at: Timestamp,
    /// What it moves.
    pub postings: Postings,
}

/// Adds an entry.
pub fn append(tx: &mut Tx<'_>, entry: &JournalEntry) -> Result<(), StoreError> {
    let sql = "insert into journal_entries (partner_id, id, loan_id, cause, subject, actor, entered_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute_later(
        sql,
        args![entry.partner, entry.id, entry.loan, entry.cause, entry.subject, entry.actor, entry.entered_at],
    )?;
    let row = |posting: &Posting| {
        let account = Arg::Text(posting.account.name().into());
        vec![entry.partner.to_arg(), entry.id.to_arg(), account, Arg::Int(posting.amount.get())]
    };
    let rows: Vec<_> = entry.postings.iter().map(row).collect();
    tx.insert_rows("insert into journal_postings (partner_id, entry_id, account, amount)", &rows)
}

/// A page of a loan's entries.
pub fn of_loan(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    cursor: &Cursor<JournalEntryId>,
) -> Result<Result<Page<JournalEntry>, UnknownCursor>, StoreError> {
    type Head = (JournalEntryId, String, String, Actor, Timestamp);
    let listing = Listing::of("journal_entries", "id, cause, subject, actor, entered_at", &partner)
        .sorted_by("entered_at")
        .having("loan_id", Some(&loan));
    let head = |row: &Row<'_>| -> Result<Head, StoreError> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    };
    let heads = match listing.rows(tx, cursor, head)? {
        Ok(heads) => heads,
        Err(unknown) => return Ok(Err(unknown)),
    };
    let ids: Vec<JournalEntryId> = heads.items.iter().map(|(id, ..)| *id).collect();
    let mut postings = postings_of(tx, partner, &ids)?;
    let whole = |(id, cause, subject, actor, entered_at): Head, _tx: &mut Tx<'_>| {
        let moved = postings.remove(&id).unwrap_or(Ok(Vec::new()))?;
        let postings = Postings::balanced(moved).map_err(corrupt)?;
        Ok(JournalEntry { id, partner, loan, cause, subject, actor, entered_at, postings })
    };
    completed(tx, "journal_entries", heads, |(id, ..)| id.to_string(), whole).map(Ok)
}

/// What some entries move. A posting that does not read damages its entry only.
fn postings_of(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    entries: &[JournalEntryId],
) -> Result<HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>>, StoreError> {
    let mut postings: HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>> = HashMap::new();
    for chunk in in_chunks(entries) {
        let sql = format!(
            "select entry_id, account, amount from journal_postings where partner_id = $1 and entry_id in {}",
            tuples(1, chunk.len(), 2)
        );
        let mut args = args![partner].to_vec();
        args.extend(chunk.iter().map(ToArg::to_arg));
        let rows = tx.query(&sql, &args, |row| {
            let moved = row.get(1).and_then(|account: String| posting(&account, row.get(2)?));
            Ok((row.get::<JournalEntryId>(0)?, moved))
        })?;
        for (entry, moved) in rows {
            match (postings.entry(entry).or_insert_with(|| Ok(Vec::new())), moved) {
                (Ok(all), Ok(moved)) => all.push(moved),
                (damaged @ Ok(_), Err(error)) => *damaged = Err(error),
                (Err(_), _) => {}
            }
        }
    }
    Ok(postings)
}

/// What each account of a loan holds.
pub fn balances_of_loan(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
) -> Result<Vec<Posting>, StoreError> {
    // The loan's entries first: a join may begin with all of the partner's postings.
    let sql = "select account, cast(sum(amount) as bigint) from journal_postings \
               where partner_id = $1 and entry_id in (\
               select id from journal_entries where partner_id = $1 and loan_id = $2) group by account";
    let sums = tx.query(sql, args![partner, loan], |row| posting(&row.get::<String>(0)?, row.get(1)?))?;
    Ok(in_order(sums))
}

/// Postings in the order of a trial balance.
fn in_order(mut postings: Vec<Posting>) -> Vec<Posting> {
    postings.sort_by_key(|posting| LedgerAccount::ALL.iter().position(|account| *account == posting.account));
    postings
}

fn posting(account: &str, amount: Cents) -> Result<Posting, StoreError> {
    let account = LedgerAccount::parse(account).ok_or_else(|| corrupt("unknown account of the ledger"))?;
    Ok(Posting { account, amount })
}

/// What each account holds, over all loans of all partners.
pub fn trial_balance(tx: &mut Tx<'_>) -> Result<Vec<Posting>, StoreError> {
    let sql = "select account, cast(sum(amount) as bigint) from journal_postings group by account";
    let sums = tx.query(sql, &[], |row| posting(&row.get::<String>(0)?, row.get(1)?))?;
    Ok(in_order(sums))
}

/// Entries that do not sum to zero; there must be none.
pub fn unbalanced(tx: &mut Tx<'_>) -> Result<Vec<JournalEntryId>, StoreError> {
    let sql = "select entry_id from journal_postings group by partner_id, entry_id having sum(amount) <> 0";
    tx.query(sql, &[], |row| row.get(0))
}

/// Loans whose principal receivable is not what their installments say is unpaid; there must be none.
pub fn adrift(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, LoanId)>, StoreError> {
    let sql = "select partner_id, loan_id from ( \
                   select e.partner_id, e.loan_id, p.amount from journal_entries e \
                   join journal_postings p on p.partner_id = e.partner_id and p.entry_id = e.id \
                   where p.account = 'principal_receivable' \
                   union all \
                   select partner_id, loan_id, paid_principal - principal from transactions \
               ) as held group by partner_id, loan_id having sum(amount) <> 0";
    tx.query(sql, &[], |row| Ok((row.get(0)?, row.get(1)?)))
}
