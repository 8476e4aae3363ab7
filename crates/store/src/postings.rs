//! The postings of the journal's entries.

use std::collections::HashMap;

use domain::id::{JournalEntryId, LoanId, PartnerId};
use domain::ledger::{LedgerAccount, Posting, Postings};
use domain::money::Cents;

use crate::db::{LONGEST, ToArg, padded_tuples};
use crate::table::table;
use crate::{StoreError, Tx};

table! {
    /// A posting as it is stored.
    struct PostingRow in "journal_postings" by (partner_id, loan_id, entry_id, account) {
        partner_id: PartnerId,
        loan_id: LoanId,
        entry_id: JournalEntryId,
        account: LedgerAccount,
        amount: Cents,
    }
}

/// The key of an entry.
pub(crate) type EntryKey = (PartnerId, LoanId, JournalEntryId);

/// Adds the postings of an entry.
pub(crate) fn insert(tx: &mut Tx<'_>, of: EntryKey, postings: &Postings) -> Result<(), StoreError> {
    let (partner_id, loan_id, entry_id) = of;
    let row = |posting: &Posting| PostingRow {
        partner_id,
        loan_id,
        entry_id,
        account: posting.account,
        amount: posting.amount,
    };
    tx.insert_all(&postings.iter().map(row).collect::<Vec<_>>())
}

/// The postings of some entries. An unreadable posting damages only its entry. An entry without postings is missing.
pub(crate) fn of_entries(
    tx: &mut Tx<'_>, entries: &[EntryKey],
) -> Result<HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>>, StoreError> {
    let mut postings: HashMap<JournalEntryId, Result<Vec<Posting>, StoreError>> = HashMap::new();
    for chunk in entries.chunks(LONGEST) {
        let mut args: Vec<_> =
            chunk.iter().flat_map(|(p, loan, entry)| [p.to_arg(), loan.to_arg(), entry.to_arg()]).collect();
        let sql = format!(
            "with given (of_partner, of_loan, of_entry) as (values {}) \
             select x.entry_id, x.account, x.amount from given join journal_postings x \
             on x.partner_id = of_partner and x.loan_id = of_loan and x.entry_id = of_entry",
            padded_tuples(chunk.len(), 3, &mut args)
        );
        let rows =
            tx.fetch_all::<(JournalEntryId, Result<(LedgerAccount, Cents), StoreError>)>(&sql, &args)?;
        for (entry, moved) in rows {
            let moved = moved.map(|(account, amount)| Posting { account, amount });
            match (postings.entry(entry).or_insert_with(|| Ok(Vec::new())), moved) {
                (Ok(all), Ok(moved)) => all.push(moved),
                (damaged @ Ok(_), Err(error)) => *damaged = Err(error),
                (Err(_), _) => {}
            }
        }
    }
    Ok(postings)
}
