//! The audit trail of operators. It is append-only, and the code of each entry covers the previous code.
//!
//! The code is an HMAC-SHA-256. The master key wraps its key, so a writer of the database cannot compute a new code.
//!
//! One row, the head, gives the entries their order, and writers take turns on it. Therefore entries are chained in
//! batches. Calls that change nothing come as a batch and are chained before they are answered ([`enter`]). A call that
//! changes something commits with its effect, under a separate code, and waits for the next batch ([`note`]).
//!
//! The chain alone does not show that its end is missing. Therefore its head is published at a place that a writer of
//! the database cannot reach. A check can compare the trail with a published head.
//!
//! Reasons: docs/decisions/0013.

mod line;

use std::fmt;
use std::str::FromStr;

use domain::id::OperatorId;
use domain::page::{Limit, Page};
use domain::time::Date;

pub use self::line::{AuditEntry, AuditedCall, StateChange};
pub(crate) use self::line::{CallRow, EntryRow};
use self::line::{Line, day_of};
use crate::db::{ToArg as _, row_count};
use crate::listing::opened_page;
use crate::seal::{hex, hmac_hex};
use crate::table::{Projection as _, select, table};
use crate::{StoreError, Tx, Wake, args};

table! {
    /// The end of the trail: one row.
    struct HeadRow in "audit_head" by (id) {
        id: i64,
        number: i64,
        hash: String,
    }
}

/// The end of the trail: its last entry, as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The entry's number; 0 for an empty trail.
    pub number: i64,
    /// The entry's code.
    pub hash: String,
}

impl FromStr for Head {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = "a head is NUMBER:HASH, as dinie audit head prints it";
        let (number, hash) = text.trim().split_once(':').ok_or(malformed)?;
        let number = number.parse().ok().filter(|number| *number >= 0).ok_or(malformed)?;
        let is_code =
            hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if is_code || (number == 0 && hash.is_empty()) {
            Ok(Self { number, hash: hash.to_owned() })
        } else {
            Err(malformed)
        }
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.number, self.hash)
    }
}

/// Stores a call in the transaction of its change. The next batch chains it.
pub fn note(tx: &mut Tx<'_>, call: &AuditedCall) -> Result<(), StoreError> {
    let line = Line::of(tx, call);
    let random: [u8; 8] = tx.random_bytes();
    // A batch reads calls by their ids, so ids have the order of the calls.
    let id = format!("{:016x}{}", line.at, hex(&random));
    let code = line.code(tx.keyring().audit_key(), &id);
    tx.insert(&CallRow::of(id, line, code))?;
    tx.wake(Wake::Audit);
    Ok(())
}

/// Most waiting calls of one batch.
const BATCH: usize = 500;
/// The code of a waiting call that was changed or forged. No HMAC has this value, so a check finds the entry.
const ALTERED: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Chains some waiting calls and returns their number; 0 if none waits.
pub fn settle(tx: &mut Tx<'_>) -> Result<usize, StoreError> {
    enter(tx, &[])
}

/// Chains waiting calls, then `calls`. Returns the number of waiting calls. Batches take turns on the head.
pub fn enter(tx: &mut Tx<'_>, calls: &[AuditedCall]) -> Result<usize, StoreError> {
    let Head { number: last, hash: mut before } = read_head(tx, tx.dialect().for_update)?;
    let waiting = take_waiting(tx)?;
    let waited = waiting.len();
    let key = *tx.keyring().audit_key();
    let mut lines = waiting;
    for call in calls {
        lines.push((Line::of(tx, call), true));
    }
    let mut rows = Vec::with_capacity(lines.len());
    for (number, (line, genuine)) in (last + 1..).zip(lines) {
        let code = if genuine {
            hmac_hex(&key, line.covered(number, &before).as_bytes())
        } else {
            tracing::error!(
                audit.number = number,
                "a call was changed before it was chained; the trail is broken there"
            );
            ALTERED.to_owned()
        };
        before.clone_from(&code);
        rows.push(EntryRow::of(number, line, code));
    }
    if rows.is_empty() {
        return Ok(0);
    }
    tx.insert_all(&rows)?;
    let number = last + row_count(rows.len());
    let sql = "update audit_head set number = $1, hash = $2 where id = 1 and number = $3";
    tx.execute_one(sql, args![number, before, last])?;
    Ok(waited)
}

/// Removes waiting calls from their table, oldest first. The flag says whether the call's code is right.
fn take_waiting(tx: &mut Tx<'_>) -> Result<Vec<(Line, bool)>, StoreError> {
    let key = *tx.keyring().audit_key();
    let sql = format!(
        "delete from audit_calls where id in (select id from audit_calls order by id limit {BATCH}) returning {}",
        CallRow::list()
    );
    let mut waiting = tx.fetch_written::<Result<CallRow, StoreError>>(&sql, &[])?;
    waiting.sort_by(|a, b| {
        let id = |row: &Result<CallRow, StoreError>| row.as_ref().ok().map(|row| row.id.clone());
        id(a).cmp(&id(b))
    });
    let mut lines = Vec::with_capacity(waiting.len());
    for row in waiting {
        lines.push(match row {
            Ok(row) => row.checked(&key),
            Err(_damaged) => (Line::unreadable(tx), false),
        });
    }
    Ok(lines)
}

/// The head of the trail: the number and the code of its last entry.
pub fn head(tx: &mut Tx<'_>) -> Result<Head, StoreError> {
    read_head(tx, "")
}

fn read_head(tx: &mut Tx<'_>, locking: &str) -> Result<Head, StoreError> {
    let sql = format!("select number, hash from audit_head where id = 1 {locking}");
    let (number, hash) = tx.fetch_one(&sql, &[])?;
    Ok(Head { number, hash })
}

/// Whether the trail still has a published head.
pub fn holds(tx: &mut Tx<'_>, published: &Head) -> Result<bool, StoreError> {
    if published.number == 0 {
        return Ok(true);
    }
    let sql = "select hash from audit_entries where number = $1";
    let hash: Option<String> = tx.fetch_opt(sql, args![published.number])?;
    Ok(hash.as_ref() == Some(&published.hash))
}

/// The calls of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallsOf {
    /// All calls.
    All,
    /// Only those of this operator.
    Operator(OperatorId),
    /// Only those of this request.
    Request(String),
}

/// The filter of a list of entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditFilter {
    /// The calls.
    pub of: CallsOf,
    /// Only the calls of this business date, by the machine's clock.
    pub day: Option<Date>,
}

/// A page of entries before number `before`, newest first.
pub fn list(
    tx: &mut Tx<'_>, filter: &AuditFilter, before: i64, limit: Limit,
) -> Result<Page<AuditEntry>, StoreError> {
    let limit = limit.get();
    let mut args = vec![before.to_arg().kept()];
    let mut conditions = String::new();
    if let Some(day) = filter.day {
        // Waiting calls are chained late, so the numbers of two days may mix.
        let Some((first, last)) = numbers_of(tx, day)? else { return Ok(Page::empty(false)) };
        args[0] = before.min(last + 1).to_arg().kept();
        args.extend([first.to_arg().kept(), day.to_arg().kept()]);
        conditions.push_str(" and number >= $2 and day = $3");
    }
    let (column, value) = match &filter.of {
        CallsOf::All => ("", None),
        CallsOf::Operator(operator) => ("operator_id", Some(operator.to_arg().kept())),
        CallsOf::Request(request) => ("request_id", Some(request.to_arg().kept())),
    };
    if let Some(value) = value {
        args.push(value);
        conditions = format!("{conditions} and {column} = ${}", args.len());
    }
    let rest = format!("where number < $1{conditions} order by number desc limit {}", limit + 1);
    let rows = tx.find_marked(EntryRow::number, &rest, &args)?;
    opened_page(tx, rows, limit, |row: EntryRow, tx| row.read(tx))
}

/// The first and the last number of a day's entries.
fn numbers_of(tx: &mut Tx<'_>, day: Date) -> Result<Option<(i64, i64)>, StoreError> {
    let mut end = |order: &str| {
        let sql = format!("select number from audit_entries where day = $1 order by number {order} limit 1");
        tx.fetch_opt::<i64>(&sql, args![day])
    };
    Ok(end("asc")?.zip(end("desc")?))
}

/// The result of a check of the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trail {
    /// Every entry follows from the previous one, and the head from the last entry.
    Whole {
        /// The number of entries.
        entries: i64,
    },
    /// The entry with this number is missing or was changed.
    BrokenAt(i64),
    /// The entry that was published under this number is missing or differs.
    NotAsPublished(i64),
}

/// Checks the whole trail, and that it still has the published head, if one is given.
pub fn check(tx: &mut Tx<'_>, published: Option<&Head>) -> Result<Trail, StoreError> {
    let key = *tx.keyring().audit_key();
    let (mut number, mut hash) = (0, String::new());
    loop {
        let next = select::<EntryRow>("where number > $1 order by number limit 1000");
        let entries: Vec<Result<EntryRow, StoreError>> = tx.fetch_all(&next, args![number])?;
        if entries.is_empty() {
            break;
        }
        for entry in entries {
            number += 1;
            let Ok(entry) = entry else { return Ok(Trail::BrokenAt(number)) };
            let (own_number, own_hash, day) = (entry.number, entry.hash.clone(), entry.day);
            let line = entry.line();
            let code = hmac_hex(&key, line.covered(number, &hash).as_bytes());
            if (own_number, &own_hash, day) != (number, &code, day_of(line.at)) {
                return Ok(Trail::BrokenAt(number));
            }
            hash = own_hash;
        }
    }
    if head(tx)? != (Head { number, hash }) {
        return Ok(Trail::BrokenAt(number + 1));
    }
    match published {
        Some(published) if !holds(tx, published)? => Ok(Trail::NotAsPublished(published.number)),
        _as_published => Ok(Trail::Whole { entries: number }),
    }
}
