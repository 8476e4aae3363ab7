//! Forms of the console in the audit trail. The commit of a form's change notes the form, so that no change is without
//! its entry.

use app::people::sign_in;
use store::StoreError;
use store::db::DatabaseUrl;
use store::seal::sha256_hex;

use crate::console::{Person, administrator_link, hidden, text, trail};
use crate::support::TestApp;

/// A form that changes something, and its sender.
struct Form {
    person: Person,
    path: String,
    body: String,
    /// The part of the body that the entry's fingerprint covers: nothing of a form with a secret.
    covered: String,
}

impl Form {
    fn of(person: Person, path: &str, body: &str) -> Self {
        Self { person, path: path.to_owned(), body: body.to_owned(), covered: body.to_owned() }
    }
}

/// A form that works, for each address of the console that changes something.
async fn form_for(app: &TestApp, path: &str) -> Form {
    let person = Person::with_roles(app, app.state.config.roles.names()).await;
    match path {
        "/console/customers/{id}/kyc" => {
            let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
            let page = format!("/console/customers/{customer}");
            let shown = text(&person.page(&page).await.expect(200).bytes);
            Form::of(person, &format!("{page}/kyc"), &format!("{}&verdict=accept", hidden(&shown)))
        }
        "/console/account/sessions/{id}/end" => {
            let (now, of) = (app.clock.now(), person.id);
            let own = app.state.store.read(move |tx| sign_in::sessions(tx, now, of)).await.unwrap();
            Form::of(person, &format!("/console/account/sessions/{}/end", own[0].id), "")
        }
        "/console/sign-out" => Form::of(person, path, ""),
        other => panic!("{other} changes something, and this test has no form for it"),
    }
}

/// Makes the database refuse or accept the notes of calls.
async fn notes_are(app: &TestApp, accepted: bool) {
    let sql = match (&app.state.config.database, accepted) {
        (DatabaseUrl::Sqlite(_), false) => {
            "create trigger no_notes before insert on audit_calls begin select raise(abort, 'no notes'); end"
        }
        (DatabaseUrl::Sqlite(_), true) => "drop trigger no_notes",
        (DatabaseUrl::Postgres(_), false) => {
            "alter table audit_calls add constraint no_notes check (false) not valid"
        }
        (DatabaseUrl::Postgres(_), true) => "alter table audit_calls drop constraint no_notes",
    };
    app.state.store.write(move |tx| tx.execute(sql, &[]).map(drop)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_changes_nothing_without_its_entry_in_the_same_commit() {
    for app in TestApp::on_each_engine().await {
        for listed in server::pages::console::listed().into_iter().filter(|listed| listed.method == "POST") {
            let form = form_for(&app, listed.path).await;
            notes_are(&app, false).await;
            let refused = form.person.press(&form.path, &form.body).await;
            assert!(refused.status.is_server_error(), "{}: {}", form.path, refused.status);
            notes_are(&app, true).await;
            let answer = form.person.press(&form.path, &form.body).await;
            assert!(answer.status.is_success() || answer.status.is_redirection(), "{}", form.path);
            let operation = format!("POST {}", form.path);
            let fingerprint = sha256_hex(format!("{operation}\n{}", form.covered).as_bytes());
            let entries = trail(&app).await;
            let of_change = entries.iter().filter(|entry| {
                entry["operation"] == operation && entry["status"] == answer.status.as_u16()
            });
            let of_change: Vec<_> = of_change.collect();
            assert_eq!(of_change.len(), 1, "{operation}: {entries:?}");
            assert_eq!(of_change[0]["fingerprint"], fingerprint, "{operation}");
            assert_eq!(of_change[0]["operator_id"], form.person.id.to_string(), "{operation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_used_up_without_its_entry_in_the_same_commit() {
    for app in TestApp::on_each_engine().await {
        let page = format!("/console/enter/{}", administrator_link(&app).await);
        notes_are(&app, false).await;
        assert!(app.press(&page, "").await.status.is_server_error());
        notes_are(&app, true).await;
        app.press(&page, "").await.expect(303);
        let entries = trail(&app).await;
        let fingerprint = sha256_hex(b"POST /console/enter\n");
        let entered = entries.iter().filter(|entry| entry["fingerprint"] == fingerprint).count();
        assert_eq!(entered, 1, "{entries:?}");
        let secret_is_out = !entries.iter().any(|entry| entry.to_string().contains(&page));
        assert!(secret_is_out, "{entries:?}");
        let sessions = |tx: &mut store::Tx<'_>| {
            Ok::<_, StoreError>(tx.query_one("select count(*) from sessions", &[], |row| row.get::<i64>(0))?)
        };
        assert_eq!(app.state.store.read(sessions).await.unwrap(), 1);
    }
}
