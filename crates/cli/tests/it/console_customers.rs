//! The search and the customer's page of the console.

use domain::access::{Limits, Permissions, Role, Roles};
use serde_json::Value;

use crate::console::{Person, hidden, text};
use crate::operator::Operator;
use crate::support::{Setup, TestApp};

async fn reviewer(app: &TestApp) -> Person {
    Person::with_roles(app, "analyst".parse().unwrap()).await
}

#[tokio::test]
async fn a_reviewer_finds_a_customer_and_decides_on_each_requirement() {
    let app = TestApp::new().await;
    let (partner, reviewer) = (app.partner().await, reviewer(&app).await);
    let customer = partner.documented_customer(529_982_247, "manual").await;
    app.let_seconds_pass(1).await;
    server::workers::search::tick(&app.state).await.unwrap();
    let found = text(&reviewer.page("/console/search?q=doces").await.expect(200).bytes);
    let path = format!("/console/customers/{customer}");
    assert!(found.contains(&format!("href=\"{path}\"")) && found.contains("<mark>Doces</mark>"), "{found}");

    let page = text(&reviewer.page(&path).await.expect(200).bytes);
    assert!(page.contains("••.222.333/0001-••") && !page.contains("11.222.333/0001-81"));
    let shown = text(&reviewer.page(&format!("{path}/shown")).await.expect(200).bytes);
    assert!(shown.contains("11.222.333/0001-81"));
    let image = page.split("<img src=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let image = reviewer.page(&image).await.expect(200);
    assert_eq!(image.header("x-content-type-options"), Some("nosniff"));
    assert!(image.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(image.header("cache-control"), Some("no-store"));

    // This PDF has no page that can be shown, so the reviewer opens the file.
    assert!(page.contains("não podem ser mostradas") && !page.contains("<iframe"), "{page}");
    let pdf = page.split("href=\"/console/documents/").map(|part| part.split('"').next().unwrap());
    let pdf = format!("/console/documents/{}", pdf.last().unwrap());
    let pdf = reviewer.page(&pdf).await.expect(200);
    assert_eq!(pdf.header("content-type"), Some("application/pdf"));
    assert_eq!(pdf.header("x-content-type-options"), Some("nosniff"));
    assert!(pdf.header("content-security-policy").unwrap().contains("sandbox"));

    let kyc = format!("{path}/kyc");
    let without_reason = format!("{}&verdict=reject", hidden(&page));
    let refused = text(&reviewer.press(&kyc, &without_reason).await.expect(422).bytes);
    assert!(refused.contains("Falta o motivo."), "{refused}");
    for _ in 0..3 {
        let page = text(&reviewer.page(&path).await.expect(200).bytes);
        reviewer.press(&kyc, &format!("{}&verdict=accept", hidden(&page))).await.expect(303);
    }
    let again = reviewer.press(&kyc, &format!("{}&verdict=accept", hidden(&page))).await.expect(409);
    assert!(text(&again.bytes).contains("Nada foi decidido."));
    let active = text(&reviewer.page(&path).await.expect(200).bytes);
    assert!(active.contains("Ativo"), "{active}");
    for tab in ["offers", "loans", "mails"] {
        reviewer.page(&format!("{path}?tab={tab}")).await.expect(200);
    }
    reviewer.press(&format!("{path}/notes"), "text=pede+prazo").await.expect(303);
    let notes = reviewer.read(&format!("{path}?tab=notes")).await;
    assert!(notes.contains("pede prazo") && notes.matches("/strike").count() == 1, "{notes}");
    let history = reviewer.read(&format!("{path}?tab=timeline")).await;
    for words in ["Mercado Exemplo cadastrou o cliente", "enviado", "Anotação de Helena Couto"] {
        assert!(history.contains(words), "{words}: {history}");
    }
    let other = self::reviewer(&app).await;
    let strike = notes.split("action=\"").find(|part| part.contains("/strike\"")).unwrap();
    let strike = strike.split('"').next().unwrap();
    other.press(strike, "").await.expect(409);
    reviewer.press(strike, "").await.expect(303);
    assert!(reviewer.read(&format!("{path}?tab=notes")).await.contains("<del>pede prazo</del>"));
    reviewer.page("/console/customers/cust_0190f3b4c5d67e8f90a1b2c3d4e5f607").await.expect(404);
    let trail = Operator::of(&app).await.get("/audit?limit=30").await.expect(200).body;
    let of = |entry: &Value| entry["operation"].as_str().unwrap().to_owned();
    let operations: Vec<String> = trail["data"].as_array().unwrap().iter().map(of).collect();
    assert!(operations.contains(&format!("GET {path}/shown")), "{operations:?}");
    assert!(operations.contains(&"GET /console/search".to_owned()), "{operations:?}");
}

#[tokio::test]
async fn a_part_of_a_customer_needs_the_permission_of_what_it_shows() {
    let permissions: Permissions =
        ["customers.read", "loans.read"].into_iter().map(|word| word.parse().unwrap()).collect();
    let clerk = ("clerk".parse().unwrap(), Role { permissions, limits: Limits::NOTHING });
    let app = TestApp::with(Setup { roles: Some(Roles::new([clerk].into())), ..Setup::default() }).await;
    let customer = app.partner().await.customer(529_982_247, "manual").await;
    let clerk = Person::with_roles(&app, "clerk".parse().unwrap()).await;
    let path = format!("/console/customers/{customer}");
    let page = clerk.read(&path).await;
    for (tab, status) in [("loans", 200), ("offers", 403), ("mails", 403), ("notes", 403), ("timeline", 200)]
    {
        assert_eq!(page.contains(&format!("?tab={tab}\"")), status == 200, "{tab}: {page}");
        clerk.page(&format!("{path}?tab={tab}")).await.expect(status);
    }
}

#[tokio::test]
async fn a_reviewer_refuses_a_customer_for_good_and_credit_withdraws_an_offer() {
    let app = TestApp::new().await;
    let (partner, reviewer) = (app.partner().await, reviewer(&app).await);
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let path = format!("/console/customers/{customer}");
    assert!(reviewer.read(&path).await.contains(&format!("href=\"{path}/refuse\"")));
    let asked = reviewer.read(&format!("{path}/refuse")).await;
    assert!(asked.contains("de vez?"), "{asked}");
    reviewer
        .press(&format!("{path}/refuse"), "document=doc_0190f3b4c5d67e8f90a1b2c3d4e5f607")
        .await
        .expect(409);
    reviewer.press(&format!("{path}/refuse"), &hidden(&asked)).await.expect(303);
    let refused = partner.get(&format!("/v3/customers/{customer}")).await.expect(200).body;
    assert_eq!(refused["status"], "denied");
    assert!(!reviewer.read(&path).await.contains("/refuse\""));
    reviewer.page(&format!("{path}/refuse")).await.expect(303);

    let offer = partner.offer(111_444_777, "").await;
    let found = partner.get(&format!("/v3/credit-offers/{offer}")).await.expect(200).body;
    let offers = format!("/console/customers/{}?tab=offers", found["customer_id"].as_str().unwrap());
    let withdraw = format!("{}/offers/{offer}/withdraw", offers.split('?').next().unwrap());
    assert!(!reviewer.read(&offers).await.contains("/withdraw\""), "an analyst withdraws nothing");
    let credit = Person::with_roles(&app, "credit".parse().unwrap()).await;
    assert!(credit.read(&offers).await.contains(&format!("href=\"{withdraw}\"")));
    assert!(credit.read(&withdraw).await.contains("Retirar a oferta de R$"));
    credit.press(&withdraw, "").await.expect(303);
    credit.press(&withdraw, "").await.expect(303);
    let found = partner.get(&format!("/v3/credit-offers/{offer}")).await.expect(200).body;
    assert_eq!(found["status"], "expired");
}
