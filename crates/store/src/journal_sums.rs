//! Sums of the journal by account, so that a trial balance does not read the journal.
//!
//! The commit of an entry also writes a small row here: the entry waits. A worker adds waiting entries to the sums of
//! their day, month and year, and deletes their rows in the same transaction. So the sums and the waiting entries
//! together are exact at every moment, also if an entry is committed long after its day. Writers never change a sum, so
//! no writer waits for another one.
//!
//! Reasons: docs/decisions/0033.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{JournalEntryId, LoanId, PartnerId, ResourceId as _};
use domain::ledger::LedgerAccount;
use domain::money::Cents;
use domain::time::{Date, Timestamp};
use domain::trial_balance::{AccountDay, Moved, Period, TrialBalance};

use crate::days::ids_of_day;
use crate::db::{ToArg, among, in_chunks, row_count, tuples};
use crate::postings::{self, EntryKey};
use crate::table::{Table, table};
use crate::{StoreError, Tx, Wake, args};

table! {
    /// An entry that is not in the sums yet.
    struct WaitingRow in "journal_waiting" by (partner_id, entry_id) {
        partner_id: PartnerId,
        entry_id: JournalEntryId,
        loan_id: LoanId,
        day: Date,
    }
}

table! {
    /// A sum as it is stored.
    struct SumRow in "journal_sums" by (partner_id, period, begins, account) {
        partner_id: PartnerId,
        period: Period,
        begins: Date,
        account: LedgerAccount,
        debit: Cents,
        credit: Cents,
        debits: i64,
        credits: i64,
    }
}

/// Notes in the commit of an entry that the sums lack it.
pub(crate) fn note(tx: &mut Tx<'_>, of: EntryKey, entered_at: Timestamp) -> Result<(), StoreError> {
    let (partner_id, loan_id, entry_id) = of;
    tx.wake(Wake::Journal);
    tx.insert(&WaitingRow { partner_id, entry_id, loan_id, day: entered_at.business_date() })
}

/// The partners with waiting entries.
pub fn behind(tx: &mut Tx<'_>) -> Result<Vec<PartnerId>, StoreError> {
    let sql = "select partner_id from journal_waiting where partner_id > $1 order by partner_id limit 1";
    let (mut found, mut after) = (Vec::new(), String::new());
    while let Some(partner) = tx.fetch_opt::<PartnerId>(sql, args![after])? {
        after = partner.to_string();
        found.push(partner);
    }
    Ok(found)
}

/// A step through the waiting entries of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Step {
    /// The number of entries that it read.
    pub read: u64,
    /// The number of entries that the sums have now.
    pub added: u64,
    /// The ids of entries that cannot be read. They wait on.
    pub unreadable: Vec<String>,
    /// The id of the last entry that it read, after which the next step begins.
    pub last: Option<String>,
}

/// Adds at most `rows` waiting entries of a partner to the sums: those after the id `after`, the oldest first. An entry that
/// cannot be read waits on, and the next step begins after it. Another node may have some of them.
pub fn advance(tx: &mut Tx<'_>, partner: PartnerId, after: &str, rows: i64) -> Result<Step, StoreError> {
    // The lock only saves work. The number of deleted rows decides.
    let lock = tx.dialect().skip_locked;
    let next = format!("where partner_id = $1 and entry_id > $2 order by entry_id limit $3 {lock}");
    let (mut step, mut waiting) = (Step::default(), Vec::new());
    for (row, id) in tx.find_marked(WaitingRow::entry_id, &next, args![partner, *after, rows])? {
        step.read += 1;
        step.last = Some(id.as_str().to_owned());
        waiting.extend(step.readable::<WaitingRow>(row, id.as_str())?);
    }
    let keys: Vec<EntryKey> = waiting.iter().map(|row| (partner, row.loan_id, row.entry_id)).collect();
    let mut postings = postings::of_entries(tx, &keys)?;
    let (mut sums, mut done) = (BTreeMap::new(), Vec::new());
    for WaitingRow { entry_id, day, .. } in waiting {
        let moved = postings.remove(&entry_id).unwrap_or(Ok(Vec::new()));
        let Some(moved) = step.readable(moved, &entry_id.to_string())? else { continue };
        for (posting, period) in moved.iter().flat_map(|one| Period::ALL.map(|period| (one, period))) {
            let place = (period, period.beginning(day), posting.account);
            sums.entry(place).or_insert(Moved::NONE).add(posting.amount);
        }
        done.push(entry_id);
    }
    add(tx, partner, &sums)?;
    remove(tx, partner, &done)?;
    step.unreadable.iter().for_each(|id| tx.note_unreadable("journal_entries", id));
    step.added = row_count(done.len()).unsigned_abs();
    Ok(step)
}

impl Step {
    /// A value of an entry; `None` if it cannot be read, which is noted.
    fn readable<T>(&mut self, read: Result<T, StoreError>, id: &str) -> Result<Option<T>, StoreError> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(StoreError::Corrupt(_)) => {
                self.unreadable.push(id.to_owned());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Takes the entries of loans out of the sums, and out of the waiting entries, because the same transaction deletes them.
/// An entry that cannot be read stays in the sums. `Conflict` if a worker adds some of them meanwhile.
pub(crate) fn forget(tx: &mut Tx<'_>, partner: PartnerId, loans: &[LoanId]) -> Result<(), StoreError> {
    let (these, of) = among(loans, 2);
    let args: Vec<_> = [partner.to_arg()].into_iter().chain(of).collect();
    let sql = format!(
        "select loan_id, id, entered_at from journal_entries where partner_id = $1 and loan_id {these}"
    );
    let mut entries: Vec<(LoanId, JournalEntryId, Timestamp)> = tx.fetch_all(&sql, &args)?;
    for chunk in in_chunks(&entries.iter().map(|(_, id, _)| *id).collect::<Vec<_>>()) {
        let (these, of) = among(chunk, 2);
        let args: Vec<_> = [partner.to_arg()].into_iter().chain(of).collect();
        let sql = format!("select entry_id from journal_waiting where partner_id = $1 and entry_id {these}");
        let waiting: Vec<JournalEntryId> = tx.fetch_all(&sql, &args)?;
        remove(tx, partner, &waiting)?;
        entries.retain(|(_, id, _)| !waiting.contains(id));
    }
    let keys: Vec<EntryKey> = entries.iter().map(|(loan, id, _)| (partner, *loan, *id)).collect();
    let mut postings = postings::of_entries(tx, &keys)?;
    let mut sums: BTreeMap<(Period, Date, LedgerAccount), Moved> = BTreeMap::new();
    for (_, id, entered_at) in entries {
        let day = entered_at.business_date();
        for posting in postings.remove(&id).and_then(Result::ok).into_iter().flatten() {
            for period in Period::ALL {
                let place = (period, period.beginning(day), posting.account);
                sums.entry(place).or_insert(Moved::NONE).add(posting.amount);
            }
        }
    }
    add(tx, partner, &sums.into_iter().map(|(place, moved)| (place, -moved)).collect())
}

/// Adds amounts to the sums. Nodes do it in the same order, so none waits for one that waits for it.
fn add(
    tx: &mut Tx<'_>, partner: PartnerId, sums: &BTreeMap<(Period, Date, LedgerAccount), Moved>,
) -> Result<(), StoreError> {
    let row = |(&(period, begins, account), &moved): (&(Period, Date, LedgerAccount), &Moved)| {
        let Moved { debit, credit, debits, credits } = moved;
        SumRow { partner_id: partner, period, begins, account, debit, credit, debits, credits }
    };
    let rows: Vec<SumRow> = sums.iter().map(row).collect();
    for chunk in in_chunks(&rows) {
        let sql = format!(
            "{} values {} on conflict (partner_id, period, begins, account) do update set \
             debit = journal_sums.debit + excluded.debit, credit = journal_sums.credit + excluded.credit, \
             debits = journal_sums.debits + excluded.debits, credits = journal_sums.credits + excluded.credits",
            SumRow::INSERT,
            tuples(chunk.len(), SumRow::COLUMNS.len(), 1)
        );
        let args: Vec<_> = chunk.iter().flat_map(Table::args).collect();
        tx.execute(&sql, &args)?;
    }
    Ok(())
}

/// Deletes the rows of entries that the sums have now.
fn remove(tx: &mut Tx<'_>, partner: PartnerId, done: &[JournalEntryId]) -> Result<(), StoreError> {
    for chunk in in_chunks(done) {
        let (these, of) = among(chunk, 2);
        let sql = format!("delete from journal_waiting where partner_id = $1 and entry_id {these}");
        let mut args = args![partner].to_vec();
        args.extend(of);
        if tx.execute(&sql, &args)? != row_count(chunk.len()).unsigned_abs() {
            // Another node has added them.
            return Err(StoreError::Conflict);
        }
    }
    Ok(())
}

/// The sums of the periods before a day, and of the day itself, beside the postings of waiting entries. At most the
/// sums of 11 months, of 31 days and of every year are read for each partner.
fn moved_until(of: &str) -> String {
    let sums = |period: Period, condition: &str| {
        format!(
            "select s.account as account, s.begins as day, s.debit as debit, s.credit as credit, \
             s.debits as debits, s.credits as credits from partners p cross join journal_sums s \
             where s.partner_id = p.id and s.period = '{}' and {condition}{of}",
            period.name()
        )
    };
    [
        sums(Period::Year, "s.begins < $1"),
        sums(Period::Month, "s.begins >= $1 and s.begins < $2"),
        sums(Period::Day, "s.begins >= $2 and s.begins <= $3"),
        format!("{} and w.day <= $3{of}", waiting("x.account as account, w.day as day, ")),
    ]
    .join(" union all ")
}

/// The postings of waiting entries, with further columns. More conditions may follow.
fn waiting(columns: &str) -> String {
    format!(
        "select {columns}{}, {}, {}, {} from partners p cross join journal_waiting w cross join journal_postings x \
         where w.partner_id = p.id and x.partner_id = w.partner_id and x.loan_id = w.loan_id and x.entry_id = w.entry_id",
        side(">", "x.amount", "debit"),
        side("<", "-x.amount", "credit"),
        side(">", "1", "debits"),
        side("<", "1", "credits"),
    )
}

/// A value of the postings whose amount has a sign.
fn side(sign: &str, value: &str, name: &str) -> String {
    format!("case when x.amount {sign} 0 then {value} else 0 end as {name}")
}

/// The trial balance of a day, of one partner or of all, by their own dates. It is one statement, so it is exact beside
/// writers and workers.
pub fn balance(tx: &mut Tx<'_>, day: Date, partner: Option<PartnerId>) -> Result<TrialBalance, StoreError> {
    let sum = |value: &str, when: &str| {
        format!("cast(sum(case when day {when} $3 then {value} else 0 end) as bigint)")
    };
    let sql = format!(
        "select account, {}, {}, {}, {}, {} from ({}) as moved group by account",
        sum("debit - credit", "<"),
        sum("debit", "="),
        sum("credit", "="),
        sum("debits", "="),
        sum("credits", "="),
        moved_until(if partner.is_some() { " and p.id = $4" } else { "" })
    );
    let (year, month) = (Period::Year.beginning(day), Period::Month.beginning(day));
    let mut args = args![year, month, day].to_vec();
    args.extend(partner.iter().map(ToArg::to_arg));
    let rows =
        tx.fetch_all::<Result<(LedgerAccount, Cents, (Cents, Cents), (i64, i64)), StoreError>>(&sql, &args)?;
    let read = rows.len();
    let account = |(account, opening, (debit, credit), (debits, credits))| AccountDay {
        account,
        opening,
        moved: Moved { debit, credit, debits, credits },
    };
    let mut accounts: Vec<AccountDay> = rows.into_iter().flatten().map(account).collect();
    accounts.sort_by_key(|day| LedgerAccount::ALL.iter().position(|account| *account == day.account));
    Ok(TrialBalance { day, unreadable: read - accounts.len(), accounts })
}

/// The movements of an account on a day, over all partners.
pub fn moved_on(tx: &mut Tx<'_>, day: Date, account: LedgerAccount) -> Result<Moved, StoreError> {
    let sum = |value: &str| format!("cast(coalesce(sum({value}), 0) as bigint)");
    let sql = format!(
        "select {}, {}, {}, {} from ( \
             select s.debit as debit, s.credit as credit, s.debits as debits, s.credits as credits \
             from partners p cross join journal_sums s \
             where s.partner_id = p.id and s.period = 'day' and s.begins = $1 and s.account = $2 \
             union all {} and w.day = $1 and x.account = $2 \
         ) as moved",
        sum("debit"),
        sum("credit"),
        sum("debits"),
        sum("credits"),
        waiting("")
    );
    let ((debit, credit), (debits, credits)) = tx.fetch_one(&sql, args![day, account])?;
    Ok(Moved { debit, credit, debits, credits })
}

/// The day of the first entry from this day on.
pub fn day_from(tx: &mut Tx<'_>, day: Date) -> Result<Option<Date>, StoreError> {
    let sql = "select min(id) from journal_entries where id >= $1";
    let first: Option<JournalEntryId> = tx.fetch_one(sql, args![ids_of_day::<JournalEntryId>(day).0])?;
    Ok(first.map(|id| id.moment().business_date()))
}

/// The stored sums of a partner, checked against each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SumsCheck {
    /// The days that have sums.
    pub days: BTreeSet<Date>,
    /// The months whose sums are not those of their days, and the years whose sums are not those of their months.
    pub wrong: BTreeSet<(Period, Date)>,
}

/// Checks the sums of a partner's months and years, from which the openings of days come. They are right unless a row was
/// changed by hand. One statement reads them all, so a worker that adds entries meanwhile changes nothing.
pub fn check_sums(tx: &mut Tx<'_>, partner: PartnerId) -> Result<SumsCheck, StoreError> {
    let sql = "select period, begins, account, debit, credit, debits, credits from journal_sums where partner_id = $1";
    let rows: Vec<StoredSum> = tx.fetch_all(sql, args![partner])?;
    let mut check = SumsCheck::default();
    // The sum of each month and year, less those of the periods in it: nothing is left if both are right.
    let mut left: BTreeMap<(Period, Date, LedgerAccount), Moved> = BTreeMap::new();
    for (period, begins, account, (debit, credit), (debits, credits)) in rows {
        let moved = Moved { debit, credit, debits, credits };
        if period == Period::Day {
            check.days.insert(begins);
        } else {
            *left.entry((period, begins, account)).or_insert(Moved::NONE) += moved;
        }
        if let Some(outer) = period.outer() {
            *left.entry((outer, outer.beginning(begins), account)).or_insert(Moved::NONE) += -moved;
        }
    }
    let wrong = left.into_iter().filter(|(_, moved)| *moved != Moved::NONE);
    check.wrong = wrong.map(|((period, begins, _), _)| (period, begins)).collect();
    Ok(check)
}

/// A row of sums: the period, the account, the amounts, the numbers.
type StoredSum = (Period, Date, LedgerAccount, (Cents, Cents), (i64, i64));

/// An account with its debits and credits of a day: amounts, then numbers.
type Counted = (LedgerAccount, (Cents, Cents), (i64, i64));

/// Whether the sums of a day and its waiting entries are those of the journal, over all partners. They are unless a row
/// was changed by hand.
pub fn is_day_right(tx: &mut Tx<'_>, day: Date) -> Result<bool, StoreError> {
    let (first, next) = ids_of_day::<JournalEntryId>(day);
    let sum = |sign: &str, value: &str| {
        format!("cast(sum(case when x.amount {sign} 0 then {value} else 0 end) as bigint)")
    };
    let sql = format!(
        "select x.account, {}, {}, {}, {} from journal_entries e join journal_postings x \
         on x.partner_id = e.partner_id and x.loan_id = e.loan_id and x.entry_id = e.id \
         where e.id >= $1 and e.id < $2 group by x.account",
        sum(">", "x.amount"),
        sum("<", "-x.amount"),
        sum(">", "1"),
        sum("<", "1"),
    );
    let journal: Vec<Counted> = tx.fetch_all(&sql, args![first, next])?;
    let balance = balance(tx, day, None)?;
    let moved: Vec<(LedgerAccount, Moved)> = balance
        .accounts
        .iter()
        .map(|day| (day.account, day.moved))
        .filter(|(_, moved)| *moved != Moved::NONE)
        .collect();
    let is_summed = |&(account, (debit, credit), (debits, credits)): &Counted| {
        moved.contains(&(account, Moved { debit, credit, debits, credits }))
    };
    Ok(balance.unreadable == 0 && journal.len() == moved.len() && journal.iter().all(is_summed))
}
