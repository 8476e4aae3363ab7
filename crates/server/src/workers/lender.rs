//! The lender's figures: money of the day, overdue loans, cases that wait, deliveries of failing endpoints, and loans by
//! state. They are read once a minute.

use std::sync::Arc;

use app::measures::{self, Lender};
use app::queues::{self, OverdueLoans};
use app::{StoreError, Tx};
use domain::money::Cents;
use domain::time::RealTime;

use crate::overdue::Todo;
use crate::state::AppState;

/// Reads the lender's figures and sets their gauges. If a page has counted the overdue loans within the last minute, they
/// are not counted again.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let lender = state.store.list(move |tx: &mut Tx<'_>| measures::lender(tx, now)).await?;
    let overdue = match state.overdue.known(now) {
        (Some(known), Todo::Nothing) => known,
        _stale_or_none => count_overdue(state, now).await?,
    };
    set(&lender, &overdue);
    Ok(())
}

/// Counts the loans of each state and sets their gauges.
pub async fn count_loans(state: &AppState) -> Result<(), StoreError> {
    for (kind, loans) in state.store.list(measures::loans).await? {
        metrics::gauge!("dinie_loans", "state" => kind.name()).set(number(loans));
    }
    Ok(())
}

/// Counts the overdue loans, for pages too. If it fails, the next one who needs them counts.
pub(crate) async fn count_overdue(state: &AppState, now: RealTime) -> Result<Arc<OverdueLoans>, StoreError> {
    let counted = state.store.list(move |tx: &mut Tx<'_>| queues::overdue_loans(tx, now)).await;
    let loans = Arc::new(counted.inspect_err(|_failed| state.overdue.give_up())?);
    state.overdue.learn(now, &loans);
    Ok(loans)
}

fn set(lender: &Lender, overdue: &OverdueLoans) {
    for (queue, cases) in &lender.cases {
        metrics::gauge!("dinie_queue_cases", "queue" => queue.name()).set(number(*cases));
    }
    for figures in &overdue.buckets {
        let bucket = figures.bucket.name();
        metrics::gauge!("dinie_overdue_loans", "bucket" => bucket).set(number(figures.loans));
        metrics::gauge!("dinie_overdue_unpaid_cents", "bucket" => bucket).set(cents(figures.unpaid));
    }
    let money = &lender.money;
    for (flow, amount) in [
        ("received", money.received.amount),
        ("out", money.out.amount),
        ("to_order", money.to_order.amount),
        ("at_bank", money.at_bank.amount),
        ("due", money.due),
    ] {
        metrics::gauge!("dinie_money_today_cents", "flow" => flow).set(cents(amount));
    }
    metrics::gauge!("dinie_webhook_endpoints_failing").set(number(lender.failing_endpoints));
    let pending = &lender.pending;
    for (health, deliveries) in
        [("working", pending.working), ("failing", pending.failing), ("disabled", pending.disabled)]
    {
        metrics::gauge!("dinie_webhook_pending_of_endpoints", "health" => health).set(number(deliveries));
    }
}

fn cents(amount: Cents) -> f64 {
    number(amount.get())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
fn number(value: i64) -> f64 {
    value as f64
}
