//! Figures for the metrics of a server.

use domain::loan::LoanStateKind;
use domain::queue::Queue;
use domain::time::RealTime;
use store::deliveries::PendingByHealth;
use store::{StoreError, Tx};

use crate::overview::{self, Money};
use crate::{autopilot, mails};

/// The lender's figures. Each reads few rows, but not for every scrape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lender {
    /// The cases of each queue but that of the overdue loans, which are counted from their installments.
    pub cases: Vec<(Queue, i64)>,
    /// Today's money.
    pub money: Money,
    /// Webhook endpoints that fail, of at most 20 partners.
    pub failing_endpoints: i64,
    /// The pending deliveries of endpoints in each health.
    pub pending: PendingByHealth,
}

/// The lender's figures at `now`.
pub fn lender(tx: &mut Tx<'_>, now: RealTime) -> Result<Lender, StoreError> {
    let mut cases = Vec::new();
    for queue in Queue::ALL.into_iter().filter(|queue| *queue != Queue::Overdue) {
        cases.push((queue, store::cases::total(tx, queue)?.0));
    }
    let failing = store::webhook_endpoints::failing(tx)?;
    let failing_endpoints = failing.iter().map(|partner| partner.endpoints).sum();
    let pending = store::deliveries::pending_by_health(tx)?;
    Ok(Lender { cases, money: overview::today(tx, now)?, failing_endpoints, pending })
}

/// The number of the loans of all partners in each state. This reads an index entry for each loan.
pub fn loans(tx: &mut Tx<'_>) -> Result<Vec<(LoanStateKind, i64)>, StoreError> {
    let counted = |state| Ok((state, store::volumes::loans_in(tx, state)?));
    LoanStateKind::ALL.into_iter().map(counted).collect()
}

/// The work of background workers that is due first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The time at which the next e-mail is due.
    pub mail: Option<RealTime>,
    /// The time at which the next job is due.
    pub job: Option<RealTime>,
}

/// The work that is due first.
pub fn due(tx: &mut Tx<'_>) -> Result<Due, StoreError> {
    Ok(Due { mail: mails::next_due_of_all(tx)?, job: autopilot::next_due(tx)? })
}
