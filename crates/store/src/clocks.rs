//! The clocks of the sandbox. Each tenant has one: a partner its main clock, and each further clock is a tenant of its
//! own (`domain::clock`). The offset is the time by which a clock is ahead of the real time. It only grows, until the
//! sandbox is reset.

use std::time::Duration;

use domain::clock::SandboxClock;
use domain::id::{ClockId, PartnerId};
use domain::time::{RealTime, Timestamp};

use crate::document::corrupt;
use crate::partners::PartnerRow;
use crate::table::row;
use crate::{StoreError, Tx, args};

row! {
    /// A clock that a partner made.
    struct ClockAnswer of PartnerRow {
        id: PartnerId,
        name: String,
        created_at: RealTime,
        clock_offset: Duration,
        clock_of: Option<PartnerId>,
        advancing_until: Option<RealTime>,
    }
}

impl ClockAnswer {
    fn read(self) -> Result<SandboxClock, StoreError> {
        let no_clock = || corrupt("the row of a clock has no clock or no owner");
        Ok(SandboxClock {
            id: self.id.clock().ok_or_else(no_clock)?,
            owner: self.clock_of.ok_or_else(no_clock)?,
            name: self.name,
            created_at: self.created_at,
            ahead: self.clock_offset,
            advancing_until: self.advancing_until,
        })
    }
}

/// Time by which the tenant's clock is ahead.
pub fn offset(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<Duration, StoreError> {
    let sql = "select clock_offset from partners where id = $1";
    // The clock may move at any time, so the answer may be older than another script's change.
    tx.beside(|tx| tx.fetch_one(sql, args![tenant]))
}

/// The tenants whose clocks are ahead.
pub fn moved(tx: &mut Tx<'_>) -> Result<Vec<(PartnerId, Duration)>, StoreError> {
    let sql = "select id, clock_offset from partners where clock_offset > 0";
    tx.fetch_all(sql, &[])
}

/// A clock of the partner; `None` for another partner's.
pub fn find(tx: &mut Tx<'_>, owner: PartnerId, id: ClockId) -> Result<Option<SandboxClock>, StoreError> {
    let found = tx.find::<ClockAnswer>("where id = $1 and clock_of = $2", args![id.tenant(), owner])?;
    found.map(ClockAnswer::read).transpose()
}

/// All clocks that the partner made, the oldest first.
pub fn of_partner(tx: &mut Tx<'_>, owner: PartnerId) -> Result<Vec<SandboxClock>, StoreError> {
    let limit = domain::clock::MOST_CLOCKS;
    let sql = format!("where clock_of = $1 and clock_of is not null order by created_at, id limit {limit}");
    let rows = tx.find_all::<ClockAnswer>(&sql, args![owner])?;
    rows.into_iter().map(ClockAnswer::read).collect()
}

/// The tenant's offset and the end of the lease of the advance under way; `None` if the clock was deleted.
pub fn state(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<Option<(Duration, Option<RealTime>)>, StoreError> {
    tx.fetch_opt("select clock_offset, advancing_until from partners where id = $1", args![tenant])
}

/// Keeps others from adding customers to the tenant, and its clock from moving, until the transaction ends.
/// `Conflict` while others do so.
pub fn hold(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    let lock = tx.dialect().skip_locked;
    let held: Option<PartnerId> =
        tx.fetch_opt(&format!("select id from partners where id = $1 {lock}"), args![tenant])?;
    held.map(drop).ok_or(StoreError::Conflict)
}

/// Deletes a clock that nothing is on. `Conflict` if its advance has begun meanwhile.
pub fn delete(tx: &mut Tx<'_>, clock: &SandboxClock, now: RealTime) -> Result<(), StoreError> {
    let tenant = clock.id.tenant();
    tx.execute("delete from feeds where partner_id = $1", args![tenant])?;
    tx.execute("delete from data_keys where partner_id = $1", args![tenant])?;
    let sql = "delete from partners where id = $1 and clock_of = $2 \
               and (advancing_until is null or advancing_until <= $3)";
    tx.execute_one(sql, args![tenant, clock.owner, now])
}

/// Sets a partner's main clock to the real time. `Conflict` if an advance has begun meanwhile.
pub fn restart(tx: &mut Tx<'_>, partner: PartnerId, now: RealTime) -> Result<(), StoreError> {
    let sql = "update partners set clock_offset = 0, advancing_until = null \
               where id = $1 and (advancing_until is null or advancing_until <= $2)";
    tx.execute_one(sql, args![partner, now])
}

/// Moves the tenant's clock from the offset `before` to `offset`, and renews the lease of the advance. `Conflict` if
/// the clock was moved or deleted meanwhile.
pub fn advance(
    tx: &mut Tx<'_>, tenant: PartnerId, (before, offset): (Duration, Duration), leased_until: RealTime,
) -> Result<(), StoreError> {
    let sql = "update partners set clock_offset = $3, advancing_until = $4 \
               where id = $1 and clock_offset = $2 and $3 >= clock_offset";
    tx.execute_one(sql, args![tenant, before, offset, leased_until])
}

/// Ends the lease of an advance.
pub fn advanced(tx: &mut Tx<'_>, tenant: PartnerId) -> Result<(), StoreError> {
    tx.execute("update partners set advancing_until = null where id = $1", args![tenant]).map(drop)
}

/// The first moment after `now`, by the tenant's clock, at which a job, an offer's end or a signing link's end is due.
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
