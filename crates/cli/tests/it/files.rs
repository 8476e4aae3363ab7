//! Files of customers: their limits, and the deletion of replaced files.

use std::time::Duration;

use app::database::FileStore;
use app::kyc::SubmitEvidence;
use axum::body::Body;
use axum::http::Request;
use domain::id::PartnerId;
use domain::kyc::{AttachmentSource, FileLimits, ReviewStart};
use server::config::RateLimits;
use server::http::upload;
use server::workers;
use store::Failed;

use crate::answer::Answer;
use crate::inputs::{JPEG, PDF, decision, form};
use crate::machine::files_under;
use crate::operator::Operator;
use crate::support::{Partner, Setup, TestApp};

/// An app on each engine, with a partner and its customer. A customer has at most three files.
async fn with_three_files_each() -> Vec<(TestApp, Partner, String)> {
    let files = FileLimits { files: 3, ..FileLimits::default() };
    let mut found = Vec::new();
    for app in TestApp::on_each_engine_with(Setup { files, ..Setup::default() }).await {
        let partner = app.partner().await;
        let customer = partner.customer(529_982_247, "manual").await;
        found.push((app, partner, customer));
    }
    found
}

fn stored(app: &TestApp) -> usize {
    files_under(&app.state.config.data.join("blobs")).len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_has_limited_files_and_replaced_ones_are_deleted_after_an_hour() {
    for (app, partner, customer) in with_three_files_each().await {
        for _ in 0..2 {
            partner.upload(&customer, "cnh", PDF).await.expect(201);
        }
        let last = partner.upload_keyed(&customer, "cnh", PDF, Some("last")).await.expect(201);
        let full = partner.upload(&customer, "cnh", PDF).await.expect_problem(409, "invalid_state");
        assert_eq!(full.body["param"], "file");
        assert!(full.body["detail"].as_str().unwrap().contains("3 files"), "{}", full.body);
        let again = partner.upload_keyed(&customer, "cnh", PDF, Some("last")).await.expect(201);
        assert_eq!(again.body, last.body, "a repeated upload gets its stored answer");
        let other = partner.customer(111_444_777, "manual").await;
        partner.upload(&other, "cnh", PDF).await.expect(201);
        app.no_file_is_left_over().await;
        assert_eq!(stored(&app), 4);

        app.clock.advance(Duration::from_secs(3_599));
        workers::files::tick(&app.state).await.unwrap();
        assert_eq!(stored(&app), 4);
        app.clock.advance(Duration::from_secs(2));
        workers::files::tick(&app.state).await.unwrap();
        assert_eq!(stored(&app), 2, "submitted files stay");
        app.no_file_is_left_over().await;
        let (partner, operator) = (partner.renewed().await, Operator::of(&app).await);
        let document = last.id();
        assert_eq!(operator.get(&format!("/documents/{document}")).await.expect(200).bytes, PDF);
        for kind in ["selfie", "ccmei"] {
            partner.upload(&customer, kind, JPEG).await.expect(201);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_upload_gets_its_answer_although_other_files_use_the_room() {
    for (app, partner, customer) in with_three_files_each().await {
        let kyc = partner.get(&format!("/api/v3/customers/{customer}")).await.expect(200).body;
        let requirement =
            kyc["kyc"].as_array().unwrap().iter().find(|r| r["requirement_type"] == "identity").unwrap();
        let attach = async |content: &[u8], key: &str| -> Answer {
            let id = requirement["requirement_id"].as_str().unwrap();
            let parts = [
                ("requirement_id", None, id.as_bytes()),
                ("evidence_type", None, b"cnh".as_slice()),
                ("attachment_type", None, b"front".as_slice()),
                ("file", Some("a.bin"), content),
            ];
            let path = format!("/api/v3/customers/{customer}/kyc-attachments");
            partner.send_form(&path, &form("b", &parts), "b", Some(key)).await
        };
        let document = partner.upload_keyed(&customer, "cnh", PDF, Some("document")).await.expect(201);
        let attachment = attach(JPEG, "attachment").await.expect(201);
        // A file counts as soon as its upload begins.
        announced(&app, partner.id, &customer).await;

        let repeated = partner.upload_keyed(&customer, "cnh", PDF, Some("document")).await.expect(201);
        assert_eq!(repeated.body, document.body);
        assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
        let repeated = attach(JPEG, "attachment").await.expect(201);
        assert_eq!(repeated.body, attachment.body);
        assert_eq!(repeated.header("idempotent-replayed"), Some("true"));
        let other = partner.upload_keyed(&customer, "cnh", JPEG, Some("document")).await;
        other.expect_problem(422, "idempotency_key_mismatch");
        attach(PDF, "attachment").await.expect_problem(422, "idempotency_key_mismatch");

        let full = partner.upload_keyed(&customer, "cnh", PDF, Some("full")).await;
        full.expect_problem_of("file", 409, "invalid_state");
        attach(PDF, "full-too").await.expect_problem(409, "invalid_state");
        let text = partner.upload_keyed(&customer, "cnh", b"no document", Some("text")).await;
        text.expect_problem(422, "unsupported_file_type");
        assert_eq!(stored(&app), 2, "no file was written");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn aborted_uploads_use_room_for_two_minutes_and_leave_no_file() {
    for (app, partner, customer) in with_three_files_each().await {
        for _ in 0..3 {
            broken_off(&app, partner.id, &customer).await;
        }
        partner.upload(&customer, "cnh", PDF).await.expect_problem(409, "invalid_state");
        app.clock.advance(Duration::from_secs(119));
        workers::files::tick(&app.state).await.unwrap();
        assert_eq!(stored(&app), 3);
        app.clock.advance(Duration::from_secs(2));
        workers::files::tick(&app.state).await.unwrap();
        partner.renewed().await.upload(&customer, "cnh", PDF).await.expect(201);
        app.no_file_is_left_over().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_serves_alone_deletes_the_unfinished_uploads_of_the_former_one() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let customer = partner.customer(529_982_247, "manual").await;
        broken_off(&app, partner.id, &customer).await;
        app.clock.advance(Duration::from_secs(1));
        let started = app.state.clock.now();
        announced(&app, partner.id, &customer).await;
        let alone = app.state.store.serves_alone();
        let worker = tokio::spawn(workers::files::run(app.state.clone(), started));
        let intents = async || -> i64 {
            let count = |tx: &mut store::Tx<'_>| {
                tx.query_one("select count(*) from blob_intents", &[], |row| row.get(0))
            };
            app.state.store.read::<_, store::StoreError>(count).await.unwrap()
        };
        while alone && intents().await > 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        worker.abort();
        assert_eq!(intents().await, if alone { 1 } else { 2 }, "other nodes may still be writing");
        assert_eq!(stored(&app), usize::from(!alone));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_abandoned_upload_becomes_no_document() {
    for app in TestApp::on_each_engine().await {
        let partner = app.partner().await;
        let customer = partner.customer(529_982_247, "manual").await;
        let id = customer.parse().unwrap();
        let source = futures::stream::iter([Ok(bytes::Bytes::from_static(PDF))]);
        let file = upload::store_file(&app.state, partner.id, id, source).await.map_err(|_| ()).unwrap();
        // The process sleeps longer than the longest upload.
        app.clock.advance(Duration::from_secs(121));
        workers::files::tick(&app.state).await.unwrap();
        let command = SubmitEvidence {
            customer: id,
            evidence: file.evidence(),
            source: AttachmentSource::Upload,
            review_start: ReviewStart::Automatic,
            limits: FileLimits::default(),
        };
        let (tenant, now) = (partner.id, app.state.clock.now());
        let submitted = app.state.store.write(move |tx| {
            app::kyc::submit_evidence(tx, tenant, now.unmoved(), &command, |file| {
                let requirement = file.kyc.lacking().next()?;
                let kind = *requirement.key.kind.alternatives().first()?;
                Some((requirement.key, kind, *kind.complete_sets()[0].first()?))
            })
        });
        submitted.await.map_err(|failed| assert!(matches!(failed, Failed::Store(_)))).unwrap_err();
        app.no_file_is_left_over().await;
    }
}

/// Begins an upload. Returns the name of its file.
async fn announced(app: &TestApp, partner: PartnerId, customer: &str) -> String {
    let file = upload::announce(&app.state, partner, customer.parse().unwrap()).await;
    file.map_err(|_no_room| ()).unwrap().blob_key
}

/// Begins an upload and leaves it as a killed process would.
async fn broken_off(app: &TestApp, partner: PartnerId, customer: &str) {
    let blob_key = announced(app, partner, customer).await;
    let staged = app.state.config.data.join("blobs").join(format!("{blob_key}#1"));
    std::fs::create_dir_all(staged.parent().unwrap()).unwrap();
    std::fs::write(staged, PDF).unwrap();
}

#[tokio::test]
async fn a_customer_has_limited_bytes() {
    let files = FileLimits { files: 100, bytes: 3 * 1024 * 1024 };
    let app = TestApp::with(Setup { files, ..Setup::default() }).await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    let mebibyte = [PDF.to_vec(), vec![b' '; 1024 * 1024 - 100]].concat();
    for _ in 0..3 {
        partner.upload(&customer, "cnh", &mebibyte).await.expect(201);
    }
    let full = partner.upload(&customer, "cnh", &mebibyte).await.expect_problem(409, "invalid_state");
    assert!(full.body["detail"].as_str().unwrap().contains("3 MiB"), "{}", full.body);
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    app.no_file_is_left_over().await;
}

#[tokio::test]
async fn rejected_documents_stay_as_evidence() {
    let (app, partner, operator) = TestApp::with_operator().await;
    let customer = partner.documented_customer(529_982_247, "manual").await;
    let path = format!("/customers/{customer}");
    let shown = operator.get(&path).await.expect(200).body;
    let identity = &shown["requirements"][0];
    let body = serde_json::json!({"decisions": [decision(identity, "reject")]});
    operator.post(&format!("{path}/kyc-decisions"), &body).await.expect(200);
    partner.upload(&customer, "cnh", PDF).await.expect(201);
    app.clock.advance(Duration::from_secs(86_400));
    workers::files::tick(&app.state).await.unwrap();
    let sent_back = identity["attachments"][0]["document_id"].as_str().unwrap();
    operator.get(&format!("/documents/{sent_back}")).await.expect(200);
    assert_eq!(stored(&app), 4);
}

#[tokio::test]
async fn a_page_accepts_limited_files_and_an_address_sends_limited_forms() {
    let limits = RateLimits { page_posts_per_minute: 7, ..Setup::default().limits };
    let files = FileLimits { files: 2, ..FileLimits::default() };
    let app = TestApp::with(Setup { limits, files, ..Setup::default() }).await;
    let partner = app.partner().await;
    let customer = partner.customer(529_982_247, "manual").await;
    let opened =
        partner.post(&format!("/api/v3/customers/{customer}/biometrics"), &serde_json::json!({})).await;
    let link = opened.expect(200).body["session_url"].as_str().unwrap().replace("https://dinie.test", "");
    let send = async |request: axum::http::request::Builder, body: Vec<u8>| -> Answer {
        app.send(request.header("x-forwarded-for", "198.51.100.7").body(Body::from(body)).unwrap()).await
    };
    let begin = send(Request::get(&link), Vec::new()).await.expect(200);
    let cookie = begin.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let code = link.split_once("code=").unwrap().1;
    let pressed = Request::post("/biometrics")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("cookie", &cookie);
    send(pressed, format!("code={code}").into_bytes()).await.expect(303);
    let upload = async || {
        let request = Request::post("/biometrics/files?place=0.0.0")
            .header("content-type", "multipart/form-data; boundary=b")
            .header("cookie", &cookie);
        send(request, form("b", &[("file", Some("a.bin"), PDF)])).await
    };
    for _ in 0..2 {
        upload().await.expect(303);
    }
    let full = String::from_utf8(upload().await.expect(422).bytes).unwrap();
    assert!(full.contains("arquivos demais") && full.contains("too many files"), "{full}");
    for _ in 0..2 {
        upload().await.expect(422);
    }
    let limited = upload().await.expect(429);
    assert!(limited.header("retry-after").is_some());
    assert!(String::from_utf8(limited.bytes).unwrap().contains("Aguarde um minuto"));
    assert_eq!(stored(&app), 2);
    // Only uploads count, so the page can still be opened.
    send(Request::get("/biometrics").header("cookie", &cookie), Vec::new()).await.expect(200);
}

#[tokio::test]
async fn a_node_whose_files_are_elsewhere_does_not_start() {
    for app in TestApp::on_each_engine().await {
        let open = async |folder: &std::path::Path| {
            let place = FileStore::Folder(folder.to_owned());
            server::file_store::open_for(&app.state.store, place).await.map(drop)
        };
        let own = app.state.config.data.join("blobs");
        open(&own).await.expect("a second node with the same folder");
        let other = tempfile::TempDir::new().unwrap();
        let refused = open(other.path()).await.unwrap_err().to_string();
        assert!(refused.contains("are elsewhere") && refused.contains("is none"), "{refused}");
        assert!(!other.path().join("store-id").exists(), "nothing is made there");
        std::fs::write(other.path().join("store-id"), "of another database\n").unwrap();
        let refused = open(other.path()).await.unwrap_err().to_string();
        assert!(refused.contains("of another database"), "{refused}");
        // The files were moved with their id.
        std::fs::copy(own.join("store-id"), other.path().join("store-id")).unwrap();
        open(other.path()).await.unwrap();
    }
}
