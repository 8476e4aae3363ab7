//! Work that is due at a time: the sandbox's autopilot keeps its decisions here.

use domain::id::{JobId, PartnerId};
use domain::time::Timestamp;

use crate::{StoreError, Tx, Wake, args};

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose resource it is about.
    pub partner: PartnerId,
    /// What is to be done.
    pub kind: String,
    /// To which resource.
    pub subject: String,
    /// When.
    pub due_at: Timestamp,
    /// How often it has been tried in vain.
    pub attempts: i64,
}

/// Schedules a job.
pub fn insert(
    tx: &mut Tx<'_>,
    partner: PartnerId,
    now: Timestamp,
    kind: &str,
    subject: &str,
    due_at: Timestamp,
) -> Result<(), StoreError> {
    let id: JobId = tx.new_id(now);
    let sql = "insert into jobs (partner_id, id, kind, subject_id, due_at, attempts) values ($1, $2, $3, $4, $5, 0)";
    tx.execute(sql, args![partner, id, kind, subject, due_at])?;
    tx.wake(Wake::Jobs);
    Ok(())
}

/// The job that has been due longest at `now`.
pub fn next(tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Job>, StoreError> {
    let lock = tx.dialect().skip_locked;
    let sql = format!(
        "select partner_id, id, kind, subject_id, due_at, attempts from jobs where due_at <= $1 \
         order by due_at, id limit 1 {lock}"
    );
    tx.query_opt(&sql, args![now], |row| {
        Ok(Job {
            partner: row.get(0)?,
            id: row.get(1)?,
            kind: row.get(2)?,
            subject: row.get(3)?,
            due_at: row.get(4)?,
            attempts: row.get(5)?,
        })
    })
}

/// Removes a job; `false` where another node has.
pub fn remove(tx: &mut Tx<'_>, job: &Job) -> Result<bool, StoreError> {
    let sql = "delete from jobs where partner_id = $1 and id = $2";
    Ok(tx.execute(sql, args![job.partner, job.id])? == 1)
}

/// Puts a job off: after a try in vain, or while it is being done.
pub fn put_off(tx: &mut Tx<'_>, job: &Job, due_at: Timestamp) -> Result<(), StoreError> {
    let sql = "update jobs set attempts = attempts + 1, due_at = $3 where partner_id = $1 and id = $2";
    tx.execute(sql, args![job.partner, job.id, due_at]).map(drop)
}

/// When the next job is due.
pub fn next_due(tx: &mut Tx<'_>) -> Result<Option<Timestamp>, StoreError> {
    tx.query_one("select min(due_at) from jobs", &[], |row| row.get(0))
}
