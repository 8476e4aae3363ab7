//! The dashboard's pages of loans: the list, one loan, and its contract.

use domain::access::TeamRole;

use crate::console::Person;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_loan_has_its_figures_installments_codes_and_contract_for_its_partner_alone() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let loan = partner.loan(529_982_247, "never_signs").await.id();
        let page = format!("/dashboard/loans/{loan}");
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let list = person.read("/dashboard/loans?status=awaiting_signatures").await;
        assert!(
            list.contains(&page) && list.contains("Doces da Ana") && list.contains("10.000,00"),
            "{list}"
        );
        assert!(!person.read("/dashboard/loans?status=active").await.contains(&page));
        let shown = person.read(&page).await;
        for words in
            ["/sign/", "Contrato gerado", "Plano de pagamento", "ainda não assinou", "/dashboard/customers/"]
        {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains("copy=signed") && !shown.contains("/console/"), "{shown}");
        let pdf = person.page(&format!("{page}/contract.pdf")).await.expect(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
        person.page(&format!("{page}/contract.pdf?copy=signed")).await.expect(404);

        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        stranger.page(&page).await.expect(404);
        stranger.page(&format!("{page}/contract.pdf")).await.expect(404);
        assert!(!stranger.read("/dashboard/loans").await.contains(&loan));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_active_loan_has_codes_a_payment_page_and_the_signed_contract() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let loan = partner.loan(529_982_247, "").await.id();
        app.let_seconds_pass(10).await;
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let page = person.read(&format!("/dashboard/loans/{loan}")).await;
        for words in ["Ativo", "br.gov.bcb.pix", "/pay/", "copy=signed", "Parcela 12"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let pdf = person.page(&format!("/dashboard/loans/{loan}/contract.pdf?copy=signed")).await.expect(200);
        assert!(pdf.bytes.starts_with(b"%PDF"));
    }
}
