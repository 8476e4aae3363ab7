//! Challenges that a browser's passkey answers. A session has one at a time, and an answer uses it up.

use domain::id::{OperatorId, SessionId};
use domain::time::RealTime;

use crate::document::{context, corrupt};
use crate::operators::data_keys;
use crate::table::table;
use crate::{StoreError, Tx, args};

table! {
    /// A challenge as it is stored.
    struct ChallengeRow in "challenges" by (operator_id, session_id) {
        operator_id: OperatorId,
        session_id: SessionId,
        sealed: Vec<u8>,
        expires_at: RealTime,
    }
}

const TABLE: &str = "challenges";

/// The session of a person.
pub type Place = (OperatorId, SessionId);

/// Keeps a challenge, in place of the session's earlier one. `document` is what its answer is checked against.
pub fn put(
    tx: &mut Tx<'_>, (operator, session): Place, document: &str, expires_at: RealTime,
) -> Result<(), StoreError> {
    tx.execute(
        "delete from challenges where operator_id = $1 and session_id = $2",
        args![operator, session],
    )?;
    let nonce = tx.random_bytes();
    let sealed = data_keys(tx, operator)?.seal(nonce, &context(TABLE, session), document.as_bytes());
    tx.insert_now(&ChallengeRow { operator_id: operator, session_id: session, sealed, expires_at })
        .map_err(StoreError::duplicate_as_conflict)
}

/// Uses up a session's challenge; `None` if there is none, or its time is over.
pub fn take(
    tx: &mut Tx<'_>, (operator, session): Place, now: RealTime,
) -> Result<Option<String>, StoreError> {
    let here = "where operator_id = $1 and session_id = $2";
    let Some(row) = tx.find::<ChallengeRow>(here, args![operator, session])? else { return Ok(None) };
    let used = format!("delete from challenges {here}");
    // Of two answers at once, one deletes the row.
    if tx.execute(&used, args![operator, session])? != 1 || now >= row.expires_at {
        return Ok(None);
    }
    let document = data_keys(tx, operator)?.open(&context(TABLE, session), &row.sealed)?;
    Ok(Some(String::from_utf8(document).map_err(corrupt)?))
}

/// Drops up to `rows` challenges that expired before `cutoff`; returns their number.
pub fn purge(tx: &mut Tx<'_>, cutoff: RealTime, rows: i64) -> Result<u64, StoreError> {
    let sql = "delete from challenges where session_id in \
               (select session_id from challenges where expires_at < $1 order by expires_at limit $2)";
    tx.execute(sql, args![cutoff, rows])
}
