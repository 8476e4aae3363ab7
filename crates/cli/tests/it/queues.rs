//! The operators' queues: what waits, who has taken it, and that each case ends with its cause.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use app::credit::RecordDecision;
use app::mails::{Mail, MailMode, Patience};
use domain::access::{FourEyes, Permissions, Role, RoleNames, Roles};
use domain::actor::Actor;
use domain::credit::Outcome;
use domain::money::Cents;
use domain::person::Email;
use domain::queue::Queue;
use serde_json::{Value, json};
use store::Tx;

use crate::engines::on_both_engines;
use crate::inputs::decision;
use crate::operator::{Operator, approval};
use crate::support::{Partner, Setup, TestApp};

/// The subjects of each queue, as the states of the subjects say.
const SUBJECTS: [(Queue, &str); 8] = [
    (Queue::KycToReview, "select id from customers where state = 'under_review'"),
    (
        Queue::CreditReferred,
        "select id from customers c where state <> 'denied' and exists (select 1 from credit_decisions d \
         where d.customer_id = c.id and d.outcome = 'referred' and not exists ( \
         select 1 from credit_decisions l where l.customer_id = c.id and l.id > d.id))",
    ),
    (
        Queue::ContractsUnsigned,
        "select id from loans where state in ('contract_generated', 'awaiting_signatures')",
    ),
    (Queue::WaitingForMoney, "select id from loans where state = 'signed'"),
    (Queue::Disbursing, "select id from loans where state = 'disbursing'"),
    (Queue::DisbursementsReturned, "select id from loans where state = 'error'"),
    (Queue::Proposals, "select id from proposals where state = 'proposed'"),
    (Queue::MailsFailed, "select id from mails where state = 'failed'"),
];

impl TestApp {
    /// Checks that the queues have exactly the subjects whose states let them wait; returns their numbers.
    pub(crate) async fn check_queues(&self) -> BTreeMap<&'static str, usize> {
        let check = |tx: &mut Tx<'_>| {
            let mut counts = BTreeMap::new();
            for (queue, sql) in SUBJECTS {
                let subjects: BTreeSet<String> = tx.fetch_all(sql, &[])?.into_iter().collect();
                let sql = "select subject_id from cases where queue = $1";
                let cases: BTreeSet<String> =
                    tx.fetch_all(sql, store::args![*queue.name()])?.into_iter().collect();
                assert_eq!(cases, subjects, "{}", queue.name());
                counts.insert(queue.name(), subjects.len());
            }
            Ok::<_, store::StoreError>(counts)
        };
        self.state.store.read(check).await.unwrap()
    }
}

/// The figures of a queue.
async fn figures(operator: &Operator, queue: &str) -> Value {
    let all = operator.get("/queues").await.expect(200).body;
    let found = all["data"].as_array().unwrap().iter().find(|one| one["queue"] == queue);
    found.unwrap_or_else(|| panic!("{queue} is not shown: {all}")).clone()
}

async fn cases(operator: &Operator, queue: &str, query: &str) -> Vec<Value> {
    let page = operator.get(&format!("/queues/{queue}/cases{query}")).await.expect(200).body;
    page["data"].as_array().unwrap().clone()
}

fn subjects(cases: &[Value]) -> Vec<&str> {
    cases.iter().map(|case| case["subject_id"].as_str().unwrap()).collect()
}

/// An e-mail that the mail server refused.
pub(crate) async fn failed_mail(app: &TestApp, partner: &Partner) -> String {
    let (tenant, now) = (partner.id, app.clock.now());
    let fail = move |tx: &mut Tx<'_>| {
        let mail = Mail {
            cause: domain::cause::Cause::default(),
            id: tx.new_id(now),
            partner: tenant,
            to: Email::parse("ana@example.com").unwrap(),
            subject: "Assine".into(),
            text: "…".into(),
            patience: Patience::Hours,
            attempts: 0,
            created_at: now.unmoved(),
        };
        store::mails::insert(tx, &mail, MailMode::Send)?;
        app::mails::refused(tx, now, &mail, "status 550")?;
        Ok::<_, store::StoreError>(mail.id.to_string())
    };
    app.state.store.write(fail).await.unwrap()
}

/// Lets the policy leave a customer's credit to a person.
async fn refer(app: &TestApp, partner: &Partner, customer: &str) {
    let command = RecordDecision {
        customer: customer.parse().unwrap(),
        outcome: Outcome::Referred,
        inputs: Vec::new(),
        actor: Actor::Policy,
        policy_version: "comite-1".into(),
        reasons: vec!["aberta em 2019".into()],
        valid_days: None,
    };
    let (tenant, now) = (partner.id, app.clock.now().unmoved());
    let refer = move |tx: &mut Tx<'_>| {
        app::credit::record_decision(tx, tenant, now, &command, Duration::ZERO).map(drop)
    };
    app.state.store.write(refer).await.unwrap();
}

fn with_four_eyes() -> Setup {
    Setup { four_eyes: FourEyes::Required, ..Setup::default() }
}

on_both_engines!(a_case_waits_exactly_as_long_as_its_subject:
    a_case_waits_exactly_as_long_as_its_subject_on_sqlite,
    a_case_waits_exactly_as_long_as_its_subject_on_postgresql, with_four_eyes());

async fn a_case_waits_exactly_as_long_as_its_subject(app: &TestApp) {
    let (first, second) = (Operator::of(app).await, Operator::of(app).await);
    let partner = app.partner().await;
    // KYC: submitted, sent back, submitted again, accepted.
    let customer = partner.documented_customer(529_982_247, "manual").await;
    assert_eq!(app.check_queues().await["kyc_to_review"], 1);
    let shown = cases(&first, "kyc_to_review", "").await;
    assert_eq!(subjects(&shown), [customer.as_str()]);
    assert_eq!((&shown[0]["type"], &shown[0]["customer_id"]), (&json!("customer"), &json!(customer)));
    let decide = |verdict: &'static str| {
        let (first, customer) = (&first, &customer);
        async move {
            let file = first.get(&format!("/customers/{customer}")).await.expect(200).body;
            let submitted = |one: &&Value| one["status"] == "submitted";
            let decisions: Vec<Value> = file["requirements"]
                .as_array()
                .unwrap()
                .iter()
                .filter(submitted)
                .map(|one| decision(one, verdict))
                .collect();
            let body = json!({ "decisions": decisions });
            first.post(&format!("/customers/{customer}/kyc-decisions"), &body).await.expect(200);
        }
    };
    decide("reject").await;
    assert_eq!(app.check_queues().await["kyc_to_review"], 0);
    for (kind, content) in
        [("cnh", crate::inputs::PDF), ("selfie", crate::inputs::JPEG), ("ccmei", crate::inputs::PDF)]
    {
        partner.upload(&customer, kind, content).await.expect(201);
    }
    assert_eq!(app.check_queues().await["kyc_to_review"], 1);
    decide("accept").await;
    assert_eq!(app.check_queues().await["kyc_to_review"], 0);
    // Credit: referred, then decided.
    let credit = format!("/customers/{customer}/credit-decisions");
    refer(app, &partner, &customer).await;
    assert_eq!(app.check_queues().await["credit_referred"], 1);
    app.clock.advance(Duration::from_millis(5));
    first.post(&credit, &approval(6)).await.expect(201);
    assert_eq!(app.check_queues().await["credit_referred"], 0);
    // Loans: unsigned, signed, proposed, disbursing, returned; and one that is cancelled.
    let loan = partner.loan(123_456_789, "never_signs").await.id();
    let other = partner.loan(100_000_001, "never_signs").await.id();
    assert_eq!(app.check_queues().await["contracts_unsigned"], 2);
    first.act(&format!("/loans/{other}/cancel")).await.expect(200);
    assert_eq!(app.check_queues().await["contracts_unsigned"], 1);
    let unsigned = cases(&first, "contracts_unsigned", "").await;
    assert_eq!((&unsigned[0]["days_left"], &unsigned[0]["amount"]), (&json!(6), &json!("10000.00")));
    partner.sign_all(&loan).await;
    let proposal = first.act(&format!("/loans/{loan}/disbursement")).await.expect(202).id();
    let counts = app.check_queues().await;
    assert_eq!((counts["waiting_for_money"], counts["proposals"]), (1, 1));
    let proposed = cases(&first, "proposals", "").await;
    assert_eq!((&proposed[0]["type"], &proposed[0]["amount"]), (&json!("proposal"), &json!("10000.00")));
    second.act(&format!("/proposals/{proposal}/approve")).await.expect(200);
    let counts = app.check_queues().await;
    assert_eq!((counts["waiting_for_money"], counts["proposals"], counts["disbursing"]), (0, 0, 1));
    let bounced = json!({ "message": "conta encerrada" });
    second.post(&format!("/loans/{loan}/disbursement/fail"), &bounced).await.expect(200);
    assert_eq!(app.check_queues().await["disbursements_returned"], 1);
    // E-mails: given up, and sent again.
    let mail = failed_mail(app, &partner).await;
    assert_eq!(app.check_queues().await["mails_failed"], 1);
    assert_eq!(subjects(&cases(&first, "mails_failed", "").await), [mail.as_str()]);
    first.act(&format!("/mails/{mail}/send-again")).await.expect(200);
    assert_eq!(app.check_queues().await["mails_failed"], 0);
}

on_both_engines!(figures_name_age_and_service_level:
    figures_name_age_and_service_level_on_sqlite,
    figures_name_age_and_service_level_on_postgresql);

async fn figures_name_age_and_service_level(app: &TestApp) {
    let operator = Operator::of(app).await;
    let partner = app.partner().await;
    let empty = figures(&operator, "kyc_to_review").await;
    assert_eq!((&empty["waiting"], &empty["oldest_since"]), (&json!(0), &Value::Null));
    let first = partner.documented_customer(529_982_247, "manual").await;
    app.clock.advance(Duration::from_secs(4 * 3_600));
    let partner = partner.renewed().await;
    let second = partner.documented_customer(123_456_789, "manual").await;
    app.clock.advance(Duration::from_secs(1));
    let shown = figures(&operator, "kyc_to_review").await;
    assert_eq!((&shown["waiting"], &shown["late"], &shown["mine"]), (&json!(2), &json!(1), &json!(0)));
    assert_eq!(shown["service_level_s"], 4 * 3_600);
    let listed = cases(&operator, "kyc_to_review", "").await;
    assert_eq!(subjects(&listed), [first.as_str(), second.as_str()]);
    assert_eq!(shown["oldest_since"], listed[0]["since"]);
    // A correction of the customer changes neither its place nor its age.
    partner.patch(&format!("/v3/customers/{first}"), &json!({ "phone": "+5511987654321" })).await.expect(200);
    assert_eq!(cases(&operator, "kyc_to_review", "").await[0], listed[0]);
    assert_eq!(subjects(&cases(&operator, "kyc_to_review", "?older_than_s=14400").await), [first.as_str()]);
    let other = app.partner().await.id;
    assert!(cases(&operator, "kyc_to_review", &format!("?partner_id={other}")).await.is_empty());
    let of = format!("?partner_id={}&limit=1", partner.id);
    assert_eq!(subjects(&cases(&operator, "kyc_to_review", &of).await), [first.as_str()]);
    // The next page begins after the place of a case that has left meanwhile.
    operator.act(&format!("/customers/{first}/refuse")).await.expect(200);
    let next = format!("?starting_after={}", listed[0]["place"].as_str().unwrap());
    assert_eq!(subjects(&cases(&operator, "kyc_to_review", &next).await), [second.as_str()]);
    let wrong = format!("/queues/overdue/cases?starting_after={}", listed[0]["place"].as_str().unwrap());
    operator.get(&wrong).await.expect_problem(400, "invalid_cursor");
}

on_both_engines!(overdue_loans_are_counted_by_bucket_on_their_partners_dates:
    overdue_loans_are_counted_on_sqlite, overdue_loans_are_counted_on_postgresql);

async fn overdue_loans_are_counted_by_bucket_on_their_partners_dates(app: &TestApp) {
    let operator = Operator::of(app).await;
    let (partner, other) = (app.partner().await, app.partner().await);
    let loan = partner.loan(529_982_247, "no_matter").await.id();
    other.loan(529_982_247, "no_matter").await;
    app.let_seconds_pass(5).await;
    assert_eq!(figures(&operator, "overdue").await["waiting"], 0);
    partner.post("/sandbox/clock/advance", &json!({ "days": 80 })).await.expect(200);
    let shown = figures(&operator, "overdue").await;
    assert_eq!((&shown["waiting"], &shown["service_level_s"]), (&json!(1), &Value::Null));
    let buckets = shown["buckets"].as_array().unwrap();
    let filled: Vec<&Value> = buckets.iter().filter(|bucket| bucket["loans"] == 1).collect();
    assert_eq!((buckets.len(), filled.len()), (5, 1));
    let case = cases(&operator, "overdue", "").await.remove(0);
    assert_eq!(case["subject_id"], loan.as_str());
    assert_eq!((&filled[0]["days"], &filled[0]["amount"]), (&json!("31-60"), &case["amount"]));
    let days = case["days_overdue"].as_u64().unwrap();
    assert!((31..=60).contains(&days), "{days}");
    let listed = operator.get(&format!("/loans/{loan}/installments")).await.expect(200).body;
    assert_eq!(listed["data"][0]["days_overdue"], days);
    let (of, older) = (format!("?partner_id={}", partner.id), (days - 1) * 86_400);
    assert_eq!(cases(&operator, "overdue", &of).await.len(), 1);
    assert_eq!(cases(&operator, "overdue", &format!("?older_than_s={older}")).await.len(), 1);
    assert!(cases(&operator, "overdue", &format!("?older_than_s={}", older + 86_400)).await.is_empty());
    // The assignment ends when the loan is no longer overdue.
    let path = format!("/queues/overdue/cases/{loan}/assign");
    operator.post(&path, &json!({ "assignee": "me", "expected_assignee": "nobody" })).await.expect(200);
    assert_eq!(figures(&operator, "overdue").await["mine"], 1);
    assert_eq!(cases(&operator, "overdue", "?assignee=me").await.len(), 1);
    assert!(cases(&operator, "overdue", "?assignee=nobody").await.is_empty());
    let today = app.clock.now().unmoved().plus(Duration::from_secs(80 * 86_400)).business_date();
    let paid = json!({ "reference": "E0", "amount": "3000.00", "paid_on": today.to_string() });
    operator.post(&format!("/loans/{loan}/payments"), &paid).await.expect(201);
    assert_eq!(figures(&operator, "overdue").await["mine"], 0);
    assert!(cases(&operator, "overdue", "").await.is_empty());
    operator.post(&path, &json!({ "assignee": "me" })).await.expect_problem(404, "resource_not_found");
}

on_both_engines!(of_two_who_take_a_case_at_once_one_gets_it:
    of_two_who_take_a_case_at_once_one_gets_it_on_sqlite,
    of_two_who_take_a_case_at_once_one_gets_it_on_postgresql);

async fn of_two_who_take_a_case_at_once_one_gets_it(app: &TestApp) {
    let (first, second) = (Operator::of(app).await, Operator::of(app).await);
    let partner = app.partner().await;
    let overdue = partner.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    partner.post("/sandbox/clock/advance", &json!({ "days": 80 })).await.expect(200);
    let customer = partner.renewed().await.documented_customer(123_456_789, "manual").await;
    let take = json!({ "assignee": "me", "expected_assignee": "nobody" });
    for (queue, subject) in [("kyc_to_review", customer.as_str()), ("overdue", overdue.as_str())] {
        let path = format!("/queues/{queue}/cases/{subject}/assign");
        for _round in 0..5 {
            let (one, other) = tokio::join!(first.post(&path, &take), second.post(&path, &take));
            let mut statuses = [one.status.as_u16(), other.status.as_u16()];
            statuses.sort_unstable();
            assert_eq!(statuses, [200, 409], "{queue}");
            let (taken, refused) = if one.status == 200 { (one, other) } else { (other, one) };
            let owner = taken.body["assignee"]["id"].as_str().unwrap();
            let detail = refused.expect_problem(409, "invalid_state").body["detail"].to_string();
            assert!(detail.contains(owner) && detail.contains("Operadora"), "{detail}");
            let listed = cases(&first, queue, &format!("?assignee={owner}")).await;
            assert_eq!(subjects(&listed), [subject]);
            let release = json!({ "assignee": "nobody", "expected_assignee": owner });
            let released = first.post(&path, &release).await.expect(200);
            assert_eq!(released.body["assignee"], Value::Null);
        }
        assert_eq!(subjects(&cases(&first, queue, "?assignee=nobody").await), [subject]);
    }
    // A case that is sent back and handed in again begins without its former assignee.
    let path = format!("/queues/kyc_to_review/cases/{customer}/assign");
    first.post(&path, &take).await.expect(200);
    first.act(&format!("/customers/{customer}/refuse")).await.expect(200);
    second.post(&path, &json!({ "assignee": "me" })).await.expect_problem(404, "resource_not_found");
    assert_eq!(figures(&first, "kyc_to_review").await["mine"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_only_to_an_operator_who_can_see_it() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let partner = app.partner().await;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let path = format!("/queues/kyc_to_review/cases/{customer}/assign");
    let robot =
        operator.post("/operators", &json!({ "name": "Robô", "roles": ["analyst"] })).await.expect(201).id();
    let given = operator.post(&path, &json!({ "assignee": robot })).await.expect(200).body;
    assert_eq!(given["assignee"], json!({ "id": robot, "name": "Robô" }));
    operator.act(&format!("/operators/{robot}/revoke")).await.expect(200);
    let ended =
        operator.post(&path, &json!({ "assignee": robot })).await.expect_problem(409, "invalid_state");
    assert_eq!(ended.faults(), [("assignee".to_owned(), "invalid_state".to_owned())]);
    for (body, status) in [
        (json!({}), 422),
        (json!({ "assignee": "ninguém" }), 422),
        (json!({ "assignee": "me", "expected_assignee": 3 }), 422),
        (json!({ "assignee": "me", "expected_assignee": "nobody" }), 409),
    ] {
        operator.post(&path, &body).await.expect(status);
    }
    let auditor = Operator::with_roles(&app, "auditor".parse().unwrap()).await;
    auditor.post(&path, &json!({ "assignee": "me" })).await.expect_problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_only_the_queues_whose_subjects_it_may_read() {
    let permissions: Permissions =
        ["queues.read", "mails.read"].into_iter().map(|word| word.parse().unwrap()).collect();
    let limits = domain::access::Limits { largest_approval: Cents::ZERO, largest_waiver: Cents::ZERO };
    let clerk = ("clerk".parse().unwrap(), Role { permissions, limits });
    let app = TestApp::with(Setup { roles: Some(Roles::new([clerk].into())), ..Setup::default() }).await;
    let operator = Operator::with_roles(&app, RoleNames::from_iter(["clerk".parse().unwrap()])).await;
    let shown = operator.get("/queues").await.expect(200).body;
    let names: Vec<&Value> = shown["data"].as_array().unwrap().iter().map(|one| &one["queue"]).collect();
    assert_eq!(names, ["mails_failed"]);
    operator.get("/queues/mails_failed/cases").await.expect(200);
    let refused = operator.get("/queues/overdue/cases").await.expect_problem(403, "forbidden").body;
    assert!(refused["detail"].as_str().unwrap().contains("loans.read"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_case_shows_who_else_looks_at_it_until_the_mark_ends() {
    for app in TestApp::on_each_engine().await {
        let (first, second) = (Operator::of(&app).await, Operator::of(&app).await);
        let partner = app.partner().await;
        let customer = partner.documented_customer(529_982_247, "manual").await;
        let path = format!("/queues/kyc_to_review/cases/{customer}/look");
        let alone = first.act(&path).await.expect(200).body;
        assert_eq!(alone, json!({ "looking": [], "mark_s": 30 }));
        let both = second.act(&path).await.expect(200).body;
        assert_eq!(both["looking"].as_array().unwrap().len(), 1);
        assert_eq!(both["looking"][0]["name"], "Operadora");
        let listed = cases(&second, "kyc_to_review", "").await;
        assert_eq!(listed[0]["looking"], both["looking"]);
        app.clock.advance(app::queues::MARK + Duration::from_secs(1));
        assert_eq!(second.act(&path).await.expect(200).body["looking"], json!([]));
        first.act(&path.replace("kyc_to_review", "credit_referred")).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_queue_needs_no_more_statements() {
    for app in TestApp::on_each_engine().await {
        let operator = Operator::of(&app).await;
        let partner = app.partner().await;
        let mut counted = Vec::new();
        for (from, to) in [(0, 3), (3, 60)] {
            for number in from..to {
                partner.documented_customer(100_000_000 + number, "manual").await;
                failed_mail(&app, &partner).await;
            }
            for path in
                ["/queues", "/queues/kyc_to_review/cases?limit=100", "/queues/mails_failed/cases?limit=100"]
            {
                let before = app.state.store.statements_run();
                operator.get(path).await.expect(200);
                counted.push(app.state.store.statements_run() - before);
            }
        }
        // A read that takes long on SQLite begins again on another thread, so its statements count twice.
        let (few, many) = counted.split_at(3);
        let grown = few.iter().zip(many).any(|(few, many)| *many > 2 * few);
        assert!(!grown, "the statements of each list with 3 cases, {few:?}, and with 60, {many:?}");
    }
}
