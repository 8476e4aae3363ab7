//! Operators' tokens, and the audit trail of the operators' calls.

use app::people::operators::CreateOperator;
use serde_json::{Value, json};
use store::audit::Trail;

use crate::support::{Partner, TestApp};

use crate::operator::Operator;

#[tokio::test]
async fn operator_tokens_and_partner_tokens_open_only_their_own_api() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let with = |token: &str| Operator { app: app.clone(), token: token.to_owned() };
    with(&partner.token).get("/partners").await.expect_problem(401, "invalid_token");
    let live = operator.token.replace("_test_", "_live_");
    with(&live).get("/partners").await.expect_problem(403, "forbidden");
    with(&format!("{}0", operator.token)).get("/partners").await.expect_problem(401, "invalid_token");
    app.get("/operator/v1/partners").await.expect_problem(401, "missing_token");
    let as_partner = Partner { token: operator.token.clone(), ..app.partner().await };
    as_partner.get("/v3/customers").await.expect_problem(401, "invalid_token");
    let now = app.clock.now();
    let revoke = move |tx: &mut store::Tx<'_>| {
        let cursor = store::Cursor::first(domain::page::Limit::DEFAULT);
        let page =
            app::people::operators::list(tx, None, &cursor).map_err(|_| store::StoreError::NotFound)?;
        app::people::operators::revoke(tx, now, page.items[0].id).map_err(|_| store::StoreError::NotFound)
    };
    app.state.store.write(revoke).await.unwrap();
    operator.get("/partners").await.expect_problem(401, "invalid_token");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_tokens_are_in_the_trail_and_many_of_them_do_not_fill_it() {
    for app in TestApp::on_each_engine().await {
        let (operator, partner) = (Operator::of(&app).await, app.partner().await);
        let revoked = Operator::of(&app).await;
        let (token, now) = (revoked.token.clone(), app.clock.now());
        let find = move |tx: &mut store::Tx<'_>| app::people::operators::of_token(tx, &token);
        let gone = app.state.store.read(find).await.unwrap().unwrap().id;
        app.state.store.write(move |tx| app::people::operators::revoke(tx, now, gone)).await.unwrap();

        let with = |token: &str| Operator { app: app.clone(), token: token.to_owned() };
        let wrong = format!("dinie_op_test_{}", "0".repeat(64));
        let refused = [
            (revoked.token.clone(), json!(gone.to_string()), 401),
            (wrong.clone(), Value::Null, 401),
            (partner.token.clone(), Value::Null, 401),
            ("dinie_op_live_1".to_owned(), Value::Null, 403),
            (wrong, Value::Null, 401),
        ];
        for (token, _, status) in &refused {
            with(token).get("/loans?limit=1").await.expect(*status);
        }
        // A call without a token is not an attempt with a token.
        app.get("/operator/v1/loans").await.expect(401);
        let trail = operator.get("/audit?limit=100").await.expect(200).body;
        let entries = trail["data"].as_array().unwrap();
        assert_eq!(entries.len(), refused.len());
        for (entry, (token, owner, status)) in entries.iter().rev().zip(&refused) {
            assert_eq!((&entry["operator_id"], &entry["status"]), (owner, &json!(status)));
            assert_eq!(entry["operation"], "GET /operator/v1/loans");
            assert_eq!(entry["fingerprint"].as_str().unwrap().len(), 64);
            assert!(!trail.to_string().contains(token.as_str()));
        }
        // Attempts with the same token have the same fingerprint.
        assert_eq!(entries[0]["fingerprint"], entries[3]["fingerprint"]);
        assert_ne!(entries[0]["fingerprint"], entries[1]["fingerprint"]);

        for _ in 0..60 {
            with("dinie_op_test_guess").get("/loans").await.expect(401);
        }
        app.clock.advance(std::time::Duration::from_secs(61));
        with("dinie_op_test_guess").get("/loans").await.expect(401);
        let trail = operator.get("/audit?limit=100").await.expect(200).body;
        let entries = trail["data"].as_array().unwrap();
        assert!(entries.len() < 40, "{}", entries.len());
        let operation = entries[0]["operation"].as_str().unwrap();
        assert!(operation.contains("refused tokens before it"), "{operation}");
        let check = app.state.store.read(app::people::trail::check_trail).await.unwrap();
        assert!(matches!(check, Trail::Whole { .. }), "{check:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_made_by_a_command_is_valid_at_once() {
    for app in TestApp::on_each_engine().await {
        let (now, config) = (app.clock.now(), &app.state.config);
        let (url, key) = (config.database.clone(), config.master_keys.clone());
        // The store that a command opens while the server runs.
        let beside =
            tokio::task::spawn_blocking(move || store::Store::open(&url, key).unwrap()).await.unwrap();
        let operator = Operator::of(&app).await;
        for _ in 0..10 {
            // The server has just read, and may reuse its read snapshot.
            operator.get("/loans").await.expect(200);
            let command = CreateOperator::from_command_line(config.environment, "Nova", config.roles.names());
            let create = move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, now, &command);
            let (_, token) = beside.write(create).await.unwrap();
            Operator { app: app.clone(), token }.get("/loans").await.expect(200);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trails_head_is_published_and_a_removed_end_is_reported() {
    let app = TestApp::new().await;
    let operator = Operator::of(&app).await;
    operator.get("/loans").await.expect(200);
    operator.get("/loans").await.expect(200);
    let head = server::workers::audit::tick(&app.state, None).await.unwrap();
    assert_eq!(head.number, 2);
    let metrics = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    let series = format!("dinie_audit_head_number{{hash=\"{}\"}} 2", head.hash);
    assert!(metrics.lines().any(|line| line == series), "{metrics}");

    let cut = |tx: &mut store::Tx<'_>| {
        tx.execute("delete from audit_entries where number = 2", &[])?;
        let sql =
            "update audit_head set number = 1, hash = (select hash from audit_entries where number = 1)";
        tx.execute(sql, &[])?;
        app::people::trail::check_trail(tx)
    };
    assert_eq!(app.state.store.write(cut).await.unwrap(), Trail::Whole { entries: 1 });
    let against = head.clone();
    let check = move |tx: &mut store::Tx<'_>| app::people::trail::check_trail_against(tx, &against);
    assert_eq!(app.state.store.read(check).await.unwrap(), Trail::NotAsPublished(2));
    let after = server::workers::audit::tick(&app.state, Some(head)).await.unwrap();
    assert_eq!(after.number, 1);
    let metrics = String::from_utf8(app.get("/metrics").await.expect(200).bytes).unwrap();
    assert!(metrics.contains("dinie_audit_head_lost_total 1"), "{metrics}");
}
