//! The lender's day on one page: today's money, what went wrong, and what moves.

mod money;
mod trouble;

use domain::access::{Permission, Permissions};
use domain::id::OperatorId;
use domain::time::RealTime;
use store::{StoreError, Tx};

pub(crate) use self::money::today;
pub use self::money::{Money, Sum};
pub use self::trouble::{FailingPartner, Returned, Trouble};
use crate::queues::{self, Movement, NamedMove};
pub use store::UnreadableRow;

/// The lender's day, as far as an operator may see it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Overview {
    /// Today's money; `None` for an operator who may not read the ledger and loans.
    pub money: Option<Money>,
    /// The faults that wait for a person.
    pub trouble: Trouble,
    /// The arrivals and departures of each queue by hour.
    pub movements: Vec<Movement>,
    /// The newest of them, newest first.
    pub newest: Vec<NamedMove>,
}

/// The lender's day at `now`, for an operator with these permissions.
pub fn read(
    tx: &mut Tx<'_>, now: RealTime, me: OperatorId, may: Permissions,
) -> Result<Overview, StoreError> {
    let sees_money = may.contains(Permission::ReadLedger) && may.contains(Permission::ReadLoans);
    Ok(Overview {
        money: sees_money.then(|| money::today(tx, now)).transpose()?,
        trouble: trouble::now(tx, now, me, may)?,
        movements: queues::movements(tx, now, may)?,
        newest: queues::newest(tx, may)?,
    })
}
