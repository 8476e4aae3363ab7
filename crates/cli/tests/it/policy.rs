//! The credit policy: what it decides in each environment, what it leaves to operators, and its command.

use std::time::Duration;

use domain::credential::Environment;
use domain::credit::policy::{Approval, Policy};
use serde_json::{Value, json};
use server::config::policy;

use crate::architecture::root;
use crate::inputs::registration;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// MEIs are approved at once, whatever their age.
pub(crate) const AUTOMATIC: &str = r#"
    version = "automatica-7"
    approval = "automatic"
    [[table]]
    name = "mei"
    legal_natures = ["mei"]
    max_amount = "7500.00"
    min_amount = "500.00"
    monthly_rate_percent = "4.25"
    min_installments = 2
    max_installments = 10
    service_fee_percent = "2"
    charges = "deducted"
    valid_days = 10
"#;

pub(crate) fn example() -> Policy {
    policy::read(&root().join("docs/policy.example.toml")).unwrap()
}

fn automatic() -> Policy {
    policy::parse(AUTOMATIC).unwrap()
}

/// A server on each engine, with a partner and an operator.
async fn apps(environment: Environment, policy: Option<Policy>) -> Vec<(TestApp, Partner, Operator)> {
    let mut found = Vec::new();
    for app in TestApp::on_each_engine_with(Setup { environment, policy, ..Setup::default() }).await {
        let (partner, operator) = (app.partner().await, Operator::of(&app).await);
        found.push((app, partner, operator));
    }
    found
}

async fn decisions(operator: &Operator, customer: &str) -> Vec<Value> {
    let path = format!("/customers/{customer}/credit-decisions");
    operator.get(&path).await.expect(200).body["data"].as_array().unwrap().clone()
}

/// The only decision on a customer.
async fn decision(operator: &Operator, customer: &str) -> Value {
    let decisions = decisions(operator, customer).await;
    assert_eq!(decisions.len(), 1, "{decisions:?}");
    decisions[0].clone()
}

/// A customer with all documents, and the only decision on them.
async fn decided(partner: &Partner, operator: &Operator, tags: &str) -> (String, Value) {
    let customer = partner.documented_customer(529_982_247, tags).await;
    partner.app.let_seconds_pass(2).await;
    let decision = decision(operator, &customer).await;
    (customer, decision)
}

async fn offers(partner: &Partner, customer: &str) -> Vec<Value> {
    let path = format!("/v3/customers/{customer}/credit-offers");
    partner.get(&path).await.expect(200).body["data"].as_array().unwrap().clone()
}

/// The operator accepts all that the customer has handed in.
async fn accept_kyc(operator: &Operator, customer: &str) {
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let submitted = shown["requirements"].as_array().unwrap().iter().filter(|r| r["status"] == "submitted");
    let accept = submitted.map(|requirement| crate::inputs::decision(requirement, "accept"));
    let body = json!({"decisions": accept.collect::<Vec<_>>()});
    let path = format!("/customers/{customer}/kyc-decisions");
    assert_eq!(operator.post(&path, &body).await.expect(200).body["status"], "active");
}

#[tokio::test(flavor = "multi_thread")]
async fn production_without_a_policy_decides_nothing() {
    for (app, partner, operator) in apps(Environment::Production, None).await {
        let customer = partner.documented_customer(529_982_247, "no_offer").await;
        app.let_seconds_pass(5).await;
        assert_eq!(decisions(&operator, &customer).await, Vec::<Value>::new());
        accept_kyc(&operator, &customer).await;
        app.let_seconds_pass(5).await;
        assert_eq!(decisions(&operator, &customer).await, Vec::<Value>::new());
        assert_eq!(offers(&partner, &customer).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refers_what_the_policy_cannot_tell_and_an_operator_decides_after_it() {
    for (_, partner, operator) in apps(Environment::Production, Some(example())).await {
        // No tag counts in production.
        let (customer, referred) = decided(&partner, &operator, "manual+no_offer").await;
        assert_eq!((&referred["outcome"], &referred["decided_by"]), (&json!("referred"), &json!("policy")));
        assert_eq!(referred["policy_version"], "exemplo-2026-03");
        let reason = "recusa \"empresa-nova\": depende da idade da empresa, que não é conhecida";
        assert_eq!(referred["reasons"], json!([reason]));
        let inputs = json!({
            "natureza_juridica": "mei", "idade_da_empresa_meses": "desconhecida",
            "parceiro": partner.id.to_string(),
            "concedido_cpf": "0.00", "em_aberto_cpf": "0.00", "concedido_cnpj": "0.00", "em_aberto_cnpj": "0.00"
        });
        assert_eq!(referred["inputs"], inputs);
        accept_kyc(&operator, &customer).await;
        assert_eq!(offers(&partner, &customer).await, Vec::<Value>::new());

        let path = format!("/customers/{customer}/credit-decisions");
        let mut approval = json!({
            "outcome": "referred", "policy_version": "comite-1", "reasons": ["aberta em 2019"],
            "offer": {"approved_amount": "9000.00", "min_amount": "1000.00", "interest_rate": 3, "installments": 6}
        });
        operator.post(&path, &approval).await.expect_problem_of("outcome", 422, "invalid_format");
        approval["outcome"] = json!("approved");
        operator.post(&path, &approval).await.expect(201);
        assert_eq!(offers(&partner, &customer).await.len(), 1);
        let outcomes: Vec<Value> = decisions(&operator, &customer)
            .await
            .iter()
            .map(|decision| decision["outcome"].clone())
            .collect();
        assert_eq!(outcomes, ["approved", "referred"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_refers_with_the_row_that_fits_where_the_policy_leaves_approvals_to_operators() {
    let cautious = Policy { approval: Approval::ByOperator, ..automatic() };
    for (_, partner, operator) in apps(Environment::Production, Some(cautious)).await {
        let (customer, referred) = decided(&partner, &operator, "").await;
        assert_eq!(referred["outcome"], "referred");
        assert_eq!(
            referred["reasons"],
            json!([
                "tabela \"mei\": MEI; a política deixa a aprovação ao operador",
                "de R$\u{a0}500,00 a R$\u{a0}7.500,00, 4,25 % ao mês, de 2 a 10 parcelas, tarifa de 2 %, encargos \
                 descontados, oferta válida por 10 dias"
            ])
        );
        accept_kyc(&operator, &customer).await;
        assert_eq!(offers(&partner, &customer).await, Vec::<Value>::new());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn production_approves_by_itself_where_the_policy_says_so_and_offers_once_kyc_is_accepted() {
    for (app, partner, operator) in apps(Environment::Production, Some(automatic())).await {
        let (customer, approved) = decided(&partner, &operator, "no_offer").await;
        assert_eq!((&approved["outcome"], &approved["decided_by"]), (&json!("approved"), &json!("policy")));
        assert_eq!(approved["reasons"][0], "tabela \"mei\": MEI");
        assert_eq!(offers(&partner, &customer).await, Vec::<Value>::new());
        accept_kyc(&operator, &customer).await;
        let listed = operator.get(&format!("/credit-offers?customer_id={customer}")).await.expect(200);
        let offer = listed.body["data"][0].clone();
        let said = |name: &str| offer[name].clone();
        assert_eq!((said("approved_amount"), said("min_amount")), (json!("7500.00"), json!("500.00")));
        assert_eq!((said("min_installments"), said("max_installments")), (json!(2), json!(10)));
        assert_eq!((said("interest_rate"), said("service_fee")), (json!(4.25), json!(2)));
        let id = offer["id"].as_str().unwrap().parse().unwrap();
        let find = move |tx: &mut store::Tx<'_>| store::offers::find(tx, partner.id, id);
        let stored = app.state.store.read(find).await.unwrap().unwrap();
        assert_eq!(stored.valid_until, stored.created_at.plus(Duration::from_secs(10 * 86_400)));
        assert_eq!(stored.terms.product.charges, domain::loan::pricing::Charges::Deducted);
        // Nothing is decided again.
        app.let_seconds_pass(3).await;
        decision(&operator, &customer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_rule_refuses_and_its_reasons_are_shown() {
    let refusal =
        "[[refusal]]\nname = \"sem-mei\"\nlegal_natures = [\"mei\"]\nreason = \"Não atendemos MEI.\"\n";
    let row = AUTOMATIC.replace("legal_natures = [\"mei\"]", "");
    let policy = policy::parse(&format!("{row}\n{refusal}")).unwrap();
    for (_, partner, operator) in apps(Environment::Production, Some(policy)).await {
        let (customer, refused) = decided(&partner, &operator, "").await;
        assert_eq!((&refused["outcome"], &refused["decided_by"]), (&json!("refused"), &json!("policy")));
        assert_eq!(refused["policy_version"], "automatica-7");
        assert_eq!(refused["reasons"], json!(["recusa \"sem-mei\": Não atendemos MEI."]));
        assert_eq!(refused["inputs"]["natureza_juridica"], "mei");
        accept_kyc(&operator, &customer).await;
        assert_eq!(offers(&partner, &customer).await, Vec::<Value>::new());
    }
}

#[tokio::test]
async fn who_decides_before_the_policy_has_decided() {
    let setup = Setup { environment: Environment::Production, policy: Some(automatic()), ..Setup::default() };
    let app = TestApp::with(setup).await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let customer = partner.customer(529_982_247, "").await;
    let refusal = json!({"outcome": "refused", "policy_version": "comite-1", "reasons": ["conhecido"]});
    operator.post(&format!("/customers/{customer}/credit-decisions"), &refusal).await.expect(201);
    app.let_seconds_pass(3).await;
    assert_eq!(decision(&operator, &customer).await["policy_version"], "comite-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandbox_offers_its_own_terms_unless_a_tag_says_otherwise() {
    for (app, partner, operator) in apps(Environment::Sandbox, None).await {
        for (number, tags, terms, policy_reason) in [
            (529_982_247, "", Some(("50000.00", 3.5, 12, 12)), "tabela \"sandbox\": qualquer empresa"),
            (111_444_777, "small_offer", Some(("5000.00", 1.99, 6, 6)), "tag small_offer"),
            (255_248_930, "range_offer", Some(("50000.00", 3.5, 3, 24)), "tag range_offer"),
            (
                123_456_789,
                "range_offer+small_offer",
                Some(("5000.00", 1.99, 3, 24)),
                "tags range_offer, small_offer",
            ),
            (100_000_001, "no_offer", None, "tag no_offer"),
        ] {
            let customer = partner.documented_customer(number, tags).await;
            app.let_seconds_pass(3).await;
            let decided = decision(&operator, &customer).await;
            assert_eq!(
                (&decided["policy_version"], &decided["reasons"][0]),
                (&json!("sandbox-1"), &json!(policy_reason))
            );
            assert_eq!(decided["decided_by"], if tags.is_empty() { "policy" } else { "sandbox" });
            let listed = operator.get(&format!("/credit-offers?customer_id={customer}")).await.expect(200);
            let offer = &listed.body["data"][0];
            let Some((most, rate, min, max)) = terms else {
                assert!(offer.is_null(), "{offer}");
                continue;
            };
            assert_eq!((&offer["approved_amount"], &offer["min_amount"]), (&json!(most), &json!("1000.00")));
            assert_eq!((&offer["interest_rate"], &offer["service_fee"]), (&json!(rate), &json!(1.2)));
            let counts = (&offer["min_installments"], &offer["max_installments"]);
            assert_eq!(counts, (&json!(min), &json!(max)));
        }
    }
}

#[tokio::test]
async fn a_sandbox_evaluates_the_policy_that_it_is_given_on_the_companys_age() {
    let setup = Setup { policy: Some(example()), ..Setup::default() };
    let app = TestApp::with(setup).await;
    let (partner, operator) = (app.partner().await, Operator::of(&app).await);
    let plain = partner.customer(529_982_247, "ltda").await;
    let tagged = partner.customer(111_444_777, "small_offer").await;
    app.let_seconds_pass(2).await;
    let referred = decision(&operator, &plain).await;
    assert_eq!(referred["outcome"], "referred");
    let age: u32 = referred["inputs"]["idade_da_empresa_meses"].as_str().unwrap().parse().unwrap();
    assert!(age >= 24, "{age}");
    assert!(referred["reasons"][0].as_str().unwrap().starts_with("tabela \"empresa\": EI ou EIRELI ou LTDA"));
    assert_eq!(decision(&operator, &tagged).await["outcome"], "approved");
}

/// MEIs get R$ 20,000 once, whatever partner asks.
const ONCE: &str = r#"
    version = "uma-vez-1"
    approval = "automatic"
    [[refusal]]
    name = "ja-concedido"
    granted_from = "20000.00"
    reason = "Já há crédito concedido."
    [[table]]
    name = "mei"
    legal_natures = ["mei"]
    max_amount = "20000.00"
    min_amount = "1000.00"
    monthly_rate_percent = "2.5"
    installments = 12
    service_fee_percent = "1"
    charges = "deducted"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_partner_got_for_a_person_and_company_counts_at_the_next_one() {
    for (app, first, operator) in apps(Environment::Production, Some(policy::parse(ONCE).unwrap())).await {
        let second = app.partner().await;
        // Approved at registration: there is no offer before KYC is accepted, and it counts already.
        let granted = first.documented_customer(529_982_247, "plain").await;
        app.let_seconds_pass(2).await;
        assert_eq!(decision(&operator, &granted).await["outcome"], "approved");
        let again = second.documented_customer(529_982_247, "plain").await;
        let partner = second.customer(111_444_777, "plain").await;
        let mut other = registration(100_000_001, "plain");
        other["cnpj"] = json!("12.345.678/0001-95");
        let other = second.post("/v3/customers", &other).await.expect(201).id();
        app.let_seconds_pass(2).await;
        let refused = decision(&operator, &again).await;
        assert_eq!((&refused["outcome"], &refused["decided_by"]), (&json!("refused"), &json!("policy")));
        assert_eq!(refused["reasons"], json!(["recusa \"ja-concedido\": Já há crédito concedido."]));
        assert_eq!(refused["inputs"]["concedido_cpf"], "20000.00");
        assert_eq!(refused["inputs"]["concedido_cnpj"], "20000.00");
        assert_eq!(refused["inputs"]["em_aberto_cpf"], "0.00");
        // Another person of the same company, and another person of another one.
        let of_company = decision(&operator, &partner).await;
        assert_eq!(of_company["outcome"], "refused");
        let sums = [&of_company["inputs"]["concedido_cpf"], &of_company["inputs"]["concedido_cnpj"]];
        assert_eq!(sums, [&json!("0.00"), &json!("20000.00")]);
        let free = decision(&operator, &other).await;
        assert_eq!(
            (&free["outcome"], &free["inputs"]["concedido_cpf"]),
            (&json!("approved"), &json!("0.00"))
        );

        // As an offer, and as a loan that is paid out, it counts once.
        accept_kyc(&operator, &granted).await;
        let offer = offers(&first, &granted).await[0]["id"].as_str().unwrap().to_owned();
        let loan = first.simulation(&offer, "5000.00", 12).await;
        let loan = first.post("/v3/loans", &loan).await.expect(201).id();
        first.sign_all(&loan).await;
        operator.act(&format!("/loans/{loan}/disbursement")).await.expect(200);
        operator.act(&format!("/loans/{loan}/disbursement/confirm")).await.expect(200);
        let third = app.partner().await;
        let late = third.customer(529_982_247, "plain").await;
        app.let_seconds_pass(2).await;
        let inputs = decision(&operator, &late).await["inputs"].clone();
        assert_eq!(
            (&inputs["concedido_cpf"], &inputs["em_aberto_cpf"]),
            (&json!("5000.00"), &json!("5000.00"))
        );
    }
}
