//! The dashboard's pages of customers: the list, its search, one customer, and the link for the KYC.

use std::time::Duration;

use domain::access::TeamRole;

use crate::console::{Person, text};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn customers_are_listed_and_found_by_their_partner_alone() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let mine = partner.customer(529_982_247, "manual").await;
        let theirs = other.customer(529_982_247, "manual").await;
        app.index().await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let list = person.read("/dashboard/customers").await;
        assert!(list.contains(&mine) && !list.contains(&theirs), "{list}");
        assert!(!list.contains("529.982.247-25") && !list.contains("11.222.333/0001-81"), "{list}");
        assert!(!person.read("/dashboard/customers?status=active").await.contains(&mine));
        assert!(person.read("/dashboard/customers?status=pending_kyc").await.contains(&mine));
        for sought in [
            mine.as_str(),
            "m-529982247",
            "529.982.247-25",
            "11222333000181",
            "ana%2Bmanual@example.com",
            "11+99999-9999",
            "doces+ana",
            "souza",
        ] {
            let found = person.read(&format!("/dashboard/customers?q={sought}")).await;
            assert!(found.contains(&mine) && !found.contains(&theirs), "{sought}: {found}");
        }
        for nothing in [theirs.as_str(), "pereira", "m-1", "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"] {
            let found = person.read(&format!("/dashboard/customers?q={nothing}")).await;
            assert!(found.contains("Nada com"), "{nothing}: {found}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_has_its_kyc_offers_loans_and_masked_data() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let loan = partner.loan(529_982_247, "").await;
        let customer = loan.body["customer_id"].as_str().unwrap().to_owned();
        let page = format!("/dashboard/customers/{customer}");
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let masked = person.read(&page).await;
        for words in [&*loan.id(), "CCB-", "Selfie", "Aceito", "m-529982247", "a***@example.com"] {
            assert!(masked.contains(words), "{words}: {masked}");
        }
        let full = person.read(&format!("{page}/shown")).await;
        for personal in ["529.982.247-25", "11.222.333/0001-81", "ana@example.com", "+5511999999999"] {
            assert!(full.contains(personal) && !masked.contains(personal), "{personal}: {full}");
        }
        assert!(masked.contains("não tem nada a enviar"), "{masked}");
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        stranger.page(&page).await.expect(404);
        stranger.page(&format!("{page}/shown")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_developer_makes_one_link_at_a_time() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let page = format!("/dashboard/customers/{}", partner.customer(529_982_247, "manual").await);
        let form = format!("{page}/kyc-link");
        let support = Person::of_team(&app, partner.id, TeamRole::Support).await;
        assert!(!support.read(&page).await.contains(&form));
        support.press(&form, "").await.expect(403);
        let developer = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        assert!(developer.read(&page).await.contains(&form));
        let made = text(&developer.press(&form, "").await.expect(200).bytes);
        let link =
            made.split(['"', '<', '>']).find(|part| part.contains("/biometrics?code=dinie_bsc_")).unwrap();
        let (_, path) = link.split_once("/biometrics").unwrap();
        app.get(&format!("/biometrics{path}")).await.expect(200);
        let again = text(&developer.press(&form, "").await.expect(409).bytes);
        assert!(again.contains("Nenhum link foi criado") && again.contains("Há um link aberto"), "{again}");
        let stranger = Person::of_team(&app, other.id, TeamRole::Developer).await;
        stranger.press(&form, "").await.expect(404);
        app.clock.advance(Duration::from_hours(24 * 30));
        let developer = Person::of_team(&app, partner.id, TeamRole::Developer).await;
        assert!(developer.read(&page).await.contains(&form), "the link has ended");
    }
}
