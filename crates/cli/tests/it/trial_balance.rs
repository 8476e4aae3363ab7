//! The trial balance of a day: what moved on it, the entries behind it, and its files.

use std::time::Duration;

use domain::money::Cents;
use serde_json::{Value, json};

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

/// A loan that became active today.
async fn active(partner: &Partner, number: u32) -> String {
    let loan = partner.loan(number, "no_matter").await.id();
    partner.app.let_seconds_pass(5).await;
    loan
}

fn cents(account: &Value, field: &str) -> Cents {
    Cents::parse(account[field].as_str().unwrap().trim_start_matches('-')).unwrap()
}

fn account<'a>(balance: &'a Value, name: &str) -> &'a Value {
    balance["accounts"].as_array().unwrap().iter().find(|account| account["account"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_opens_with_what_the_day_before_closed_with() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let empty = operator.get("/trial-balance").await.expect(200).body;
        assert_eq!((&empty["accounts"], &empty["balanced"]), (&json!([]), &json!(true)));
        let loan = active(&partner, 529_982_247).await;
        let lent = app.clock.now().unmoved().business_date();
        app.clock.advance(Duration::from_hours(24));
        let today = app.clock.now().unmoved().business_date();
        let pay = json!({"reference": "E1", "amount": "100.00", "paid_on": today.to_string()});
        let payment = operator.post(&format!("/loans/{loan}/payments"), &pay).await.expect(201).id();
        // Before the worker has added the entries, and after it.
        for _ in 0..2 {
            let first = operator.get(&format!("/trial-balance?date={lent}")).await.expect(200).body;
            let second = operator.get(&format!("/trial-balance?date={today}")).await.expect(200).body;
            assert_eq!((&first["balanced"], &second["balanced"]), (&json!(true), &json!(true)));
            for of_second in second["accounts"].as_array().unwrap() {
                let name = of_second["account"].as_str().unwrap();
                let before = first["accounts"].as_array().unwrap().iter().find(|of| of["account"] == name);
                let closing = before.map_or(json!("0.00"), |of| of["closing"].clone());
                assert_eq!(of_second["opening"], closing, "{name}");
            }
            let cash = account(&second, "cash");
            assert_eq!((&cash["debit"], &cash["credit"]), (&json!("100.00"), &json!("0.00")));
            assert_eq!((&cash["debits"], &cash["credits"]), (&json!(1), &json!(0)));
            let ledger = operator.get(&format!("/loans/{loan}/ledger")).await.expect(200).body;
            for balance in ledger["balances"].as_array().unwrap() {
                let name = balance["account"].as_str().unwrap();
                assert_eq!(account(&second, name)["closing"], balance["amount"], "{name}");
            }
            server::workers::journal::tick(&app.state).await.unwrap();
        }
        operator.act(&format!("/payments/{payment}/reverse")).await.expect(200);
        let third = operator.get("/trial-balance").await.expect(200).body;
        let cash = account(&third, "cash");
        assert_eq!((cents(cash, "debit"), cents(cash, "credit")), (Cents::new(10_000), Cents::new(10_000)));
        let theirs = app.partner().await.id;
        let other = operator.get(&format!("/trial-balance?partner_id={theirs}")).await.expect(200).body;
        assert_eq!(other["accounts"], json!([]));
        app.check_ledger().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_leads_to_its_entries_and_both_are_files() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let (one, other) = (active(&partner, 529_982_247).await, active(&partner, 111_444_777).await);
        let entries = operator.get("/journal-entries?account=cash&limit=1").await.expect(200).body;
        assert_eq!((&entries["data"][0]["loan_id"], &entries["has_more"]), (&json!(other), &json!(true)));
        assert_eq!(entries["data"][0]["cause"], "disbursement");
        assert!(entries["data"][0]["ccb_number"].as_str().unwrap().starts_with("CCB-"), "{entries}");
        let after = entries["data"][0]["id"].as_str().unwrap();
        let rest = format!("/journal-entries?account=cash&starting_after={after}");
        let rest = operator.get(&rest).await.expect(200).body;
        assert_eq!((&rest["data"][0]["loan_id"], &rest["has_more"]), (&json!(one), &json!(false)));
        let none = operator.get("/journal-entries?account=customer_credit").await.expect(200).body;
        assert_eq!(none["data"], json!([]));
        for wrong in ["/journal-entries?account=bank", "/trial-balance?date=today", "/trial-balance?day=1"] {
            operator.get(wrong).await.expect(400);
        }
        let file = operator.get("/trial-balance/export").await.expect(200);
        assert_eq!(file.header("content-type"), Some("text/csv; charset=utf-8"));
        let lines = text(&file.bytes);
        assert!(lines.starts_with("date,account,opening,debit,credit,closing"), "{lines}");
        let cash = lines.lines().find(|line| line.contains(",cash,")).unwrap();
        assert_eq!(cash.split(',').next_back(), Some("2"), "{cash}");
        let file = text(&operator.get("/journal-entries/export?account=cash").await.expect(200).bytes);
        assert_eq!(file.lines().count(), 3, "{file}");

        let treasurer = Person::with_roles(&app, "treasury".parse().unwrap()).await;
        let page = treasurer.read("/console/money/balance").await;
        assert!(page.contains("débitos e créditos iguais") && page.contains("Caixa"), "{page}");
        let day = app.clock.now().unmoved().business_date();
        let href = format!("/console/money/balance/cash?date={day}");
        assert!(page.contains(&href), "{page}");
        let page = treasurer.read(&href).await;
        assert!(page.contains(&format!("/console/loans/{one}?tab=ledger")), "{page}");
        let file =
            treasurer.page(&format!("/console/money/balance/cash/export?date={day}")).await.expect(200);
        assert!(file.header("content-disposition").unwrap().contains("dinie-cash-"));
        assert_eq!(text(&file.bytes).lines().count(), 3);
        let before = treasurer.read("/console/money/balance?date=2020-01-01").await;
        assert!(before.contains("Nada até este dia"), "{before}");
        treasurer.page("/console/money/balance/none").await.expect(404);
        let export = treasurer.page("/console/money/balance/export").await.expect(200);
        assert_eq!(text(&export.bytes), lines);
    }
}

/// Openings come from the sums of months and years, which no entry of a day shows.
#[tokio::test(flavor = "multi_thread")]
async fn the_check_of_the_ledger_finds_a_changed_sum_of_each_kind() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        active(&partner, 529_982_247).await;
        server::workers::journal::tick(&app.state).await.unwrap();
        let run = async |sql: String| {
            assert_eq!(app.state.store.write(move |tx| tx.execute(&sql, &[])).await.unwrap(), 1);
        };
        let check = async || app::ledger::check::whole(&app.state.store).await.unwrap();
        app.check_ledger().await;
        for (period, wrong) in [("day", [1, 1]), ("month", [0, 2]), ("year", [0, 1])] {
            let of = format!("where period = '{period}' and account = 'cash'");
            run(format!("update journal_sums set debit = debit + 1 {of}")).await;
            let found = check().await;
            assert_eq!([found.wrong_days.len(), found.wrong_periods.len()], wrong, "{period}: {found:?}");
            assert!(!found.is_right());
            run(format!("update journal_sums set debit = debit - 1 {of}")).await;
        }
        // A day without entries has no sums.
        run(
            "insert into journal_sums (partner_id, period, begins, account, debit, credit, debits, credits) \
             select partner_id, period, '2040-02-01', account, 1, 0, 1, 0 from journal_sums \
             where period = 'day' and account = 'cash'"
                .to_owned(),
        )
        .await;
        assert_eq!(check().await.wrong_days.len(), 1);
    }
}
