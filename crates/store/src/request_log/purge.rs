//! The end of entries of the request log: some at a time, oldest first.

use domain::id::{LoggedRequestId, PartnerId, ResourceId as _};
use domain::time::RealTime;

use crate::db::{ToArg as _, among};
use crate::{StoreError, Tx, args};

/// Deletes up to `rows` calls from before `cutoff` with everything that belongs to them. Returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "select partner_id, id, marks from request_calls where id < $1 order by id limit $2";
    let mut old: Vec<(PartnerId, LoggedRequestId, String)> =
        tx.fetch_all(sql, args![first_of(cutoff), rows])?;
    old.sort_unstable();
    let mut deleted = 0;
    for of_partner in old.chunk_by(|(one, ..), (other, ..)| one == other) {
        let ids: Vec<LoggedRequestId> = of_partner.iter().map(|(_, id, _)| *id).collect();
        let (partner, newest) = (of_partner[0].0, ids[ids.len() - 1]);
        let mut marks: Vec<&str> = of_partner
            .iter()
            .flat_map(|(.., marks)| marks.split(' '))
            .filter(|mark| !mark.is_empty())
            .collect();
        marks.sort_unstable();
        marks.dedup();
        for some in marks.chunks(AT_ONCE) {
            let (these, mut args) = among(some, 1);
            args.extend([partner.to_arg(), newest.to_arg()]);
            // Every call up to the newest of these is old. An older one that is left keeps no mark, which only hides it.
            let (of, up_to) = (args.len() - 1, args.len());
            let sql = format!(
                "delete from request_marks where partner_id = ${of} and mark {these} and call_id <= ${up_to}"
            );
            tx.execute(&sql, &args)?;
        }
        delete(tx, "request_bodies", partner, &ids)?;
        deleted += delete(tx, "request_calls", partner, &ids)?;
    }
    Ok(deleted)
}

/// Deletes up to `rows` pairs of bodies from before `cutoff`. Returns their number.
pub fn purge_bodies(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "select partner_id, id from request_bodies where id < $1 order by id limit $2";
    let mut old: Vec<(PartnerId, LoggedRequestId)> = tx.fetch_all(sql, args![first_of(cutoff), rows])?;
    old.sort_unstable();
    let mut deleted = 0;
    for of_partner in old.chunk_by(|(one, _), (other, _)| one == other) {
        let ids: Vec<LoggedRequestId> = of_partner.iter().map(|(_, id)| *id).collect();
        deleted += delete(tx, "request_bodies", of_partner[0].0, &ids)?;
    }
    Ok(deleted)
}

/// Most values of one statement.
const AT_ONCE: usize = 64;

/// No call from `moment` or later has a lower id.
fn first_of(moment: RealTime) -> LoggedRequestId {
    LoggedRequestId::new(moment, [0; 10])
}

fn delete(
    tx: &mut Tx<'_>, table: &str, partner: PartnerId, ids: &[LoggedRequestId],
) -> Result<u64, StoreError> {
    let mut deleted = 0;
    for some in ids.chunks(AT_ONCE) {
        let (these, mut args) = among(some, 1);
        args.push(partner.to_arg());
        let sql = format!("delete from {table} where partner_id = ${} and id {these}", args.len());
        deleted += tx.execute(&sql, &args)?;
    }
    Ok(deleted)
}
