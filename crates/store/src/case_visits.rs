//! Marks of operators who look at a case. A mark lives for seconds, and its open page renews it.
//!
//! The table has a few rows: those of open pages. Each new mark deletes the marks that have ended.

use domain::id::OperatorId;
use domain::queue::CaseSubject;
use domain::time::RealTime;

use crate::db::{ToArg as _, among};
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A mark as it is stored.
    struct VisitRow in "case_visits" by (subject_id, operator_id) {
        subject_id: CaseSubject,
        operator_id: OperatorId,
        seen_at: RealTime,
    }
}

/// Marks that an operator looks at a subject, and deletes the marks from before `ended`.
pub fn mark(
    tx: &mut Tx<'_>, subject: CaseSubject, operator: OperatorId, now: RealTime, ended: RealTime,
) -> Result<(), StoreError> {
    tx.execute("delete from case_visits where seen_at < $1", args![ended])?;
    let sql = "insert into case_visits (subject_id, operator_id, seen_at) values ($1, $2, $3) \
               on conflict (subject_id, operator_id) do update set seen_at = excluded.seen_at";
    tx.execute(sql, args![subject, operator, now]).map(drop)
}

/// The operators who have looked at these subjects since a time.
pub fn since(
    tx: &mut Tx<'_>, subjects: &[CaseSubject], time: RealTime,
) -> Result<Vec<(CaseSubject, OperatorId, String)>, StoreError> {
    let (these, mut args) = among(subjects, 1);
    args.push(time.to_arg());
    let sql = format!(
        "select v.subject_id, v.operator_id, o.name from case_visits v join operators o on o.id = v.operator_id \
         where v.subject_id {these} and v.seen_at >= ${} order by v.seen_at, v.operator_id",
        args.len()
    );
    tx.fetch_all(&sql, &args)
}
