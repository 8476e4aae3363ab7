//! Payments of active loans: their effects on installments, events and the ledger.

use std::time::Duration;

use app::Failed;
use app::payments::{Excess, RecordPayment, RecordRefused, ReverseRefused};
use domain::actor::Actor;
use domain::id::LoanId;
use domain::loan::debt::PaymentKind;
use domain::money::Cents;
use domain::page::{Limit, Order};
use domain::time::Timestamp;
use serde_json::{Value, json};
use store::payments::RecordedPayment;

use crate::engines::on_both_engines;
use crate::sink::Sink;
use crate::support::{Partner, TestApp};

const DAY: Duration = Duration::from_secs(86_400);

async fn let_days_pass(app: &TestApp, days: u32) {
    for _ in 0..days {
        app.clock.advance(DAY);
        server::workers::run_until_idle(&app.state).await.unwrap();
    }
}

/// An active loan of R$ 5,000.00 in six installments.
async fn active_loan(partner: &Partner, number: u32, tags: &str) -> String {
    let offer = partner.offer(number, &format!("{tags}+small_offer")).await;
    let body = partner.simulation(&offer, "5000.00", 6).await;
    let loan = partner.post("/v3/loans", &body).await.expect(201).id();
    partner.app.let_seconds_pass(4).await;
    loan
}

async fn installments(partner: &Partner, loan: &str) -> Vec<Value> {
    let page = partner.get(&format!("/v3/loans/{loan}/transactions?limit=100")).await.expect(200);
    page.body["data"].as_array().unwrap().clone()
}

fn cents(value: &Value) -> Cents {
    Cents::parse(value.as_str().unwrap()).unwrap()
}

fn command(loan: &str, reference: &str, amount: Cents, paid_at: Timestamp) -> RecordPayment {
    let loan: LoanId = loan.parse().unwrap();
    let (reference, kind, actor) = (reference.into(), PaymentKind::Installments, Actor::Sandbox);
    RecordPayment { loan, reference, amount, paid_at, kind, excess: Excess::UpTo(Cents::new(500)), actor }
}

async fn record(partner: &Partner, command: RecordPayment) -> Result<RecordedPayment, Failed<RecordRefused>> {
    let (tenant, now, state) = (partner.id, partner.app.clock.now().unmoved(), partner.app.state.clone());
    let book = state.lender.book.in_force();
    let script = move |tx: &mut store::Tx<'_>| app::payments::record(tx, tenant, now, &command, &book);
    state.store.write(script).await
}

async fn reverse(partner: &Partner, payment: &RecordedPayment) -> Result<(), Failed<ReverseRefused>> {
    let (tenant, now, state) = (partner.id, partner.app.clock.now().unmoved(), partner.app.state.clone());
    let (book, id) = (state.lender.book.in_force(), payment.payment.id);
    let script = move |tx: &mut store::Tx<'_>| {
        app::payments::reverse(tx, tenant, now, id, Actor::Sandbox, &book).map(drop)
    };
    state.store.write(script).await
}

on_both_engines!(pays_on_time:
    a_customer_who_pays_on_time_finishes_the_loan_on_sqlite,
    a_customer_who_pays_on_time_finishes_the_loan_on_postgresql);

async fn pays_on_time(app: &TestApp) {
    let partner = app.partner().await;
    let (reference, sdk) = (Sink::start().await, Sink::start().await);
    let one = partner.endpoint(&reference).await;
    let other = partner.post("/api/v3/webhooks/endpoints", &json!({"url": sdk.url})).await.expect(201);
    let loan = active_loan(&partner, 529_982_247, "pays_on_time").await;
    app.check_ledger().await;
    let_days_pass(app, 190).await;
    let partner = partner.renewed().await;
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "finished");
    for installment in installments(&partner, &loan).await {
        assert_eq!((&installment["status"], &installment["fees"]), (&json!("paid"), &json!("0.00")));
        assert_eq!(installment["amount_paid"], installment["amount_due"]);
        assert!(installment["paid_at"].is_string());
    }
    app.check_ledger().await;
    for (sink, endpoint) in [(&reference, &one), (&sdk, &other)] {
        let events = sink.verified(endpoint.body["secret"].as_str().unwrap());
        let of = |name: &str| events.iter().filter(|event| event["type"] == name).count();
        assert_eq!((of("loan.payment_received"), of("loan.finished")), (6, 1));
    }
}

#[tokio::test]
async fn a_customer_who_pays_late_pays_late_charges() {
    let (app, partner) = TestApp::with_partner().await;
    let loan = active_loan(&partner, 529_982_247, "pays_late").await;
    let_days_pass(&app, 45).await;
    let partner = partner.renewed().await;
    let first = installments(&partner, &loan).await[0].clone();
    assert_eq!(first["status"], "paid");
    assert!(cents(&first["fees"]) > Cents::ZERO);
    app.check_ledger().await;
    let_days_pass(&app, 160).await;
    let partner = partner.renewed().await;
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "finished");
    app.check_ledger().await;
}

on_both_engines!(payments_and_reversals:
    payments_and_reversals_on_sqlite,
    payments_and_reversals_on_postgresql);

async fn payments_and_reversals(app: &TestApp) {
    let partner = app.partner().await;
    let loan = active_loan(&partner, 529_982_247, "never_pays").await;
    let fresh = installments(&partner, &loan).await;
    let (now, due) = (app.clock.now().unmoved(), cents(&fresh[0]["amount_due"]));
    for (wrong, refusal) in [
        (command(&loan, "a", Cents::ZERO, now), RecordRefused::NoAmount),
        (command(&loan, "a", Cents::new(-1), now), RecordRefused::NoAmount),
        (command(&loan, "a", due, now.plus(Duration::from_secs(60))), RecordRefused::OutOfTime),
        (command(&loan, "a", due, now.minus(2 * DAY)), RecordRefused::OutOfTime),
        (command(&format!("ln_{}", "0".repeat(32)), "a", due, now), RecordRefused::NotFound),
    ] {
        assert_eq!(record(&partner, wrong).await, Err(Failed::Refused(refusal)));
    }
    // Eight requests at once under one reference make one payment.
    let same = || record(&partner, command(&loan, "pix-1", Cents::new(due.get() / 2), now));
    let at_once = futures::future::join_all((0..8).map(|_| same())).await;
    let ids: std::collections::HashSet<_> =
        at_once.into_iter().map(|recorded| recorded.unwrap().payment.id.to_string()).collect();
    assert_eq!(ids.len(), 1);
    let half = installments(&partner, &loan).await;
    assert_eq!(
        (&half[0]["status"], cents(&half[0]["amount_paid"])),
        (&json!("partially_paid"), Cents::new(due.get() / 2))
    );
    let taken = record(&partner, command(&loan, "pix-1", due, now)).await;
    assert_eq!(taken, Err(Failed::Refused(RecordRefused::ReferenceTaken)));

    let total: Cents = half.iter().map(|installment| cents(&installment["amount_remaining"])).sum();
    // A payment above the debt and the limit is refused as a mistake until the caller confirms it.
    let typo = command(&loan, "pix-2", total + Cents::new(501), now);
    let refused = RecordRefused::Excessive { owed: total, limit: Cents::new(500) };
    assert_eq!(record(&partner, typo.clone()).await, Err(Failed::Refused(refused)));
    assert_eq!(installments(&partner, &loan).await, half);
    let all = record(&partner, command(&loan, "pix-2", total + Cents::new(500), now)).await.unwrap();
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "finished");
    app.check_ledger().await;

    reverse(&partner, &all).await.unwrap();
    assert_eq!(reverse(&partner, &all).await, Err(Failed::Refused(ReverseRefused::AlreadyReversed)));
    assert_eq!(partner.get(&format!("/v3/loans/{loan}")).await.body["status"], "active");
    let stable = |rows: &[Value]| -> Vec<Value> {
        let mut rows = rows.to_vec();
        for row in &mut rows {
            row["updated_at"] = Value::Null;
        }
        rows
    };
    assert_eq!(stable(&installments(&partner, &loan).await), stable(&half));
    let (tenant, id) = (partner.id, loan.parse().unwrap());
    let cursor = store::Cursor { after: None, limit: Limit::DEFAULT, order: Order::Ascending };
    let entries = move |tx: &mut store::Tx<'_>| app::ledger::of_loan(tx, tenant, id, &cursor);
    let entries = app.state.store.read(entries).await.unwrap().items;
    let causes: Vec<&str> = entries.iter().map(|entry| entry.cause.as_str()).collect();
    assert_eq!(causes, ["disbursement", "payment", "payment", "reversal"]);
    app.check_ledger().await;
}
