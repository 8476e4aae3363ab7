//! The console's proposals: what the second person sees and decides.

use app::people::proposals::{Outcome, Proposer, order_disbursement};
use domain::access::{FourEyes, RoleNames};
use domain::id::{LoanId, OperatorId};

use crate::console::{Person, text};
use crate::engines::on_both_engines;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

async fn treasurer(app: &TestApp, name: &str) -> Person {
    let role: RoleNames = "treasury".parse().unwrap();
    Person::named(app, name, role).await
}

/// Proposes the disbursement of a new signed loan; returns the loan and the proposal.
pub(crate) async fn proposed(app: &TestApp, partner: &Partner, cpf: u32, by: OperatorId) -> (String, String) {
    let loan = partner.loan(cpf, "never_signs").await.id();
    partner.sign_all(&loan).await;
    let (id, tenant, now): (LoanId, _, _) = (loan.parse().unwrap(), partner.id, app.clock.now());
    let proposer = Proposer { operator: by, four_eyes: FourEyes::Required, now };
    let propose = move |tx: &mut app::Tx<'_>| order_disbursement(tx, tenant, now.unmoved(), id, &proposer);
    match app.state.store.write(propose).await.unwrap() {
        Outcome::Proposed(proposal) => (loan, proposal.id.to_string()),
        Outcome::Done(_) => panic!("a disbursement needs two people"),
    }
}

on_both_engines!(two_people_disburse_by_their_pages:
    two_people_disburse_by_their_pages_on_sqlite, two_people_disburse_by_their_pages_on_postgresql, with_four_eyes());

async fn two_people_disburse_by_their_pages(app: &TestApp) {
    let (davi, helena) = (treasurer(app, "Davi Nogueira").await, treasurer(app, "Helena Couto").await);
    let partner = app.partner().await;
    let (loan, proposal) = proposed(app, &partner, 123_456_789, davi.id).await;
    let listed = helena.read("/console/queues/proposals").await;
    assert!(listed.contains("Desembolso, proposto por Davi Nogueira"), "{listed}");
    let path = format!("/console/proposals/{proposal}");
    let page = helena.read(&path).await;
    assert!(
        page.contains("Desembolsar R$\u{a0}10.000,00 para ") && page.contains("data-key=\"a\""),
        "{page}"
    );
    assert!(page.contains(&format!("/console/loans/{loan}")) && page.contains("Pix, chave"), "{page}");
    assert!(
        !page.contains("12345678909") && !page.contains("123.456.789-09"),
        "numbers of people are masked"
    );
    assert!(helena.read(&format!("{path}?confirm=approve")).await.contains("id=\"still-t\""));
    // Nobody approves their own proposal.
    let own = davi.read(&path).await;
    assert!(own.contains("Você propôs. Outra pessoa decide.") && !own.contains("data-key=\"a\""), "{own}");
    let refused = text(&davi.press(&format!("{path}/approve"), "").await.expect(409).bytes);
    assert!(refused.contains("Nada foi decidido."), "{refused}");
    let auditor = Person::with_roles(app, "auditor".parse().unwrap()).await;
    assert!(auditor.read(&path).await.contains("O seu papel não permite esta decisão."));
    auditor.press(&format!("{path}/approve"), "").await.expect(409);
    helena.press(&format!("{path}/approve"), &format!("note={}", "x".repeat(501))).await.expect(422);
    let done = helena
        .press(&format!("{path}/approve?queue=proposals&at=1_{proposal}"), "note=conferido")
        .await
        .expect(303);
    assert_eq!(done.header("location"), Some(format!("{path}?queue=proposals&at=1_{proposal}").as_str()));
    let decided = helena.read(&path).await;
    assert!(decided.contains("Aprovada") && decided.contains("conferido"), "{decided}");
    let late = text(&helena.press(&format!("{path}/reject"), "").await.expect(409).bytes);
    assert!(late.contains("Outra pessoa decidiu antes"), "{late}");
    let shown = Operator::of(app).await.get(&format!("/loans/{loan}")).await.expect(200).body;
    assert_eq!(shown["status"], "disbursing");
    helena.page("/console/proposals/prop_0190f3b4c5d67e8f90a1b2c3d4e5f607").await.expect(404);
}

on_both_engines!(a_stale_proposal_says_what_changed_and_is_only_rejected:
    a_stale_proposal_on_sqlite, a_stale_proposal_on_postgresql, with_four_eyes());

async fn a_stale_proposal_says_what_changed_and_is_only_rejected(app: &TestApp) {
    let (davi, helena) = (treasurer(app, "Davi Nogueira").await, treasurer(app, "Helena Couto").await);
    let partner = app.partner().await;
    let (_, proposal) = proposed(app, &partner, 123_456_789, davi.id).await;
    let (_, other) = proposed(app, &partner, 529_982_247, davi.id).await;
    // Meanwhile the sandbox's autopilot has ordered the first one, without a second person.
    let path = format!("/console/proposals/{proposal}");
    let page = helena.read(&path).await;
    assert!(page.contains("Mudou depois da proposta.") && page.contains("e agora está “"), "{page}");
    assert!(!page.contains("data-key=\"a\"") && page.contains("data-key=\"r\""), "{page}");
    let refused = text(&helena.press(&format!("{path}/approve"), "").await.expect(409).bytes);
    assert!(refused.contains("Ninguém aprova o que mudou"), "{refused}");
    helena.press(&format!("{path}/reject"), "").await.expect(303);
    assert!(helena.read(&path).await.contains("Rejeitada"));
    // Only the first person withdraws.
    let path = format!("/console/proposals/{other}");
    helena.press(&format!("{path}/withdraw"), "").await.expect(409);
    davi.press(&format!("{path}/withdraw"), "").await.expect(303);
    assert!(davi.read(&path).await.contains("Retirada"));
}
