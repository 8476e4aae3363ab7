//! Payments of all loans: found by what the bank names them, seen, reversed and exported.

use std::time::Duration;

use serde_json::{Value, json};

use crate::console::{Person, text};
use crate::operator::Operator;
use crate::support::{Partner, TestApp};

async fn active(partner: &Partner, number: u32) -> String {
    let loan = partner.loan(number, "no_matter").await.id();
    partner.app.let_seconds_pass(5).await;
    loan
}

async fn pay(operator: &Operator, loan: &str, reference: &str) -> String {
    // The ids of two moments have their order.
    operator.app.clock.advance(Duration::from_millis(1));
    let today = operator.app.clock.now().unmoved().business_date().to_string();
    let payment = json!({"reference": reference, "amount": "10.00", "paid_on": today});
    operator.post(&format!("/loans/{loan}/payments"), &payment).await.expect(201).id()
}

/// The ids of the payments that a query lists.
async fn listed(operator: &Operator, query: &str) -> Vec<String> {
    let page = operator.get(&format!("/payments{query}")).await.expect(200).body;
    page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// The txid of the first installment's Pix code.
async fn txid(operator: &Operator, loan: &str) -> String {
    let collection = operator.get(&format!("/loans/{loan}/collection")).await.expect(200).body;
    let code = collection.to_string();
    code.split_once("/pix/").unwrap().1[..33].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_is_found_by_whatever_the_bank_names_it() {
    for app in TestApp::on_each_engine().await {
        let (operator, one, other) = (Operator::of(&app).await, app.partner().await, app.partner().await);
        let (mine, theirs) = (active(&one, 529_982_247).await, active(&other, 529_982_247).await);
        let first = pay(&operator, &mine, "E1").await;
        let second = pay(&operator, &theirs, "E1").await;
        let third = pay(&operator, &mine, "E3").await;
        assert_eq!(listed(&operator, "").await, [third.clone(), second.clone(), first.clone()]);
        let page = format!("?limit=1&starting_after={third}");
        assert_eq!(listed(&operator, &page).await, [&*second]);
        let mut same = listed(&operator, "?reference=E1").await;
        same.sort_unstable();
        let mut expected = vec![first.clone(), second.clone()];
        expected.sort_unstable();
        assert_eq!(same, expected, "the same reference at two partners");
        let of_partner = format!("?reference=E1&partner_id={}", other.id);
        assert_eq!(listed(&operator, &of_partner).await, [&*second]);
        assert_eq!(listed(&operator, &format!("?reference={first}")).await, [&*first]);
        assert_eq!(listed(&operator, "?reference=E2").await, [""; 0]);
        let installments = operator.get(&format!("/loans/{mine}/installments")).await.expect(200).body;
        let installment = installments["data"][0]["id"].as_str().unwrap();
        let of_loan = listed(&operator, &format!("?reference={installment}")).await;
        assert_eq!(of_loan, [third.clone(), first.clone()], "the payments of its loan");

        app.clock.advance(Duration::from_hours(24));
        let today = app.clock.now().unmoved().business_date();
        assert_eq!(listed(&operator, &format!("?date={today}")).await, [""; 0]);
        let day = today.yesterday().unwrap();
        assert_eq!(listed(&operator, &format!("?date={day}")).await.len(), 3);
        assert_eq!(listed(&operator, &format!("?date={day}&partner_id={}", other.id)).await.len(), 1);
        let shown = operator.get(&format!("/payments/{first}")).await.expect(200).body;
        assert_eq!((&shown["reference"], &shown["loan_id"]), (&json!("E1"), &json!(mine)));
        let export = operator.get(&format!("/payments/export?date={day}")).await.expect(200);
        assert_eq!(text(&export.bytes).lines().count(), 4);
        let long = "E".repeat(101);
        operator.get(&format!("/payments?reference={long}")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_find_a_payment_see_it_and_reverse_it() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let loan = active(&partner, 529_982_247).await;
        let charge = txid(&operator, &loan).await;
        let payment = pay(&operator, &loan, "E77").await;
        let treasurer = Person::with_roles(&app, "treasury".parse().unwrap()).await;
        let empty = treasurer.read("/console/money/payments?q=E78").await;
        assert!(empty.contains("Nenhum pagamento encontrado"), "{empty}");
        let found = treasurer.read("/console/money/payments?q=E77").await;
        let page = format!("/console/payments/{payment}");
        assert!(found.contains(&page) && found.contains("R$"), "{found}");
        let of_charge = treasurer.read(&format!("/console/money/payments?q={charge}")).await;
        assert!(of_charge.contains("Parcela 1, vence em") && of_charge.contains(&page), "{of_charge}");
        let shown = treasurer.read(&page).await;
        assert!(shown.contains("E77") && shown.contains(&format!("{page}/reverse")), "{shown}");
        treasurer.press(&format!("{page}/reverse"), "").await.expect(303);
        let shown = treasurer.read(&page).await;
        assert!(shown.contains("Estornado em") && !shown.contains(&format!("{page}/reverse")), "{shown}");
        let export = treasurer.page("/console/money/payments/export").await.expect(200);
        assert!(text(&export.bytes).contains(",E77,10.00,"));
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        let seen = auditor.read("/console/money/payments").await;
        assert!(seen.contains("E77") && !seen.contains("/reverse"), "{seen}");
        treasurer.page("/console/payments/pay_0190f3b4c5d67e8f90a1b2c3d4e5f607").await.expect(404);
        let day: Value = operator.get("/overview").await.expect(200).body["money"].clone();
        assert_eq!((&day["received"]["count"], &day["received"]["amount"]), (&json!(1), &json!("10.00")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_lists_cannot_read_are_on_the_first_page() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let loan = active(&partner, 529_982_247).await;
        let payment = pay(&operator, &loan, "E1").await;
        let treasurer = Person::with_roles(&app, "treasury".parse().unwrap()).await;
        assert!(!treasurer.read("/console").await.contains("não pode ser lida"));
        let damaged = payment.clone();
        let damage = move |tx: &mut store::Tx<'_>| {
            tx.execute("update payments set kind = 'gift' where id = $1", store::args![damaged])
        };
        app.state.store.write(damage).await.unwrap();
        let page = treasurer.read("/console/money/payments").await;
        assert!(page.contains("Nem todos os pagamentos podem ser lidos."), "{page}");
        let home = treasurer.read("/console").await;
        assert!(home.contains("1 linha não pode ser lida") && home.contains("payments"), "{home}");
        let trouble = operator.get("/overview").await.expect(200).body["trouble"].clone();
        assert_eq!(trouble["unreadable_count"], 1);
        assert_eq!(trouble["unreadable_rows"][0], json!({"table": "payments", "id": payment}));
    }
}

/// An export reads page after page, and of a loan only the number of its contract.
#[tokio::test(flavor = "multi_thread")]
async fn exports_have_every_page_and_open_no_loan() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let loan = active(&partner, 529_982_247).await;
        let contract = operator.get(&format!("/loans/{loan}")).await.expect(200).body["ccb_number"].clone();
        for number in 0..105 {
            pay(&operator, &loan, &format!("E{number}")).await;
        }
        let damage = |tx: &mut store::Tx<'_>| {
            let damaged = vec![0_u8; 3];
            tx.execute("update loans set sealed = $1", store::args![damaged])
        };
        app.state.store.write(damage).await.unwrap();
        let ending = format!(",{}", contract.as_str().unwrap());
        let payments = text(&operator.get("/payments/export").await.expect(200).bytes);
        assert_eq!(payments.lines().filter(|line| line.ends_with(&ending)).count(), 105, "{payments}");
        let entries = text(&operator.get("/journal-entries/export?account=cash").await.expect(200).bytes);
        assert_eq!(
            entries.lines().filter(|line| line.contains(&format!("{ending},cash,"))).count(),
            106,
            "{entries}"
        );
    }
}
