//! Work that is due at a time, such as decisions without a person.

use std::borrow::Cow;
use std::collections::HashSet;

use domain::cause::{Cause, SpanPlace};
use domain::id::{JobId, PartnerId};
use domain::time::{RealTime, Timestamp};

use crate::table::table;
use crate::{StoreError, Tx, Wake, args};

table! {
    /// A job as it is stored.
    struct JobRow in "jobs" by (partner_id, id) {
        partner_id: PartnerId,
        id: JobId,
        kind: Cow<'static, str>,
        subject_id: String,
        due_at: Timestamp,
        attempts: i64,
        request_id: Option<String>,
        traceparent: Option<SpanPlace>,
    }
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        let JobRow { partner_id: partner, id, kind, subject_id: subject, due_at, attempts, .. } = row;
        let cause = Cause { request: row.request_id, span: row.traceparent };
        Self { id, partner, kind: kind.into_owned(), subject, due_at, attempts, cause }
    }
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The job's id.
    pub id: JobId,
    /// The partner of the resource.
    pub partner: PartnerId,
    /// The kind of work.
    pub kind: String,
    /// The id of the resource.
    pub subject: String,
    /// The time at which it is due.
    pub due_at: Timestamp,
    /// The number of failed attempts.
    pub attempts: i64,
    /// What caused it.
    pub cause: Cause,
}

/// Schedules a job.
pub fn insert(
    tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp, kind: &str, subject: &str, due_at: Timestamp,
) -> Result<(), StoreError> {
    let (id, cause) = (tx.new_id(now), tx.cause().clone());
    tx.insert(&JobRow {
        partner_id: partner,
        id,
        kind: kind.to_owned().into(),
        subject_id: subject.to_owned(),
        due_at,
        attempts: 0,
        request_id: cause.request,
        traceparent: cause.span,
    })?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// A new job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The partner of the resource.
    pub partner: PartnerId,
    /// The time of its planning.
    pub planned_at: Timestamp,
    /// The kind of work.
    pub kind: &'static str,
    /// The id of the resource.
    pub subject: String,
    /// The time at which it is due.
    pub due_at: Timestamp,
    /// What causes it.
    pub cause: Cause,
}

/// Schedules many jobs.
pub fn insert_all(tx: &mut Tx<'_>, jobs: &[NewJob]) -> Result<(), StoreError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let row = |job: &NewJob| JobRow {
        partner_id: job.partner,
        id: tx.new_id(job.planned_at),
        kind: job.kind.into(),
        subject_id: job.subject.clone(),
        due_at: job.due_at,
        attempts: 0,
        request_id: job.cause.request.clone(),
        traceparent: job.cause.span,
    };
    let rows: Vec<JobRow> = jobs.iter().map(row).collect();
    tx.insert_all(&rows)?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// The partners with jobs that are due at the moment `real`, by the machine's clock or by their moved clock. The
/// partners with the oldest due jobs come first.
///
/// It reads the `limit` jobs that have been due longest and locks nothing. The scans that lock concern one partner
/// each. A job waits only for jobs that were due before it, of any partner.
pub fn partners_with_due(tx: &mut Tx<'_>, real: RealTime, limit: i64) -> Result<Vec<PartnerId>, StoreError> {
    let sql = "select partner_id from jobs where due_at <= $1 order by due_at limit $2";
    let due: Vec<PartnerId> = tx.fetch_all(sql, args![real, limit])?;
    if !due.is_empty() {
        return Ok(each_once(due));
    }
    // Each moved clock takes one step of the index. A join would read all jobs to find those of the few moved clocks.
    let sql = "select partner_id, due from ( \
                   select f.partner_id, p.clock_offset, \
                          (select min(due_at) from jobs where partner_id = f.partner_id) as due \
                   from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
               ) as moved where due <= $1 + clock_offset";
    let mut moved: Vec<(PartnerId, Timestamp)> = tx.fetch_all(sql, args![real])?;
    moved.sort_by_key(|(_, due)| *due);
    let most = usize::try_from(limit).expect("a limit is a small positive number");
    Ok(moved.into_iter().map(|(partner, _)| partner).take(most).collect())
}

/// Partners in the order of their first appearance.
pub(crate) fn each_once(mut partners: Vec<PartnerId>) -> Vec<PartnerId> {
    let mut seen = HashSet::with_capacity(partners.len());
    partners.retain(|partner| seen.insert(*partner));
    partners
}

/// A partner's jobs that are due at `now`, by the partner's clock. The oldest due ones come first.
pub fn due(tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp, limit: i64) -> Result<Vec<Job>, StoreError> {
    let lock = tx.dialect().skip_locked;
    let due = format!("where partner_id = $1 and due_at <= $2 order by due_at, id limit $3 {lock}");
    let rows = tx.find_all::<JobRow>(&due, args![partner, now, limit])?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// A partner's jobs that are due after `since` and until `until`, by the partner's clock. The earliest due ones come
/// first. Nothing is locked.
pub fn coming(
    tx: &mut Tx<'_>, partner: PartnerId, since: Timestamp, until: Timestamp, limit: i64,
) -> Result<Vec<Job>, StoreError> {
    let coming = "where partner_id = $1 and due_at > $2 and due_at <= $3 order by due_at, id limit $4";
    let rows = tx.find_all::<JobRow>(coming, args![partner, since, until, limit])?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// A tenant's planned jobs that a request caused, at most 100, in the order of their due times.
pub fn of_request(tx: &mut Tx<'_>, tenant: PartnerId, request: &str) -> Result<Vec<Job>, StoreError> {
    let rows =
        tx.find_all::<JobRow>("where partner_id = $1 and request_id = $2 limit 100", args![tenant, request])?;
    let mut jobs: Vec<Job> = rows.into_iter().map(Job::from).collect();
    jobs.sort_unstable_by_key(|job| job.due_at);
    Ok(jobs)
}

/// Removes a job; `false` if another node has removed it.
pub fn remove(tx: &mut Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    let sql = "delete from jobs where partner_id = $1 and id = $2";
    Ok(tx.execute(sql, args![job.partner, job.id])? == 1)
}

/// Puts a job off, after a failed attempt or while it is being done.
pub fn put_off(tx: &mut Tx<'_>, job: &Job, due_at: Timestamp) -> Result<(), StoreError> {
    let sql = "update jobs set attempts = attempts + 1, due_at = $3 where partner_id = $1 and id = $2";
    tx.execute_later(sql, args![job.partner, job.id, due_at])
}

/// The time at which the next job is due, in real time.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<RealTime>, StoreError> {
    let sql = "select min(due) from ( \
                   select min(due_at) as due from jobs \
                   union all \
                   select (select min(due_at) from jobs where partner_id = f.partner_id) - p.clock_offset \
                   from partners p join feeds f on f.partner_id = p.id where p.clock_offset > 0 \
               ) as dues";
    tx.fetch_one(sql, &[])
}
