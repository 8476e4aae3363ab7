//! Every operation of the operator API: in the audit trail, repeatable, and strict about parameters.

use std::collections::BTreeSet;

use app::people::proposals::{Outcome, Proposer};
use axum::http::Method;
use domain::access::FourEyes;
use domain::id::LoanId;
use serde_json::{Value, json};
use store::audit::Trail;

use crate::inputs::decision;
use crate::support::{Partner, TestApp};

use crate::operator::{Operator, approval};

/// Every operation succeeds, requires an operator's token, and answers 404 for an unknown id. Every write is replayed
/// under its key. Each call has an entry in the audit trail.
#[tokio::test]
async fn every_operation_of_the_operator_api_is_audited_and_replays() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let calls = calls(&partner, &operator).await;
    let mut walked = BTreeSet::new();
    for (operation, path, body, status) in &calls {
        let (method, template) = operation.split_once(' ').unwrap();
        let method: Method = method.to_uppercase().parse().unwrap();
        let anonymous = Operator { app: app.clone(), token: "dinie_op_test_0".into() };
        anonymous.call(method.clone(), path, body.as_ref(), "").await.expect_problem(401, "invalid_token");
        if let Some((before, after)) = around_parameter(template) {
            let strange = format!("{before}nothing{after}");
            operator
                .call(method.clone(), &strange, body.as_ref(), "")
                .await
                .expect_problem(404, "resource_not_found");
        }
        let writes = method == Method::POST;
        let key = if writes { operation.replace(' ', ":") } else { String::new() };
        let first = operator.call(method.clone(), path, body.as_ref(), &key).await.expect(*status);
        let audited = operator.get("/audit?limit=1").await.expect(200).body["data"][0].clone();
        assert_eq!(audited["operation"], format!("{method} /operator/v1{}", path.split('?').next().unwrap()));
        assert_eq!(
            (&audited["status"], audited["request_id"].as_str()),
            (&json!(status), first.header("x-request-id"))
        );
        if writes {
            let again = operator.call(method, path, body.as_ref(), &key).await.expect(*status);
            assert_eq!(again.bytes, first.bytes, "{operation}");
            assert_eq!(again.header("idempotent-replayed"), Some("true"), "{operation}");
        }
        walked.insert(operation.replacen(' ', " /operator/v1", 1));
    }
    let document = server::http::operator::routes(&app.state).into_openapi();
    assert_eq!(walked, crate::routes::documented(&document), "an operation is missing from this walk");
    let trail = app.state.store.read(app::people::trail::check_trail).await.unwrap();
    assert!(matches!(trail, Trail::Whole { .. }), "{trail:?}");
    let forge = |tx: &mut store::Tx<'_>| {
        tx.execute("update audit_entries set status = 200 where number = 3", &[])?;
        app::people::trail::check_trail(tx)
    };
    assert_eq!(app.state.store.write(forge).await.unwrap(), Trail::BrokenAt(3));
}

/// A credit policy.
const POLICY: &str = "version = \"um\"\napproval = \"by_operator\"\n[[refusal]]\nname = \"sa\"\n\
                      legal_natures = [\"sa\"]\nreason = \"Não.\"\n";

type Call = (&'static str, String, Option<Value>, u16);

/// The text before and after the parameter of a path, such as `{loan_id}`.
fn around_parameter(template: &str) -> Option<(&str, &str)> {
    let (before, rest) = template.split_once('{')?;
    Some((before, rest.split_once('}')?.1))
}

/// The path of an operation with this id as its parameter. A query replaces the id where the path has no parameter.
fn path(operation: &str, id: &str) -> String {
    let (_, template) = operation.split_once(' ').unwrap();
    match around_parameter(template) {
        Some((before, after)) => format!("{before}{id}{after}"),
        None => format!("{template}{id}"),
    }
}

/// Proposes the disbursement of three signed loans: two for another operator, and one for the operator itself.
async fn proposals(partner: &Partner, operator: &Operator, loans: [String; 3]) -> [String; 3] {
    let other = Operator::of(&partner.app).await;
    let mut made = Vec::new();
    for (loan, by) in loans.iter().zip([&other, &other, operator]) {
        partner.sign_all(loan).await;
        let (real, tenant, token) = (partner.app.clock.now(), partner.id, by.token.clone());
        let loan: LoanId = loan.parse().unwrap();
        let propose = move |tx: &mut store::Tx<'_>| {
            let operator = app::people::operators::of_token(tx, &token)?.expect("the operator was made").id;
            let by = Proposer { operator, four_eyes: FourEyes::Required, now: real };
            let proposed = app::people::proposals::order_disbursement(tx, tenant, real.unmoved(), loan, &by);
            match proposed {
                Ok(Outcome::Proposed(proposal)) => Ok::<_, store::StoreError>(proposal.id.to_string()),
                other => panic!("{other:?}"),
            }
        };
        made.push(partner.app.state.store.write(propose).await.unwrap());
    }
    made.try_into().unwrap()
}

#[expect(clippy::too_many_lines, reason = "it is the table that the test uses")]
async fn calls(partner: &Partner, operator: &Operator) -> Vec<Call> {
    let app = &partner.app;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let refused = partner.documented_customer(111_444_777, "manual").await;
    let offer = partner.offer(255_248_930, "no_matter").await;
    let mut unsigned = Vec::new();
    for number in [123_456_789, 100_000_001, 100_000_002, 100_000_003, 100_000_005, 100_000_006, 100_000_007]
    {
        unsigned.push(partner.loan(number, "never_signs").await.id());
    }
    app.state.request_log.write_waiting().await;
    let logged = partner.get("/v3/requests?limit=1").await.expect(200).body["data"][0].clone();
    let logged = logged["request_id"].as_str().unwrap().to_owned();
    let active = partner.loan(100_000_004, "no_matter").await.id();
    let other = app.partner().await;
    let overdue = other.loan(529_982_247, "no_matter").await.id();
    app.let_seconds_pass(5).await;
    for days in [90, 60] {
        other.post("/sandbox/clock/advance", &json!({ "days": days })).await.expect(200);
    }
    // No time passes from here on, so the operator disburses a signed loan and the autopilot does not.
    let [to_cancel, to_order, to_confirm, to_fail, proposable @ ..] =
        <[String; 7]>::try_from(unsigned).unwrap();
    for loan in [&to_order, &to_confirm, &to_fail] {
        partner.sign_all(loan).await;
    }
    for loan in [&to_confirm, &to_fail] {
        operator.act(&format!("/loans/{loan}/disbursement")).await.expect(200);
    }
    let today = app.clock.now().unmoved().business_date().to_string();
    let paid = json!({"reference": "E0", "amount": "1.00", "paid_on": today});
    let payment = operator.post(&format!("/loans/{active}/payments"), &paid).await.expect(201).id();
    let pay = json!({"reference": "E1", "amount": "1.00", "paid_on": today});
    let shown = operator.get(&format!("/customers/{customer}")).await.expect(200).body;
    let requirement = shown["requirements"][0].clone();
    let document = requirement["attachments"][0]["document_id"].as_str().unwrap().to_owned();
    let photograph = shown["requirements"][1]["attachments"][0]["document_id"].as_str().unwrap().to_owned();
    let decision = json!({"decisions": [decision(&requirement, "accept")]});
    let mails = partner.mails().await.into_iter();
    let mail = mails.filter(|mail| mail.subject.starts_with("Assine")).map(|mail| mail.id).next().unwrap();
    let give_up = move |tx: &mut store::Tx<'_>| {
        tx.execute("update mails set state = 'failed', reason = 'refused' where id = $1", store::args![mail])
    };
    app.state.store.write(give_up).await.unwrap();
    let robot = json!({"name": "Robô", "roles": ["auditor"]});
    let robot_id = operator.post("/operators", &robot).await.expect(201).id();
    let helena = json!({"name": "Helena", "email": "helena@example.com", "roles": ["auditor"]});
    let rui = json!({"name": "Rui", "email": "rui@example.com"});
    let rui = operator.post("/people", &rui).await.expect(201).id();
    let member = |address: &str| json!({"name": "Lia", "email": address, "role": "support"});
    let new_member = member("lia@example.com");
    let team = format!("/partners/{}/members", partner.id);
    let member = operator.post(&team, &member("caio@example.com")).await.expect(201).id();
    let (id, client) = (partner.id.to_string(), app.partner().await.credential.id);
    let answer = json!({"content": "contract,amount,outcome,reason\nCCB-2026-999999,1.00,paid,\n"});
    let bank_file = operator.post("/bank-files", &json!({"format": "csv"})).await.expect(201).id();
    let [to_approve, to_reject, to_withdraw] = proposals(partner, operator, proposable).await;
    let name = json!({"name": "a"});
    let bounced = json!({"message": "devolvido"});
    let written = json!({"subject_id": active, "text": "prometeu pagar"});
    let note = operator.post("/notes", &written).await.expect(201).id();
    operator.post(&format!("/customers/{customer}/tags"), &json!({"tag": "vip"})).await.expect(200);
    let policy = json!({"content": POLICY.replace("um", "dois")});
    let policy = operator.post("/policy-versions", &policy).await.expect(201).id();
    let view =
        operator.post("/saved-views", &json!({"queue": "overdue", "name": "Grandes"})).await.expect(201).id();
    let (case, taken) = (format!("/queues/kyc_to_review/cases/{customer}"), json!({"assignee": "me"}));
    let call = |operation, id: &str| (operation, path(operation, id), None, 200);
    let send = |operation, id: &str, body, status| (operation, path(operation, id), Some(body), status);
    vec![
        send("post /partners", "", name.clone(), 201),
        call("get /partners", ""),
        call("get /partners/{partner_id}", &id),
        send("post /partners/{partner_id}/limits", &id, json!({"requests_per_10s": 500, "version": 1}), 200),
        call("get /partners/{partner_id}/overview", &id),
        send("post /partners/{partner_id}/credentials", &id, name, 201),
        call("get /partners/{partner_id}/credentials", &id),
        call("post /credentials/{client_id}/revoke", &client),
        send("post /partners/{partner_id}/members", &id, new_member, 201),
        call("get /partners/{partner_id}/members", &id),
        send("post /members/{member_id}/role", &member, json!({"role": "admin"}), 200),
        call("post /members/{member_id}/remove", &member),
        send("post /operators", "", robot, 201),
        call("get /operators", ""),
        call("get /operators/{operator_id}", &robot_id),
        send("post /operators/{operator_id}/roles", &robot_id, json!({"roles": ["treasury"]}), 200),
        call("post /operators/{operator_id}/revoke", &robot_id),
        send("post /people", "", helena, 201),
        call("post /people/{operator_id}/reset", &rui),
        call("get /roles", ""),
        call("get /proposals", ""),
        call("get /proposals/{proposal_id}", &to_approve),
        call("post /proposals/{proposal_id}/approve", &to_approve),
        call("post /proposals/{proposal_id}/reject", &to_reject),
        call("post /proposals/{proposal_id}/withdraw", &to_withdraw),
        send("post /notes", "", json!({"subject_id": customer, "text": "pede prazo"}), 201),
        call("get /notes", &format!("?subject_id={customer}")),
        call("post /notes/{note_id}/strike", &note),
        call("get /overview", ""),
        call("get /settings/lender", ""),
        call("get /policy", ""),
        send("post /policy-versions", "", json!({"content": POLICY}), 201),
        call("get /policy-versions", ""),
        call("get /policy-versions/{policy_version_id}", &policy),
        call("post /policy-versions/{policy_version_id}/adopt", &policy),
        call("get /settings/rates", ""),
        call("get /settings/letters", ""),
        call("get /queues", ""),
        call("get /saved-views", ""),
        send("post /saved-views", "", json!({"queue": "overdue", "name": "Antigos"}), 201),
        call("post /saved-views/{saved_view_id}/delete", &view),
        call("get /queues/{queue}/cases", "kyc_to_review"),
        ("post /queues/{queue}/cases/{subject_id}/assign", format!("{case}/assign"), Some(taken), 200),
        ("post /queues/{queue}/cases/{subject_id}/look", format!("{case}/look"), None, 200),
        call("get /customers", "?cnpj=11222333000181"),
        call("get /customers/{customer_id}", &customer),
        call("get /customers/{customer_id}/timeline", &customer),
        call("get /customers/{customer_id}/duplicates", &customer),
        send("post /customers/{customer_id}/tags", &customer, json!({"tag": "antiga"}), 200),
        send("post /customers/{customer_id}/tags/remove", &customer, json!({"tag": "vip"}), 200),
        send("post /customers/{customer_id}/kyc-decisions", &customer, decision, 200),
        call("post /customers/{customer_id}/refuse", &refused),
        call("get /customers/{customer_id}/personal-data", &customer),
        call("post /customers/{customer_id}/erase", &refused),
        call("get /customers/{customer_id}/erasure", &refused),
        call("get /documents/{document_id}", &document),
        ("get /documents/{document_id}/pages/{page}", format!("/documents/{photograph}/pages/1"), None, 200),
        send("post /customers/{customer_id}/credit-decisions", &customer, approval(6), 201),
        call("get /customers/{customer_id}/credit-decisions", &customer),
        call("get /credit-offers", &format!("?partner_id={id}")),
        call("get /credit-offers/{credit_offer_id}", &offer),
        call("post /credit-offers/{credit_offer_id}/withdraw", &offer),
        call("get /mails", "?status=failed"),
        call("get /mails/{mail_id}", &mail.to_string()),
        call("post /mails/{mail_id}/close", &mail.to_string()),
        call("post /mails/{mail_id}/send-again", &mail.to_string()),
        call("get /loans", "?status=active"),
        call("get /loans/{loan_id}", &active),
        call("get /loans/{loan_id}/installments", &active),
        call("post /loans/{loan_id}/disbursement", &to_order),
        call("post /loans/{loan_id}/disbursement/confirm", &to_confirm),
        send("post /loans/{loan_id}/disbursement/fail", &to_fail, bounced, 200),
        call("post /loans/{loan_id}/disbursement/again", &to_fail),
        call("post /loans/{loan_id}/invitations", &to_cancel),
        call("post /loans/{loan_id}/cancel", &to_cancel),
        send("post /loans/{loan_id}/write-off", &overdue, json!({"reason": "sem bens"}), 200),
        call("get /loans/{loan_id}/ledger", &active),
        call("get /loans/{loan_id}/timeline", &active),
        ("get /loans/{loan_id}/contract", format!("/loans/{active}/contract?copy=signed"), None, 200),
        call("get /loans/{loan_id}/signatures", &active),
        call("get /loans/{loan_id}/collection", &active),
        call("get /loans/{loan_id}/payoff-quote", &active),
        send("post /loans/{loan_id}/payments", &active, pay, 201),
        call("get /loans/{loan_id}/payments", &active),
        call("get /payments", "?reference=E0"),
        call("get /payments/export", ""),
        call("get /payments/{payment_id}", &payment),
        call("post /payments/{payment_id}/reverse", &payment),
        send("post /bank-files", "", json!({"format": "cnab240"}), 201),
        call("get /bank-files", ""),
        call("get /bank-files/{bank_file_id}", &bank_file),
        send("post /bank-answers/preview", "", answer.clone(), 200),
        send("post /bank-answers", "", answer, 200),
        call("get /trial-balance", ""),
        call("get /trial-balance/export", ""),
        call("get /journal-entries", "?account=cash"),
        call("get /journal-entries/export", ""),
        call("get /audit", ""),
        call("get /audit/proof", ""),
        call("get /requests", "?status=2xx"),
        call("get /requests/{request_id}", &logged),
        call("get /search", "?q=padaria"),
    ]
}

#[tokio::test]
async fn the_id_of_a_request_is_as_long_as_documented() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    let of = |length: usize| format!("/audit?request_id={}", "0".repeat(length));
    operator.get(&of(128)).await.expect(200);
    let refused = operator.get(&of(129)).await;
    assert_eq!(refused.status, 400);
    assert_eq!(refused.body["param"], "request_id");
}

#[tokio::test]
async fn an_unknown_parameter_of_an_operation_is_refused() {
    let app = TestApp::new().await;
    let (operator, partner) = (Operator::of(&app).await, app.partner().await);
    partner.customer(529_982_247, "manual").await;
    for (path, params) in [
        ("/customers?stauts=under_review", vec!["stauts"]),
        ("/customers?status=under_review&partner=x&page=2&page=3", vec!["partner", "page"]),
        ("/loans?cpf=1", vec!["cpf"]),
        ("/mails?state=failed", vec!["state"]),
        ("/audit?order=asc", vec!["order"]),
        ("/partners?", vec![]),
        ("/partners?limit=1&order=asc", vec![]),
    ] {
        let answer = operator.get(path).await;
        if params.is_empty() {
            answer.expect(200);
            continue;
        }
        let faults = answer.expect_problem(400, "invalid_parameter").faults();
        assert_eq!(
            faults,
            params
                .iter()
                .map(|name| ((*name).to_owned(), "invalid_parameter".to_owned()))
                .collect::<Vec<_>>()
        );
    }
    let made = operator.post("/partners?dry_run=true", &json!({"name": "Mercado Exemplo"})).await;
    made.expect_problem(400, "invalid_parameter");
    assert_eq!(operator.get("/partners").await.expect(200).body["data"].as_array().unwrap().len(), 1);
    let trail = operator.get("/audit?limit=2").await.expect(200).body;
    let last = trail["data"][1]["operation"].as_str().unwrap();
    assert!(last.starts_with("GET /operator/v1/partners") || last.starts_with("POST"), "{last}");
    // The partners' APIs ignore unknown parameters.
    for path in ["/v3/customers?stauts=under_review", "/api/v3/customers?stauts=under_review"] {
        assert_eq!(partner.get(path).await.expect(200).body["data"].as_array().unwrap().len(), 1);
    }
}
