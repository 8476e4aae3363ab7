//! Ended cases: when a subject left a queue, and since when it had waited there.
//!
//! The rows live for a day. With the cases that still wait they give the arrivals and departures of each hour, for the
//! charts of the console's first page.
//!
//! Reasons: docs/decisions/0027.

use domain::id::{CustomerId, PartnerId};
use domain::money::Cents;
use domain::queue::{CaseSubject, Queue};
use domain::time::{RealTime, Timestamp};

use crate::db::ToArg;
use crate::document::set_of;
use crate::table::table;
use crate::{StoreError, Tx, args};

/// Microseconds of an hour.
const HOUR: i64 = 3_600_000_000;

/// A time at which a subject begins or stops to wait. Cases wait in real time, also if a partner's clock is moved.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Moment {
    /// By the partner's clock.
    OnClock(Timestamp),
    /// By the machine's clock.
    Real(RealTime),
}

impl Moment {
    /// The expression of the real time with the value at a place, for a statement whose first value is the partner; and
    /// the value.
    pub(crate) fn sql(self, place: usize) -> (String, i64) {
        match self {
            Self::OnClock(at) => {
                (format!("${place} - (select clock_offset from partners where id = $1)"), at.micros())
            }
            Self::Real(at) => (format!("${place}"), at.micros()),
        }
    }
}

table! {
    /// An ended case as it is stored.
    struct EndRow in "case_ends" by (subject_id, queue, left_at) {
        partner_id: Option<PartnerId>,
        subject_id: CaseSubject,
        queue: Queue,
        left_at: RealTime,
        since: RealTime,
        customer_id: Option<CustomerId>,
        amount: Option<Cents>,
    }
}

/// The cases that end.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ending {
    /// The one in this queue.
    In(Queue),
    /// Those in all other queues.
    AllBut(Queue),
}

/// Notes the ends of a subject's cases, before they are deleted.
pub(crate) fn note(
    tx: &mut Tx<'_>, partner: &impl ToArg, subject: &impl ToArg, ending: Ending, at: Moment,
) -> Result<(), StoreError> {
    let (left_at, at) = at.sql(4);
    let (queue, sign) = match ending {
        Ending::In(queue) => (queue, "="),
        Ending::AllBut(queue) => (queue, "<>"),
    };
    let sql = format!(
        "insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) \
         select partner_id, subject_id, queue, {left_at}, since, customer_id, amount from cases \
         where partner_id = $1 and subject_id = $2 and queue {sign} $3 \
         on conflict (subject_id, queue, left_at) do nothing"
    );
    tx.execute_later(&sql, args![*partner, *subject, queue, at])
}

/// [`note`] for a subject that belongs to no partner.
pub(crate) fn note_lenders(
    tx: &mut Tx<'_>, subject: CaseSubject, queue: Queue, at: RealTime,
) -> Result<(), StoreError> {
    let sql = "insert into case_ends (partner_id, subject_id, queue, left_at, since, customer_id, amount) \
               select partner_id, subject_id, queue, $3, since, customer_id, amount from cases \
               where subject_id = $1 and queue = $2 on conflict (subject_id, queue, left_at) do nothing";
    tx.execute_later(sql, args![subject, queue, at])
}

/// The cases that arrived in a queue in an hour, or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The queue.
    pub queue: Queue,
    /// The hour, counted from the beginning of the time.
    pub hour: i64,
    /// The number of cases.
    pub cases: i64,
}

/// The arrivals and the departures since a time, by queue and hour. Overdue loans have no rows.
pub fn moved_since(tx: &mut Tx<'_>, time: RealTime) -> Result<(Vec<Moved>, Vec<Moved>), StoreError> {
    let queues = set_of(|queue: Queue| queue != Queue::Overdue);
    let count = |tx: &mut Tx<'_>, table: &str, moment: &str| {
        let sql = format!(
            "select queue, ({moment} - $1) / {HOUR} as hour, count(*) from {table} \
             where queue in {queues} and {moment} >= $1 group by queue, hour"
        );
        let counted: Vec<(Queue, i64, i64)> = tx.fetch_all(&sql, args![time])?;
        let counted = counted.into_iter();
        Ok::<_, StoreError>(counted.map(|(queue, hour, cases)| Moved { queue, hour, cases }))
    };
    let arrived = count(tx, "cases", "since")?.chain(count(tx, "case_ends", "since")?).collect();
    Ok((arrived, count(tx, "case_ends", "left_at")?.collect()))
}

/// A case that arrived in a queue, or left it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// The queue.
    pub queue: Queue,
    /// The subject.
    pub subject: CaseSubject,
    /// The customer, if the subject has one.
    pub customer: Option<CustomerId>,
    /// The amount that the case is about.
    pub amount: Option<Cents>,
    /// The time.
    pub at: RealTime,
    /// Whether it arrived; otherwise it left.
    pub arrived: bool,
}

/// The newest arrivals and departures of some queues, newest first.
pub fn newest(tx: &mut Tx<'_>, queues: &[Queue], most: usize) -> Result<Vec<Move>, StoreError> {
    let mut moves = Vec::new();
    let limit = i64::try_from(most).expect("a list is short");
    for queue in queues {
        // Each queue is read by its index, and has its own departures and arrivals.
        for (table, moment, arrived) in
            [("cases", "since", true), ("case_ends", "since", true), ("case_ends", "left_at", false)]
        {
            let sql = format!(
                "select subject_id, customer_id, amount, {moment} from {table} \
                 where queue = $1 order by {moment} desc limit $2"
            );
            let rows: Vec<(CaseSubject, Option<CustomerId>, Option<Cents>, RealTime)> =
                tx.fetch_all(&sql, args![*queue, limit])?;
            let one = |(subject, customer, amount, at)| Move {
                queue: *queue,
                subject,
                customer,
                amount,
                at,
                arrived,
            };
            moves.extend(rows.into_iter().map(one));
        }
    }
    moves.sort_by_key(|one| (std::cmp::Reverse(one.at), one.arrived));
    moves.truncate(most);
    Ok(moves)
}

/// The number and the amount of the disbursements that were confirmed from `since` on: the loans that left their queue
/// and were not returned.
pub fn disbursed_since(tx: &mut Tx<'_>, since: RealTime) -> Result<(i64, Cents), StoreError> {
    let returned = |table: &str| {
        format!(
            "not exists (select 1 from {table} r where r.partner_id = e.partner_id \
             and r.subject_id = e.subject_id and r.queue = $3 and r.since = e.left_at)"
        )
    };
    let sql = format!(
        "select count(*), cast(coalesce(sum(e.amount), 0) as bigint) from case_ends e \
         where e.queue = $2 and e.left_at >= $1 and {} and {}",
        returned("cases"),
        returned("case_ends")
    );
    tx.fetch_one(&sql, args![since, Queue::Disbursing, Queue::DisbursementsReturned])
}

/// Deletes up to `rows` ends from before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "delete from case_ends where left_at <= (select max(left_at) from (select left_at from case_ends \
               where left_at < $1 order by left_at limit $2) as oldest)";
    tx.execute(sql, args![cutoff, rows])
}
