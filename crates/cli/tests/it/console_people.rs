//! The pages of people and programs.

use crate::console::{Person, letters_to, link_in, text, trail};
use crate::console_sign_in::Enrolled;
use crate::operator::Operator;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn a_programs_token_is_shown_once_and_ends_with_its_access() {
    for app in TestApp::on_each_engine().await {
        let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
        for (form, reason) in [
            ("name=&role=auditor", "Informe um nome"),
            ("name=Rob%C3%B4", "ao menos um papel"),
            ("name=Rob%C3%B4&role=unknown", "ao menos um papel"),
            ("name=Rob%C3%B4&role=auditor&ends_on=2020-01-01", "um dia no futuro"),
            ("name=Rob%C3%B4&role=auditor&ends_on=amanha", "um dia no futuro"),
        ] {
            let page = text(&admin.press("/console/people/program", form).await.expect(422).bytes);
            assert!(page.contains(reason), "{form}: {page}");
        }
        let form = "name=Rob%C3%B4&role=auditor&role=collections&ends_on=2026-12-31";
        let made = text(&admin.press("/console/people/program", form).await.expect(200).bytes);
        let token = made.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let robot = Operator { app: app.clone(), token: token.clone() };
        robot.get("/audit").await.expect(200);
        robot.post("/partners", &serde_json::json!({"name": "a"})).await.expect(403);

        let list = text(&admin.page("/console/people").await.expect(200).bytes);
        assert!(list.contains("Robô") && list.contains("auditor, collections") && !list.contains(&token));
        let row = list.split("<tr data-href=\"").find(|row| row.contains("Robô")).unwrap();
        assert!(row.contains("Helena Couto"), "its maker: {row}");
        let page = row.split('"').next().unwrap().to_owned();
        let one = text(&admin.page(&page).await.expect(200).bytes);
        assert!(one.contains("31/12/2026") && one.contains("/revoke"), "{one}");
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        assert!(!text(&auditor.page(&page).await.expect(200).bytes).contains("/revoke"));
        let own = format!("/console/people/{}", admin.id);
        assert!(!text(&admin.page(&own).await.expect(200).bytes).contains("/revoke"));
        for _ in 0..2 {
            admin.press(&format!("{page}/revoke"), "").await.expect(303);
        }
        robot.get("/audit").await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invited_person_gets_a_letter_whose_link_works_once() {
    for app in TestApp::on_each_engine().await {
        let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
        for (form, reason) in [
            ("name=&email=rui%40example.com&role=credit", "Informe um nome"),
            ("name=Rui&email=rui&role=credit", "um e-mail válido"),
            ("name=Rui&email=rui%40example.com", "ao menos um papel"),
        ] {
            let page = text(&admin.press("/console/people/invite", form).await.expect(422).bytes);
            assert!(page.contains(reason), "{form}: {page}");
        }
        let form = "name=Rui+Tavares&email=rui%40example.com&role=credit";
        let made = admin.press("/console/people/invite", form).await.expect(303);
        let page = made.header("location").unwrap().to_owned();
        assert!(text(&admin.page(&page).await.expect(200).bytes).contains("Convite enviado"));
        let taken = "name=Outro&email=RUI%40example.com&role=credit";
        let taken = text(&admin.press("/console/people/invite", taken).await.expect(422).bytes);
        assert!(taken.contains("Já existe uma pessoa"), "{taken}");

        let [letter] = &letters_to(&app, "rui@example.com", 1).await[..] else { panic!("one letter") };
        assert!(letter.text.contains("Olá, Rui Tavares") && letter.to.as_str() == "rui@example.com");
        let link = link_in(letter);
        let entered = app.press(&link, "").await.expect(303);
        assert_eq!(entered.header("location"), Some("/sign-in/password"));
        app.press(&link, "").await.expect(410);
        let mailbox = text(&app.get("/sandbox/mailbox?address=rui%40example.com").await.expect(200).bytes);
        assert!(mailbox.contains(&link), "{mailbox}");

        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        auditor.press("/console/people/invite", form).await.expect(403);
        let whole = serde_json::to_string(&trail(&app).await).unwrap();
        assert!(whole.contains("POST /console/people/invite") && !whole.contains("example.com"), "{whole}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_ends_every_way_in_and_invites_again() {
    for app in TestApp::on_each_engine().await {
        let admin = Person::with_roles(&app, "admin".parse().unwrap()).await;
        let enrolled = Enrolled::new(&app).await;
        let half = enrolled.gave_password().await;
        let page = format!("/console/people/{}", enrolled.person.id);
        assert!(text(&admin.page(&page).await.expect(200).bytes).contains("/reset"));
        let auditor = Person::with_roles(&app, "auditor".parse().unwrap()).await;
        auditor.press(&format!("{page}/reset"), "").await.expect(403);
        admin.press(&format!("{page}/reset"), "").await.expect(303);
        enrolled.person.page("/console").await.expect(303);
        let code = format!("code={}", enrolled.recovery_codes[0]);
        let refused = half.press("/sign-in/code", &code).await.expect(303);
        assert_eq!(refused.header("location"), Some("/sign-in?to=%2Fsign%2Din%2Fcode"));
        let letters = letters_to(&app, enrolled.email.as_str(), 2).await;
        let entered = app.press(&link_in(&letters[0]), "").await.expect(303);
        assert_eq!(entered.header("location"), Some("/sign-in/password"));

        admin.press(&format!("{page}/revoke"), "").await.expect(303);
        let ended = admin.press(&format!("{page}/reset"), "").await.expect(303);
        assert_eq!(ended.header("location"), Some(&*page));
        letters_to(&app, enrolled.email.as_str(), 2).await;
        let robot = Operator::of(&app).await;
        let robot = robot.post("/operators", &serde_json::json!({"name": "a"})).await.expect(201).id();
        admin.press(&format!("/console/people/{robot}/reset"), "").await.expect(404);
    }
}
