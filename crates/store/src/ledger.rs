//! The journal: entries that sum to zero, each with what caused it.

use std::collections::HashMap;

use domain::actor::Actor;
use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::money::Cents;
use domain::page::Page;
use domain::time::Timestamp;

use crate::db::{Arg, Row, ToArg, in_chunks, tuples};
use crate::document::{self, corrupt};
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
    let sql = "insert into journal_entries (partner_id, loan_id, id, cause, subject, actor, entered_at) \
               values ($1, $2, $3, $4, $5, $6, $7)";
    tx.execute_later(
        sql,
        args![entry.partner, entry.loan, entry.id, entry.cause, entry.subject, entry.actor, entry.entered_at],
    )?;
    let row = |posting: &Posting| {
        let account = Arg::Text(posting.account.name().into());
        let amount = Arg::Int(posting.amount.get());
        vec![entry.partner.to_arg(), entry.loan.to_arg(), entry.id.to_arg(), account, amount]
    };
    let rows: Vec<_> = entry.postings.iter().map(row).collect();
    tx.insert_rows("insert into journal_postings (partner_id, loan_id, entry_id, account, amount)", &rows)
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
        .within("loan_id", Some(&loan))
        .sorted_by("entered_at");
    let head = |row: &Row<'_>| -> Result<Head, StoreError> {
        Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
    };
    let heads = match listing.rows(tx, cursor, head)? {
        Ok(heads) => heads,
        Err(unknown) => return Ok(Err(unknown)),
    };
    let ids: Vec<JournalEntryId> = heads.items.iter().map(|(id, ..)| *id).collect();
    let mut postings = postings_of(tx, partner, loan, &ids)?;
    let whole = |(id, cause, subject, actor, entered_at): Head, _tx: &mut Tx<'_>| {
        let moved = postings.remove(&id).unwrap_or(Ok(Vec::new()))?;
        let postings = Postings::balanced(moved).map_err(corrupt)?;
        Ok(JournalEntry { id, partner, loan, cause, subject, actor, entered_at, postings })
    };
    completed(tx, "journal_entries", heads, |(id, ..)| id.to_string(), whole).map(Ok)
}

/// The postings of some entries of a loan. A posting that does not read damages its entry only.
fn postings_of(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    loan: LoanId,
    entries: &[JournalEntryId],
) -> Result<HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>>, StoreError> {
    let mut postings: HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>> = HashMap::new();
    for chunk in in_chunks(entries) {
        let sql = format!(
            "select entry_id, account, amount from journal_postings \
             where partner_id = $1 and loan_id = $2 and entry_id in {}",
            tuples(1, chunk.len(), 3)
        );
        let mut args = args![partner, loan].to_vec();
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
    let sql = "select account, cast(sum(amount) as bigint) from journal_postings \
               where partner_id = $1 and loan_id = $2 group by account";
    let read = |row: &Row<'_>| posting(&row.get::<String>(0)?, row.get(1)?);
    // Whoever enters something writes the loan by the version that it had before.
    Ok(in_order(tx.beside(|tx| tx.query(sql, args![partner, loan], read))?))
}

/// Postings in the order of a trial balance.
fn in_order(mut postings: Vec<Posting>) -> Vec<Posting> {
    postings.sort_by_key(|posting| LedgerAccount::ALL.iter().position(|account| *account == posting.account));
    postings
}

fn posting(account: &str, amount: Cents) -> Result<Posting, StoreError> {
    Ok(Posting { account: document::parsed(account)?, amount })
}

/// The result of a check of some loans of a partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The balance of each account, over these loans.
    pub balances: Vec<Posting>,
    /// Entries that do not sum to zero; there must be none.
    pub unbalanced: Vec<JournalEntryId>,
    /// Loans whose principal receivable is not what their installments say is unpaid; there must be none.
    pub adrift: Vec<LoanId>,
    /// The last of these loans; `None` at the end of the partner's.
    pub last: Option<LoanId>,
}

/// Checks the ledger of the partner's next `loans` loans, behind `after`.
///
/// A loan's entries and installments change in one commit, so each step is right by itself, whatever others write between
/// two of them. Together the steps cover every entry and installment, also one whose loan is missing.
pub fn check_some(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    after: Option<LoanId>,
    loans: i64,
) -> Result<Checked, StoreError> {
    let behind = after.map_or_else(String::new, |loan| loan.to_string());
    let sql = "select id from loans where partner_id = $1 and id > $2 order by id limit 1 offset $3";
    let last: Option<LoanId> = tx.query_opt(sql, args![partner, behind, loans - 1], |row| row.get(0))?;
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

/// Loans of a partner: those behind one, up to `last` or to the end.
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
        tx.query(&sql, &args, |row| {
            let Posting { account, amount } = posting(&row.get::<String>(2)?, row.get(3)?)?;
            let add = |sum: &mut Cents| *sum += amount;
            add(held.balances.entry(account).or_insert(Cents::ZERO));
            add(held.entries.entry(row.get(1)?).or_insert(Cents::ZERO));
            if account == LedgerAccount::PrincipalReceivable {
                add(held.receivable.entry(row.get(0)?).or_insert(Cents::ZERO));
            }
            Ok(())
        })?;
        Ok(held)
    }

    /// What the installments of each loan say is unpaid.
    fn unpaid(&self, tx: &mut Tx<'_>) -> Result<Vec<(LoanId, Cents)>, StoreError> {
        let (bounds, args) = self.bounds();
        let sql = format!(
            "select loan_id, cast(sum(principal - paid_principal) as bigint) from installments \
             where partner_id = $1 and {bounds} group by loan_id"
        );
        tx.query(&sql, &args, |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
