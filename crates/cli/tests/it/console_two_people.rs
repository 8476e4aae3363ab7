//! In the console: roles and write-offs, which need two people, and the ends of failed e-mails.

use domain::access::FourEyes;
use serde_json::json;

use crate::console::{Person, text};
use crate::console_queues::cases;
use crate::engines::on_both_engines;
use crate::operator::Operator;
use crate::queues::failed_mail;
use crate::support::{Setup, TestApp};

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

async fn person(app: &TestApp, name: &str, roles: &str) -> Person {
    Person::named(app, name, roles.parse().unwrap()).await
}

on_both_engines!(roles_are_proposed_and_approved_by_pages:
    roles_are_proposed_and_approved_on_sqlite, roles_are_proposed_and_approved_on_postgresql, with_four_eyes());

async fn roles_are_proposed_and_approved_by_pages(app: &TestApp) {
    let (helena, rui) =
        (person(app, "Helena Couto", "admin").await, person(app, "Rui Tavares", "admin").await);
    let davi = person(app, "Davi Nogueira", "credit").await;
    let page = format!("/console/people/{}", davi.id);
    assert!(helena.read(&page).await.contains(&format!("{page}/roles")));
    assert!(helena.read(&format!("{page}/roles")).await.contains("Outra pessoa aprova."));
    helena.page(&format!("/console/people/{}/roles", helena.id)).await.expect(403);
    let done = helena.press(&format!("{page}/roles"), "role=treasury&role=collections").await.expect(303);
    let proposal = done.header("location").unwrap().to_owned();
    let listed = rui.read("/console/queues/proposals").await;
    assert!(
        listed.contains("Davi Nogueira") && listed.contains("Papéis, proposto por Helena Couto"),
        "{listed}"
    );
    let shown = rui.read(&proposal).await;
    assert!(
        shown.contains("Mudar os papéis de Davi Nogueira") && shown.contains("collections, treasury"),
        "{shown}"
    );
    assert!(davi.read(&proposal).await.contains("A proposta é sobre os seus papéis."));
    rui.press(&format!("{proposal}/approve"), "").await.expect(303);
    assert!(rui.read(&page).await.contains("collections, treasury"));

    let made =
        text(&helena.press("/console/people/program", "name=Rob%C3%B4&role=auditor").await.expect(200).bytes);
    assert!(made.contains("Os papéis esperam a segunda pessoa."), "{made}");
    assert_eq!(app.check_queues().await["proposals"], 1);
}

on_both_engines!(a_write_off_is_asked_about_with_its_reason:
    a_write_off_is_asked_about_on_sqlite, a_write_off_is_asked_about_on_postgresql, with_four_eyes());

async fn a_write_off_is_asked_about_with_its_reason(app: &TestApp) {
    let (davi, helena) = (
        person(app, "Davi Nogueira", "collections").await,
        person(app, "Helena Couto", "credit-committee").await,
    );
    let partner = app.partner().await;
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    let path = format!("/console/loans/{loan}");
    assert!(davi.read(&path).await.contains("Só uma vez, com mais de 90 dias de atraso."));
    davi.page(&format!("{path}/ask/write-off")).await.expect(409);
    for days in [90, 60] {
        partner.post("/sandbox/clock/advance", &json!({ "days": days })).await.expect(200);
    }
    let asked = davi.read(&format!("{path}/ask/write-off")).await;
    assert!(asked.contains("Baixar como prejuízo R$") && asked.contains("Por que não se espera"), "{asked}");
    let write_off = format!("{path}/write-off");
    let missing = text(&davi.press(&write_off, "reason=").await.expect(422).bytes);
    assert!(missing.contains("Escreva o motivo"), "{missing}");
    let case = cases(&davi.read("/console/queues/overdue").await).remove(0);
    let query = case.split_once('?').unwrap().1;
    let done = davi.press(&format!("{write_off}?{query}"), "reason=Sem+bens.").await.expect(303);
    let proposal = done.header("location").unwrap().to_owned();
    assert!(proposal.ends_with(query), "the case stays: {proposal}");
    let proposal = proposal.split_once('?').unwrap().0.to_owned();
    let shown = helena.read(&proposal).await;
    assert!(shown.contains("Baixar como prejuízo R$") && shown.contains("Sem bens."), "{shown}");
    helena.press(&format!("{proposal}/approve"), "").await.expect(303);
    let written_off = davi.read(&path).await;
    assert!(
        written_off.contains("Baixado como prejuízo.") && written_off.contains("Sem bens."),
        "{written_off}"
    );
    let ledger = davi.read(&format!("{path}?tab=ledger")).await;
    assert!(ledger.contains("Baixa como prejuízo") && ledger.contains("Perdas"), "{ledger}");
    app.check_ledger().await;
}

on_both_engines!(a_failed_letter_is_sent_again_or_marked_as_seen:
    a_failed_letter_is_sent_again_on_sqlite, a_failed_letter_is_sent_again_on_postgresql);

async fn a_failed_letter_is_sent_again_or_marked_as_seen(app: &TestApp) {
    let clerk = person(app, "Davi Nogueira", "collections").await;
    let partner = app.partner().await;
    let mail = failed_mail(app, &partner).await;
    let case = cases(&clerk.read("/console/queues/mails_failed").await).remove(0);
    let path = format!("/console/mails/{mail}");
    assert!(case.starts_with(&format!("{path}?queue=mails_failed&at=")), "{case}");
    let page = clerk.read(&case).await;
    assert!(
        page.contains("status 550") && page.contains("data-key=\"a\"") && page.contains("data-key=\"r\""),
        "{page}"
    );
    let query = case.split_once('?').unwrap().1;
    let done = clerk.press(&format!("{path}/close?{query}"), "").await.expect(303);
    assert_eq!(done.header("location"), Some(case.as_str()), "the case stays");
    let seen = clerk.read(&case).await;
    assert!(seen.contains("Falhou, vista") && seen.contains("Este caso saiu da fila."), "{seen}");
    let late = text(&clerk.press(&format!("{path}/close"), "").await.expect(409).bytes);
    assert!(late.contains("Nada foi feito."), "{late}");
    clerk.press(&format!("{path}/send-again"), "").await.expect(303);
    let mail = Operator::of(app).await.get(&format!("/mails/{mail}")).await.expect(200).body;
    assert_eq!(mail["status"], "waiting");
    let auditor = person(app, "Ana Lima", "auditor").await;
    assert!(auditor.read(&path).await.contains("O seu papel não envia cartas."));
    auditor.press(&format!("{path}/close"), "").await.expect(403);
}
