//! Walks the route table of each generation. Each operation succeeds and answers 401 without a token. If it has an
//! id, it answers 404 to another partner. If it writes, it is replayed under its key.

use server::http::documented::Api;
use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};

use crate::inputs::{PDF, form};
use crate::support::{Partner, TestApp};

use crate::route_calls::{Call, CallBody, Resources};

fn method(operation: &str) -> Method {
    operation.split(' ').next().unwrap().to_uppercase().parse().unwrap()
}

fn request(call: &Call, token: Option<&str>, key: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().method(method(call.operation)).uri(&call.path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    match &call.body {
        CallBody::None => request.body(Body::empty()),
        CallBody::Json(body) => {
            request.header("content-type", "application/json").body(Body::from(body.to_string()))
        }
        CallBody::Upload(texts) => {
            let texts = texts.iter().map(|(name, text)| (*name, None, text.as_bytes()));
            let parts: Vec<_> = texts.chain([("file", Some("a"), PDF)]).collect();
            let body = form("b", &parts);
            request.header("content-type", "multipart/form-data; boundary=b").body(Body::from(body))
        }
    }
    .unwrap()
}

/// Every operation of a document, as `post /v3/loans`.
pub(crate) fn documented(document: &utoipa::openapi::OpenApi) -> BTreeSet<String> {
    let document = serde_json::to_value(document).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
    });
    operations.collect()
}

#[tokio::test]
async fn every_operation_of_the_reference_succeeds_requires_a_token_hides_from_other_partners_and_replays() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let calls = Resources::of(&partner).await.calls();
    let walked = walk(&partner, &stranger, &calls).await;
    let walked: BTreeSet<String> = walked.chain(["post /v3/auth/token".to_owned()]).collect();
    let documented = documented(&server::http::document(Api::Reference, &app.state));
    assert_eq!(walked, documented, "an operation is missing from this walk, or from the API");
    assert_eq!(walked.len(), 33, "19 operations, the token, three of credentials and the extensions");
}

#[tokio::test]
async fn every_operation_of_the_sdk_succeeds_requires_a_token_hides_from_other_partners_and_replays() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let calls = Resources::of(&partner).await.sdk_calls(&partner).await;
    let walked = walk(&partner, &stranger, &calls).await;
    // These two require their own kinds of tokens; see sdk.rs.
    let others =
        ["biometrics/session-exchange", "customers/{customer_id}/kyc-attachments/selfie", "auth/token"];
    let walked: BTreeSet<String> =
        walked.chain(others.map(|operation| format!("post /api/v3/{operation}"))).collect();
    let documented = documented(&server::http::document(Api::Sdk, &app.state));
    assert_eq!(walked, documented, "an operation is missing from this walk, or from the API");
    assert_eq!(walked.len(), 39);
}

async fn walk<'c>(
    partner: &Partner, stranger: &Partner, calls: &'c [Call],
) -> impl Iterator<Item = String> + 'c {
    let app = &partner.app;
    for call in calls {
        app.send(request(call, None, None)).await.expect_problem(401, "missing_token");
        if call.operation.contains('{') {
            app.send(request(call, Some(&stranger.token), None))
                .await
                .expect_problem(404, "resource_not_found");
        }
        let writes = matches!(method(call.operation), Method::POST | Method::PATCH);
        let key = call.operation.replace(' ', ":");
        let first = app.send(request(call, Some(&partner.token), writes.then_some(&key))).await;
        let first = first.expect(call.status);
        assert!(first.header("x-request-id").is_some() && first.header("x-ratelimit-remaining").is_some());
        if writes {
            let again = app.send(request(call, Some(&partner.token), Some(&key))).await.expect(call.status);
            assert_eq!(again.bytes, first.bytes, "{}", call.operation);
            assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", call.operation);
        }
    }
    calls.iter().map(|call| call.operation.to_owned())
}
