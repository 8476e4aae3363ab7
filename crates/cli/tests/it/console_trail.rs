//! Forms of the console in the audit trail. The commit of a form's change notes the form, so that no change is without
//! its entry.

use app::people::sign_in;
use store::db::DatabaseUrl;
use store::seal::sha256_hex;

use domain::access::TeamRole;

use crate::console::{Person, administrator_link, hidden, text, trail};
use crate::console_passkeys::{adding_form, removing_form};
use crate::console_proposals::proposed;
use crate::console_sign_in::{Enrolled, authenticator_form, half_open, password_form};
use crate::policy_versions::STRICT;
use crate::queues::failed_mail;
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
    /// A form whose entry has the fingerprint of its operation alone.
    fn with_secret(person: Person, path: &str, body: &str) -> Self {
        Self { covered: String::new(), ..Self::of(person, path, body) }
    }

    fn of(person: Person, path: &str, body: &str) -> Self {
        Self { person, path: path.to_owned(), body: body.to_owned(), covered: body.to_owned() }
    }
}

/// A form that works, for each address of the console that changes something.
async fn form_for(app: &TestApp, path: &str) -> Form {
    let person = Person::with_roles(app, app.state.config.roles.names()).await;
    match path {
        "/console/mails/{id}/close" | "/console/mails/{id}/send-again" => {
            let mail = failed_mail(app, &app.partner().await).await;
            Form::of(person, &path.replace("{id}", &mail), "")
        }
        path if ["/me/", "/sign-", "/console/people/"]
            .iter()
            .any(|of_people| path.starts_with(of_people)) =>
        {
            people_form(app, person, path).await
        }
        path if path.starts_with("/dashboard/webhooks/") => webhook_form(app, path).await,
        path if path.starts_with("/dashboard/sandbox/") => sandbox_form(app, path).await,
        path if path.starts_with("/dashboard/") => dashboard_form(app, path).await,
        path if path.starts_with("/console/customers/") => customer_form(app, person, path).await,
        path if path.starts_with("/console/settings/policy") => policy_form(person, path).await,
        path if path.starts_with("/console/partners/") => partner_form(app, person, path).await,
        path if path.starts_with("/console/queues/") || path.starts_with("/console/proposals/") => {
            work_form(app, person, path).await
        }
        "/console/money/files" => {
            let ordered = loan_form(app, person, "disbursement").await;
            ordered.person.press(&ordered.path, "").await.expect(303);
            Form::of(ordered.person, path, "format=csv")
        }
        "/console/money/answers/apply" => {
            Form::of(person, path, "content=contract%2Camount%2Coutcome%2Creason%0A")
        }
        "/console/payments/{id}/reverse" => reversal_form(app, person).await,
        other => match other.strip_prefix("/console/loans/{id}/") {
            Some(rest) => loan_form(app, person, rest).await,
            None => panic!("{other} changes something, and this test has no form for it"),
        },
    }
}

/// A form that works, for each address of a partner's webhooks.
async fn webhook_form(app: &TestApp, path: &str) -> Form {
    let partner = app.partner().await;
    let person = Person::of_team(app, partner.id, TeamRole::Admin).await;
    let colleague = Person::of_team(app, partner.id, TeamRole::Admin).await;
    let made = colleague.press("/dashboard/webhooks/new", "url=https://example.com/hooks&events=").await;
    let made = text(&made.expect(200).bytes);
    let endpoint = made.split("/dashboard/webhooks/").find(|part| part.starts_with("we_")).unwrap();
    let page = format!("/dashboard/webhooks/{}", endpoint.split('"').next().unwrap());
    let sent = colleague.press(&format!("{page}/test"), "event=loan.active").await.expect(303);
    let delivery = sent.header("location").unwrap().to_owned();
    let (path, form) = match path {
        "/dashboard/webhooks/new" => (path.to_owned(), "url=https://example.com/other&events=loan.*"),
        "/dashboard/webhooks/{id}/test" => (format!("{page}/test"), "event=loan.active"),
        "/dashboard/webhooks/{id}/recover" => (format!("{page}/recover"), "since=2026-01-01"),
        "/dashboard/webhooks/{id}/replay" => {
            let other = colleague.press("/dashboard/webhooks/new", "url=https://example.com/b&events=").await;
            let other = text(&other.expect(200).bytes);
            let other = other.split("/dashboard/webhooks/").find(|part| part.starts_with("we_")).unwrap();
            let target = other.split('"').next().unwrap();
            let range = "since=2026-01-01T00:00&until=2026-01-02T00:00";
            (format!("{page}/replay"), &*format!("key=k&target={target}&{range}&events=&after="))
        }
        "/dashboard/webhooks/{id}/rotate" => (format!("{page}/rotate"), ""),
        "/dashboard/webhooks/{id}/switch" => (format!("{page}/switch"), "to=off"),
        "/dashboard/webhooks/{id}/delete" => (format!("{page}/delete"), ""),
        "/dashboard/webhooks/{id}/deliveries/{delivery}/retry" => (format!("{delivery}/retry"), ""),
        other => panic!("{other} changes something, and this test has no form for it"),
    };
    Form::of(person, &path, form)
}

/// A form that works, for each address of a partner's dashboard.
async fn dashboard_form(app: &TestApp, path: &str) -> Form {
    let partner = app.partner().await;
    let person = Person::of_team(app, partner.id, TeamRole::Admin).await;
    let colleague = Person::of_team(app, partner.id, TeamRole::Support).await.id.to_string();
    let client = partner.credential.id.as_str();
    let code = crate::connecting::begun(app, "laptop").await.1;
    let form = match path {
        "/dashboard/keys/new" => "name=checkout&ends_on=&scope=partner",
        "/dashboard/keys/{client}/replace" => "hours=24",
        "/dashboard/connect/{code}/confirm"
        | "/dashboard/customers/{id}/kyc-link"
        | "/dashboard/keys/{client}/revoke"
        | "/dashboard/team/{id}/remove" => "",
        "/dashboard/team/invite" => &*format!("name=Rui&email=rui.{client}@example.com&role=support"),
        "/dashboard/team/{id}/role" => "role=developer",
        other => panic!("{other} changes something, and this test has no form for it"),
    };
    let path = if path.starts_with("/dashboard/customers/") {
        path.replace("{id}", &partner.customer(529_982_247, "manual").await)
    } else {
        path.replace("{client}", client).replace("{id}", &colleague).replace("{code}", &code)
    };
    Form::of(person, &path, form)
}

/// A form that works, for each address of the partner's page of the sandbox.
async fn sandbox_form(app: &TestApp, path: &str) -> Form {
    let partner = app.partner().await;
    let person = Person::of_team(app, partner.id, TeamRole::Admin).await;
    let tomorrow = app.clock.now().plus(std::time::Duration::from_hours(24)).micros();
    let form = match path {
        "/dashboard/sandbox/advance" => &*format!("until={tomorrow}"),
        "/dashboard/sandbox/customers" => "scenario=smooth&nature=mei",
        "/dashboard/sandbox/trigger" => "event=loan.active",
        "/dashboard/sandbox/clocks" => "name=Doze+meses",
        "/dashboard/sandbox/clocks/delete" => {
            let made = partner.post("/sandbox/clocks", &serde_json::json!({"name": "a"})).await.expect(201);
            return Form::of(person, path, &format!("clock={}&confirm=yes", made.id()));
        }
        "/dashboard/sandbox/reset" => "confirm=yes",
        other => panic!("{other} changes something, and this test has no form for it"),
    };
    Form::of(person, path, form)
}

/// A form that works, for each address of a customer.
async fn customer_form(app: &TestApp, person: Person, path: &str) -> Form {
    match path {
        "/console/customers/{id}/kyc" => {
            let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
            let page = format!("/console/customers/{customer}");
            let shown = text(&person.page(&page).await.expect(200).bytes);
            Form::of(person, &format!("{page}/kyc"), &format!("{}&verdict=accept", hidden(&shown)))
        }
        "/console/customers/{id}/credit" => {
            let customer = app.partner().await.documented_customer(529_982_247, "credit_referred").await;
            app.let_seconds_pass(3).await;
            let page = path.replace("{id}", &customer);
            let form = format!("{}&outcome=refuse&reasons=Renda.", hidden(&person.read(&page).await));
            Form::of(person, &page, &form)
        }
        "/console/customers/{id}/notes" | "/console/customers/{id}/notes/{note}/strike" => {
            let customer = app.partner().await.customer(529_982_247, "manual").await;
            note_form(person, &format!("/console/customers/{customer}"), path.contains("strike")).await
        }
        "/console/customers/{id}/tags" | "/console/customers/{id}/tags/remove" => {
            let customer = app.partner().await.customer(529_982_247, "manual").await;
            let page = format!("/console/customers/{customer}");
            if path.ends_with("/remove") {
                person.press(&format!("{page}/tags"), "tag=vip").await.expect(303);
            }
            Form::of(person, &path.replace("{id}", &customer), "tag=vip")
        }
        "/console/customers/{id}/erase" => {
            let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
            Form::of(person, &path.replace("{id}", &customer), "")
        }
        "/console/customers/{id}/refuse" => {
            let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
            let path = path.replace("{id}", &customer);
            let hidden = hidden(&person.read(&path).await);
            Form::of(person, &path, &hidden)
        }
        "/console/customers/{id}/offers/{offer}/withdraw" => {
            let partner = app.partner().await;
            let offer = partner.offer(529_982_247, "").await;
            let found = partner.get(&format!("/v3/credit-offers/{offer}")).await.expect(200).body;
            let customer = found["customer_id"].as_str().unwrap();
            Form::of(person, &path.replace("{id}", customer).replace("{offer}", &offer), "")
        }
        other => panic!("{other} changes something, and this test has no form for it"),
    }
}

/// A form that works, for each address of the queues and of proposals.
async fn work_form(app: &TestApp, person: Person, path: &str) -> Form {
    match path {
        "/console/queues/{queue}/assign" => {
            let customer = app.partner().await.documented_customer(529_982_247, "manual").await;
            let path = path.replace("{queue}", "kyc_to_review");
            Form::of(person, &path, &format!("case={customer}+nobody&to=me"))
        }
        "/console/queues/{queue}/views" => {
            Form::of(person, &path.replace("{queue}", "overdue"), "name=Grandes&amount_from=50000.00")
        }
        "/console/queues/{queue}/views/{id}/delete" => {
            person
                .press("/console/queues/overdue/views", "name=Grandes&amount_from=50000.00")
                .await
                .expect(303);
            let page = person.read("/console/queues/overdue?amount_from=50000.00").await;
            let delete = page.split("action=\"").find(|part| part.contains("/delete\"")).unwrap();
            Form::of(person, delete.split('"').next().unwrap(), "")
        }
        "/console/proposals/{id}/approve" | "/console/proposals/{id}/reject" => {
            let first = Person::with_roles(app, app.state.config.roles.names()).await.id;
            let (_, proposal) = proposed(app, &app.partner().await, 529_982_247, first).await;
            Form::of(person, &path.replace("{id}", &proposal), "note=conferido")
        }
        "/console/proposals/{id}/withdraw" => {
            let (_, proposal) = proposed(app, &app.partner().await, 529_982_247, person.id).await;
            Form::of(person, &path.replace("{id}", &proposal), "")
        }
        other => panic!("{other} changes something, and this test has no form for it"),
    }
}

/// A form that works, for each address below a loan's page.
async fn loan_form(app: &TestApp, person: Person, rest: &str) -> Form {
    let partner = app.partner().await;
    let signers = if matches!(rest, "payments" | "write-off") { "no_matter" } else { "never_signs" };
    let loan = partner.loan(529_982_247, signers).await.id();
    let page = format!("/console/loans/{loan}");
    let path = format!("{page}/{rest}");
    if rest.starts_with("disbursement") {
        partner.sign_all(&loan).await;
    }
    match rest {
        "cancel" | "invitations" | "disbursement" => Form::of(person, &path, ""),
        "disbursement/confirm" | "disbursement/fail" | "disbursement/again" => {
            person.press(&format!("{page}/disbursement"), "").await.expect(303);
            if rest == "disbursement/again" {
                person.press(&format!("{page}/disbursement/fail"), "reason=devolvido").await.expect(303);
            }
            let form = if rest == "disbursement/fail" { "reason=devolvido" } else { "" };
            Form::of(person, &path, form)
        }
        "payments" => {
            app.let_seconds_pass(5).await;
            let today = app.clock.now().unmoved().business_date();
            let form = format!("amount=10%2C00&paid_on={today}&reference=E1&kind=installments&sure=1");
            Form::of(person, &path, &form)
        }
        "write-off" => {
            app.let_seconds_pass(5).await;
            for days in [90, 60] {
                let advance = serde_json::json!({ "days": days });
                partner.post("/sandbox/clock/advance", &advance).await.expect(200);
            }
            Form::of(person, &path, "reason=Sem+bens.")
        }
        "notes" | "notes/{note}/strike" => note_form(person, &page, rest != "notes").await,
        other => panic!("{other} changes a loan, and this test has no form for it"),
    }
}

/// The form that writes a note on a customer or a loan, or strikes one out.
async fn note_form(person: Person, page: &str, strikes: bool) -> Form {
    let written = Form::of(person, &format!("{page}/notes"), "text=prometeu+pagar");
    if !strikes {
        return written;
    }
    written.person.press(&written.path, &written.body).await.expect(303);
    let notes = written.person.read(&format!("{page}?tab=notes")).await;
    let strike = notes.split("action=\"").find(|part| part.contains("/strike\"")).unwrap();
    let strike = strike.split('"').next().unwrap().to_owned();
    Form::of(written.person, &strike, "")
}

/// A form that works, for each address of people and of how they sign in.
async fn people_form(app: &TestApp, person: Person, path: &str) -> Form {
    match path {
        "/me/sessions/{id}/end" => {
            let (now, of) = (app.clock.now(), person.id);
            let own = app.state.store.read(move |tx| sign_in::sessions(tx, now, of)).await.unwrap();
            Form::of(person, &format!("/me/sessions/{}/end", own[0].id), "")
        }
        "/sign-out" => Form::of(person, path, ""),
        "/sign-in/password" => Form::with_secret(half_open(app).await.0, path, &password_form()),
        "/sign-in/authenticator" => {
            let (invited, _) = half_open(app).await;
            let chosen = invited.press("/sign-in/password", &password_form()).await.expect(303);
            let half = invited.after(&chosen);
            let form = authenticator_form(&half, path).await;
            Form::with_secret(half, path, &form)
        }
        "/sign-in/code" => {
            let enrolled = Enrolled::new(app).await;
            let half = enrolled.gave_password().await;
            Form::with_secret(half, path, &format!("code={}", enrolled.recovery_codes[0]))
        }
        "/sign-in/proof" => {
            let enrolled = Enrolled::new(app).await;
            let form = format!("code={}", enrolled.recovery_codes[0]);
            Form::with_secret(enrolled.person, path, &form)
        }
        "/me/password" => Form::with_secret(person, path, &password_form()),
        "/me/authenticator" => {
            let form = authenticator_form(&person, path).await;
            Form::with_secret(person, path, &form)
        }
        "/console/people/invite" => Form::of(person, path, "name=Rui&email=rui%40example.com&role=credit"),
        "/console/people/program" => Form::of(person, path, "name=Rob%C3%B4&role=auditor&ends_on=2026-12-31"),
        "/console/people/{id}/revoke" | "/console/people/{id}/reset" => {
            let other = Enrolled::new(app).await.person.id;
            Form::of(person, &path.replace("{id}", &other.to_string()), "")
        }
        "/console/people/{id}/roles" => {
            let other = Enrolled::new(app).await.person.id;
            Form::of(person, &path.replace("{id}", &other.to_string()), "role=treasury&role=collections")
        }
        "/me/passkeys" => {
            let form = adding_form(&person, 1).await;
            Form::with_secret(person, path, &form)
        }
        "/me/passkeys/remove" => {
            let form = removing_form(&person).await;
            Form::of(person, path, &form)
        }
        "/me/recovery-codes" => Form::of(Enrolled::new(app).await.person, path, ""),
        other => panic!("{other} changes something, and this test has no form for it"),
    }
}

/// A form that works, for each address of the credit policy.
async fn policy_form(person: Person, path: &str) -> Form {
    // It refuses nobody here, so that the other forms find offers.
    let policy = STRICT.replace("\"mei\"]", "\"sa\"]");
    let policy = policy.replace("installments = 6", "min_installments = 1\nmax_installments = 24");
    let content: String = url::form_urlencoded::byte_serialize(policy.as_bytes()).collect();
    let content = format!("content={content}");
    let upload = Form::of(person, "/console/settings/policy", &content);
    if path.ends_with("policy") {
        return upload;
    }
    let uploaded = upload.person.press(&upload.path, &content).await.expect(303);
    let page = uploaded.header("location").unwrap().to_owned();
    Form::of(upload.person, &format!("{page}/adopt"), "")
}

/// A form that works, for each address of partners.
async fn partner_form(app: &TestApp, person: Person, path: &str) -> Form {
    let partner = app.partner().await;
    let path = path.replace("{id}", &partner.id.to_string()).replace("{client}", &partner.credential.id);
    let form = match path.rsplit_once('/') {
        Some((_, "revoke")) => "with_created=on",
        Some((_, "replace")) => "hours=24",
        Some((_, "limits")) => "requests=500&version=1",
        Some(_) | None => "name=Mercado+Sol",
    };
    Form::of(person, &path, form)
}

/// A payment that can be reversed.
async fn reversal_form(app: &TestApp, person: Person) -> Form {
    let paid = loan_form(app, person, "payments").await;
    paid.person.press(&paid.path, &paid.body).await.expect(303);
    let page = format!("{}?tab=payments", paid.path.trim_end_matches("/payments"));
    let shown = text(&paid.person.page(&page).await.expect(200).bytes);
    let payment = shown.split("/console/payments/").nth(1).unwrap().split('/').next().unwrap();
    Form::of(paid.person, &format!("/console/payments/{payment}/reverse"), "")
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
        // The preview of a bank's answer changes nothing. It is a form because it has a file. Parts of pages change
        // nothing either, except that looking at a case leaves a mark for half a minute; the page's own request is in
        // the trail.
        let changes = |path: &str| {
            path != "/console/money/answers" && !path.contains("/live/") && path != "/dashboard/partner"
        };
        let forms = server::pages::listed().into_iter().filter(|listed| listed.method == "POST");
        for listed in forms.filter(|listed| changes(listed.path)) {
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
            let sender = form.person.id.to_string();
            let of_change = entries.iter().filter(|entry| {
                let by_sender = entry["operation"] == operation && entry["operator_id"] == sender;
                by_sender && entry["status"] == answer.status.as_u16()
            });
            let of_change: Vec<_> = of_change.collect();
            assert_eq!(of_change.len(), 1, "{operation}: {entries:?}");
            assert_eq!(of_change[0]["fingerprint"], fingerprint, "{operation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_not_used_up_without_its_entry_in_the_same_commit() {
    for app in TestApp::on_each_engine().await {
        let page = format!("/sign-in/link/{}", administrator_link(&app).await);
        notes_are(&app, false).await;
        assert!(app.press(&page, "").await.status.is_server_error());
        notes_are(&app, true).await;
        app.press(&page, "").await.expect(303);
        let entries = trail(&app).await;
        let fingerprint = sha256_hex(b"POST /sign-in/link\n");
        let entered = entries.iter().filter(|entry| entry["fingerprint"] == fingerprint).count();
        assert_eq!(entered, 1, "{entries:?}");
        let secret_is_out = !entries.iter().any(|entry| entry.to_string().contains(&page));
        assert!(secret_is_out, "{entries:?}");
        let sessions = |tx: &mut store::Tx<'_>| {
            tx.query_one("select count(*) from sessions", &[], |row| row.get::<i64>(0))
        };
        assert_eq!(app.state.store.read(sessions).await.unwrap(), 1);
    }
}
