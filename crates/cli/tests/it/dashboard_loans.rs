//! The dashboard's pages of loans: the list, one loan, and its contract.

use std::time::Duration;

use domain::access::TeamRole;
use domain::id::LoanId;
use domain::ledger::LedgerAccount;
use domain::money::Cents;
use server::workers;

use crate::console::{Person, text};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_every_charge_and_payment_and_sums_to_the_balance() {
    for app in TestApp::on_each_engine().await {
        let (partner, other) = (app.partner().await, app.partner().await);
        let unsigned = partner.loan(529_982_247, "never_signs").await.id();
        let loan = partner.loan(111_444_777, "pays_late").await.id();
        app.let_seconds_pass(10).await;
        for _ in 0..45 {
            app.clock.advance(Duration::from_hours(24));
            workers::run_until_idle(&app.state).await.unwrap();
        }
        let person = Person::of_team(&app, partner.id, TeamRole::Support).await;
        let path = format!("/dashboard/loans/{loan}/statement");
        assert!(person.read(&format!("/dashboard/loans/{loan}")).await.contains(&path));
        let page = person.read(&path).await;
        for words in ["Liberação ao cliente", ">IOF<", ">Juros<", ">Encargos por atraso<", ">Pagamento<"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let csv = text(&person.page(&format!("{path}.csv")).await.expect(200).bytes);
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(',').collect()).collect();
        let cents = |text: &str| -> i64 { text.replace('.', "").parse().unwrap() };
        let mut balance = 0;
        for row in &rows {
            balance += cents(row[2]);
            assert_eq!(cents(row[3]), balance, "{csv}");
        }
        assert_eq!((rows[0][1], rows.iter().filter(|row| row[1] == "payment").count()), ("disbursement", 1));
        let (of, id) = (partner.id, loan.parse::<LoanId>().unwrap());
        let journal = move |tx: &mut store::Tx<'_>| store::ledger::balances_of_loan(tx, of, id);
        let journal = app.state.store.read(journal).await.unwrap();
        let owed = journal.iter().filter(|on| {
            [LedgerAccount::PrincipalReceivable, LedgerAccount::CustomerCredit].contains(&on.account)
        });
        let owed: Cents = owed.map(|on| on.amount).sum();
        assert_eq!(Cents::new(balance), owed, "the balance is that of the journal");
        assert!(
            person
                .read(&format!("/dashboard/loans/{unsigned}/statement"))
                .await
                .contains("Nenhum lançamento")
        );
        let stranger = Person::of_team(&app, other.id, TeamRole::Admin).await;
        stranger.page(&path).await.expect(404);
        stranger.page(&format!("{path}.csv")).await.expect(404);
    }
}
