//! The volumes of partners: their customers, their loans, and the money that went out.

use std::collections::HashMap;
use std::time::Duration;

use domain::id::PartnerId;
use domain::loan::LoanStateKind;
use domain::money::Cents;
use domain::time::RealTime;

use crate::db::{Arg, ToArg as _, among};
use crate::{StoreError, Tx, args};

/// The volumes of a partner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Volumes {
    /// The number of its customers, in every state.
    pub customers: i64,
    /// The number of its loans, in every state.
    pub loans: i64,
    /// The amount that its customers received in the period.
    pub disbursed: Cents,
}

/// The volumes of these partners; a partner without any is missing. The period is the time before `now` on each
/// partner's clock.
///
/// It reads an index entry for each customer and each loan, so a caller keeps the answer for a while.
pub fn of(
    tx: &mut Tx<'_>, partners: &[PartnerId], now: RealTime, period: Duration,
) -> Result<HashMap<PartnerId, Volumes>, StoreError> {
    let mut volumes: HashMap<PartnerId, Volumes> = HashMap::new();
    for (partner, customers) in counted(tx, "customers", partners)? {
        volumes.entry(partner).or_default().customers = customers;
    }
    for (partner, loans) in counted(tx, "loans", partners)? {
        volumes.entry(partner).or_default().loans = loans;
    }
    for (partner, disbursed) in disbursed(tx, partners, now.minus(period))? {
        volumes.entry(partner).or_default().disbursed = disbursed;
    }
    Ok(volumes)
}

/// The number of the loans of all partners in a state. It reads an index entry for each, so a caller keeps the answer for a
/// while.
pub fn loans_in(tx: &mut Tx<'_>, state: LoanStateKind) -> Result<i64, StoreError> {
    tx.fetch_one("select count(*) from loans where state = $1", args![state])
}

fn counted(
    tx: &mut Tx<'_>, table: &str, partners: &[PartnerId],
) -> Result<Vec<(PartnerId, i64)>, StoreError> {
    let (these, args) = among(partners, 1);
    let sql =
        format!("select partner_id, count(*) from {table} where partner_id {these} group by partner_id");
    tx.fetch_all(&sql, &args)
}

/// The money that left the lender's account since a time.
fn disbursed(
    tx: &mut Tx<'_>, partners: &[PartnerId], since: RealTime,
) -> Result<Vec<(PartnerId, Cents)>, StoreError> {
    let (these, among) = among(partners, 2);
    let args: Vec<Arg<'_>> = [since.to_arg()].into_iter().chain(among).collect();
    let sql = format!(
        "select e.partner_id, cast(-sum(j.amount) as bigint) from partners p \
         join journal_entries e on e.partner_id = p.id and e.cause = 'disbursement' \
         and e.entered_at >= $1 + p.clock_offset \
         join journal_postings j on j.partner_id = e.partner_id and j.loan_id = e.loan_id \
         and j.entry_id = e.id and j.account = 'cash' \
         where p.id {these} group by e.partner_id"
    );
    tx.fetch_all(&sql, &args)
}
