//! Each partner's clock offset: the time by which the clock is ahead of the real time. It only grows, and only in the
//! sandbox.

use std::time::Duration;

use domain::id::PartnerId;
use domain::time::Timestamp;

use crate::document::corrupt;
use crate::{StoreError, Tx, args};

/// Time by which the partner's clock is ahead.
pub fn offset(tx: &mut Tx<'_>, partner: PartnerId) -> Result<Duration, StoreError> {
    let sql = "select clock_offset from partners where id = $1";
    // The clock may move at any time, so the answer may be older than another script's change.
    tx.beside(|tx| tx.fetch_one(sql, args![partner]))
}

/// The partners whose clocks are ahead.
pub fn moved(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, Duration)>, StoreError> {
    let sql = "select id, clock_offset from partners where clock_offset > 0";
    tx.fetch_all(sql, &[])
}

/// Moves the partner's clock to `offset` ahead of the real time. It never moves back.
pub fn advance(tx: &mut Tx<'_>, partner: PartnerId, offset: Duration) -> Result<(), StoreError> {
    let micros = i64::try_from(offset.as_micros()).map_err(corrupt)?;
    let sql = "update partners set clock_offset = $2 where id = $1 and clock_offset < $2";
    tx.execute(sql, args![partner, micros]).map(drop)
}

/// The first moment after `now`, by the partner's clock, at which a job, an offer's end or a signing link's end is due.
pub fn next_due(
    tx: &mut Tx<'_>, partner: PartnerId, now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = format!(
        "select min(due) from ( \
             select min(due_at) as due from jobs where partner_id = $1 and due_at > $2 \
             union all \
             select min(valid_until) from offers \
             where partner_id = $1 and state = 'available' and valid_until > $2 \
             union all \
             select min(sign_by) from loans where partner_id = $1 and sign_by > $2 and state in {} \
         ) as dues",
        crate::loans::unsigned()
    );
    tx.fetch_one(&sql, args![partner, now])
}
