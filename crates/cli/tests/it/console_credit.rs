//! The credit decision in the console.

use domain::access::{FourEyes, RoleNames};
use serde_json::Value;

use crate::console::{Person, hidden, text};
use crate::console_queues::cases;
use crate::engines::on_both_engines;
use crate::operator::Operator;
use crate::policy::example;
use crate::support::{Setup, TestApp};

const QUEUE: &str = "/console/queues/credit_referred";

fn with_policy() -> Setup {
    Setup { policy: Some(example()), ..Setup::default() }
}

async fn analyst(app: &TestApp) -> Person {
    let role: RoleNames = "credit".parse().unwrap();
    Person::with_roles(app, role).await
}

/// The terms of a form, with reasons.
fn terms(amount: &str, reasons: &str) -> String {
    format!(
        "amount={amount}&least=3.000,00&rate=2,49&fewest=6&most=18&fee=1&charges=financed&valid_days=&simples_on=\
         &reasons={reasons}"
    )
}

async fn decisions(app: &TestApp, customer: &str) -> Vec<Value> {
    let path = format!("/customers/{customer}/credit-decisions");
    Operator::of(app).await.get(&path).await.expect(200).body["data"].as_array().unwrap().clone()
}

on_both_engines!(a_referred_credit_is_decided_on_its_page:
    a_referred_credit_is_decided_on_sqlite, a_referred_credit_is_decided_on_postgresql, with_policy());

async fn a_referred_credit_is_decided_on_its_page(app: &TestApp) {
    let helena = analyst(app).await;
    let partner = app.partner().await;
    let customer = partner.documented_customer(529_982_247, "credit_referred").await;
    app.let_seconds_pass(3).await;
    let case = cases(&helena.read(QUEUE).await).remove(0);
    let path = format!("/console/customers/{customer}/credit");
    assert!(case.starts_with(&format!("{path}?queue=credit_referred&at=")), "{case}");
    let page = helena.read(&case).await;
    assert!(page.contains("class=\"case-bar\"") && page.contains("Espera decisão"), "{page}");
    assert!(page.contains("exemplo-2026-03") && page.contains("é esta que decide"), "{page}");
    assert!(page.contains("••.222.333/0001-••") && !page.contains("11.222.333/0001-81"), "{page}");

    // The price comes while one writes, or by a button without scripts.
    let live = format!("/console/live/customers/{customer}/price");
    let form = |given: &str| format!("{}&{given}", hidden(&page));
    let price = text(&helena.press(&live, &form(&terms("35.000,00", ""))).await.expect(200).bytes);
    assert!(price.contains("18 parcelas de") && price.contains("CET"), "{price}");
    let none = text(&helena.press(&live, &form(&terms("", ""))).await.expect(200).bytes);
    assert!(none.contains("O preço aparece quando"), "{none}");
    let shown = form(&format!("{}&outcome=price", terms("35.000,00", "")));
    assert!(text(&helena.press(&case, &shown).await.expect(200).bytes).contains("18 parcelas de"));

    let without = form(&format!("{}&outcome=approve", terms("35.000,00", "")));
    let refused = text(&helena.press(&case, &without).await.expect(422).bytes);
    assert!(refused.contains("Nada foi decidido.") && refused.contains("ao menos um motivo"), "{refused}");
    let approve = |outcome: &str| form(&format!("{}&outcome={outcome}", terms("35.000,00", "Paga em dia.")));
    let asked = text(&helena.press(&case, &approve("approve")).await.expect(200).bytes);
    assert!(asked.contains("Aprovar até R$\u{a0}35.000,00 para "), "{asked}");
    assert_eq!(decisions(app, &customer).await.len(), 1, "asking decides nothing");
    let done = helena.press(&case, &approve("approve_now")).await.expect(303);
    assert_eq!(done.header("location"), Some(case.as_str()), "the case stays");
    let after = helena.read(&case).await;
    assert!(after.contains("data-key=\"n\"") && after.contains("Este caso saiu da fila."), "{after}");
    assert!(
        after.contains("Helena Couto") && after.contains("foi aprovado até R$\u{a0}35.000,00"),
        "{after}"
    );
    let decided = decisions(app, &customer).await;
    assert_eq!(decided[0]["decided_by"], helena.id.to_string());
    assert_eq!(decided[0]["inputs"]["em_aberto_cpf"], "0.00", "the facts are kept");
    assert_eq!(decided[0]["policy_version"], "exemplo-2026-03");
    assert!(decided[0]["explanation"].as_str().unwrap().contains("Motivos: Paga em dia."));

    // The page of before decides no more.
    let late = text(&helena.press(&case, &form("outcome=refuse&reasons=Renda.")).await.expect(409).bytes);
    assert!(late.contains("Outra pessoa decidiu antes."), "{late}");
    let again = format!("{}&outcome=refuse&reasons=Renda.", hidden(&late));
    helena.press(&path, &again).await.expect(303);
    assert_eq!(decisions(app, &customer).await[0]["outcome"], "refused");
    helena.page("/console/customers/cust_0190f3b4c5d67e8f90a1b2c3d4e5f607/credit").await.expect(404);
}

on_both_engines!(a_person_who_may_not_decide_reads_the_credit:
    a_reader_reads_the_credit_on_sqlite, a_reader_reads_the_credit_on_postgresql);

async fn a_person_who_may_not_decide_reads_the_credit(app: &TestApp) {
    let auditor = Person::with_roles(app, "auditor".parse().unwrap()).await;
    let customer = app.partner().await.documented_customer(529_982_247, "credit_referred").await;
    let path = format!("/console/customers/{customer}/credit");
    let page = auditor.read(&path).await;
    assert!(page.contains("sandbox-1") && page.contains("A política aprova sem uma pessoa."), "{page}");
    assert!(
        page.contains("O seu papel não decide sobre crédito.") && !page.contains("data-key=\"a\""),
        "{page}"
    );
    auditor.press(&path, "outcome=refuse&reasons=Renda.").await.expect(403);
}

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

on_both_engines!(two_people_approve_above_the_limit_by_their_pages:
    two_people_approve_above_the_limit_on_sqlite, two_people_approve_above_the_limit_on_postgresql, with_four_eyes());

async fn two_people_approve_above_the_limit_by_their_pages(app: &TestApp) {
    let davi = Person::named(app, "Davi Nogueira", "credit".parse().unwrap()).await;
    let helena = Person::named(app, "Helena Couto", "credit-committee".parse().unwrap()).await;
    let customer = app.partner().await.documented_customer(529_982_247, "credit_referred").await;
    app.let_seconds_pass(3).await;
    let path = format!("/console/customers/{customer}/credit");
    let page = davi.read(&path).await;
    assert!(page.contains("Acima dele, uma segunda pessoa aprova."), "{page}");
    let form =
        |outcome: &str| format!("{}&{}&outcome={outcome}", hidden(&page), terms("80.000,00", "Paga em dia."));
    let asked = text(&davi.press(&path, &form("approve")).await.expect(200).bytes);
    assert!(asked.contains("Propor até R$\u{a0}80.000,00 para "), "{asked}");
    let done = davi.press(&path, &form("approve_now")).await.expect(303);
    let proposal = done.header("location").unwrap().to_owned();
    assert!(proposal.starts_with("/console/proposals/prop_"), "{proposal}");
    assert!(davi.read(&path).await.contains("Uma aprovação espera a segunda pessoa."));
    let shown = helena.read(&proposal).await;
    assert!(
        shown.contains("Aprovar até R$\u{a0}80.000,00 para ") && shown.contains("Paga em dia."),
        "{shown}"
    );
    assert!(shown.contains("6 a 18 parcelas") && shown.contains("data-key=\"a\""), "{shown}");
    let colleague = Person::named(app, "Rui Tavares", "credit".parse().unwrap()).await;
    let blocked = colleague.read(&proposal).await;
    assert!(
        blocked.contains("O valor passa do seu limite.") && !blocked.contains("data-key=\"a\""),
        "{blocked}"
    );
    helena.press(&format!("{proposal}/approve"), "").await.expect(303);
    let decided = davi.read(&path).await;
    assert!(
        decided.contains("Helena Couto") && decided.contains("foi aprovado até R$\u{a0}80.000,00"),
        "{decided}"
    );
}
