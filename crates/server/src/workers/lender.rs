//! The lender's figures: money of the day, overdue loans, and cases that wait. They are read once a minute.

use std::sync::Arc;

use app::StoreError;
use app::measures::{self, Lender};
use app::queues::OverdueLoans;
use domain::money::Cents;

use crate::state::AppState;

/// Reads the lender's figures and sets their gauges. Pages show the same count of overdue loans.
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    let now = state.clock.now();
    let read = move |tx: &mut app::Tx<'_>| {
        Ok::<_, StoreError>((measures::lender(tx, now)?, app::queues::overdue_loans(tx, now)?))
    };
    let (lender, overdue) = state.store.list(read).await?;
    let overdue = Arc::new(overdue);
    state.overdue.learn(now, &overdue);
    set(&lender, &overdue);
    Ok(())
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
}

fn cents(amount: Cents) -> f64 {
    number(amount.get())
}

#[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
fn number(value: i64) -> f64 {
    value as f64
}
