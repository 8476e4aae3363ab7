//! Walks the route table: each operation has a success, a 401, a foreign-tenant 404 where it has an id, and
//! a replay where it writes.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request};
use serde_json::{Value, json};

use crate::support::{PDF, Partner, TestApp, form, registration};

/// How an operation is called with success: its path with real ids, its body, and the status it answers.
struct Call {
    operation: &'static str,
    path: String,
    body: CallBody,
    status: u16,
}

enum CallBody {
    None,
    Json(Value),
    Upload,
}

/// Real resources of one partner.
struct Resources {
    customer: String,
    offer: String,
    loan: Value,
    made: String,
    endpoint: String,
    credential: String,
}

impl Resources {
    async fn of(partner: &Partner<'_>) -> Self {
        let offer = partner.offer(529_982_247, "never_signs").await;
        let loan = partner.simulation(&offer, "10000.00", 12).await;
        let taken = partner.offer(111_444_777, "never_signs").await;
        let made = partner
            .post("/v3/loans", &partner.simulation(&taken, "10000.00", 12).await)
            .await
            .expect(201)
            .id();
        let endpoint =
            partner.post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/"})).await.expect(201);
        let credential = partner.post("/v3/auth/credentials", &json!({"name": "a"})).await.expect(201);
        let customer = partner.customer(255_248_930, "manual").await;
        Self { customer, offer, loan, made, endpoint: endpoint.id(), credential: credential.id() }
    }

    #[expect(clippy::too_many_lines, reason = "it is the table that the test walks")]
    fn calls(&self) -> Vec<Call> {
        let call = |operation, path: String, body, status| Call { operation, path, body, status };
        let json = CallBody::Json;
        let Self { customer, offer, loan, made, endpoint, credential } = self;
        let amount = json!({"requested_amount": "10000.00", "installment_count": 12});
        vec![
            call("get /v3/auth/credentials", "/v3/auth/credentials".into(), CallBody::None, 200),
            call("post /v3/auth/credentials", "/v3/auth/credentials".into(), json(json!({"name": "b"})), 201),
            call("get /v3/customers", "/v3/customers".into(), CallBody::None, 200),
            call(
                "post /v3/customers",
                "/v3/customers".into(),
                json(registration(123_456_789, "manual")),
                201,
            ),
            call("get /v3/customers/{id}", format!("/v3/customers/{customer}"), CallBody::None, 200),
            call(
                "patch /v3/customers/{id}",
                format!("/v3/customers/{customer}"),
                json(json!({"phone": "+5511988887777"})),
                200,
            ),
            call(
                "post /v3/customers/{id}/documents",
                format!("/v3/customers/{customer}/documents"),
                CallBody::Upload,
                201,
            ),
            call(
                "post /v3/customers/{id}/biometrics",
                format!("/v3/customers/{customer}/biometrics"),
                CallBody::None,
                200,
            ),
            call(
                "get /v3/customers/{id}/credit-offers",
                format!("/v3/customers/{customer}/credit-offers"),
                CallBody::None,
                200,
            ),
            call("get /v3/credit-offers", "/v3/credit-offers".into(), CallBody::None, 200),
            call("get /v3/credit-offers/{id}", format!("/v3/credit-offers/{offer}"), CallBody::None, 200),
            call("post /v3/loans", "/v3/loans".into(), json(loan.clone()), 201),
            call("get /v3/loans/{id}", format!("/v3/loans/{made}"), CallBody::None, 200),
            call(
                "get /v3/loans/{id}/transactions",
                format!("/v3/loans/{made}/transactions"),
                CallBody::None,
                200,
            ),
            call("get /v3/webhooks/endpoints", "/v3/webhooks/endpoints".into(), CallBody::None, 200),
            call(
                "post /v3/webhooks/endpoints",
                "/v3/webhooks/endpoints".into(),
                json(json!({"url": "https://example.com/b"})),
                201,
            ),
            call(
                "get /v3/webhooks/endpoints/{id}",
                format!("/v3/webhooks/endpoints/{endpoint}"),
                CallBody::None,
                200,
            ),
            call(
                "patch /v3/webhooks/endpoints/{id}",
                format!("/v3/webhooks/endpoints/{endpoint}"),
                json(json!({"description": "b"})),
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{id}/secret/rotate",
                format!("/v3/webhooks/endpoints/{endpoint}/secret/rotate"),
                json(json!({"expire_current_in": 60})),
                200,
            ),
            call(
                "delete /v3/webhooks/endpoints/{id}",
                format!("/v3/webhooks/endpoints/{endpoint}"),
                CallBody::None,
                204,
            ),
            call(
                "delete /v3/auth/credentials/{client_id}",
                format!("/v3/auth/credentials/{credential}"),
                CallBody::None,
                204,
            ),
            call(
                "post /v3/credit-offers/{id}/simulations",
                format!("/v3/credit-offers/{offer}/simulations"),
                json(amount),
                409,
            ),
        ]
    }
}

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
        CallBody::Upload => {
            let body = form("b", &[("type", None, b"cnh"), ("file", Some("a"), PDF)]);
            request.header("content-type", "multipart/form-data; boundary=b").body(Body::from(body))
        }
    }
    .unwrap()
}

/// Every operation of the document, as `post /v3/loans`.
fn documented(app: &TestApp) -> BTreeSet<String> {
    let document = serde_json::to_value(server::http::reference::document(&app.state)).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
    });
    operations.collect()
}

#[tokio::test]
async fn every_operation_succeeds_wants_a_token_hides_from_others_and_replays() {
    let app = TestApp::new().await;
    let (partner, stranger) = (app.partner().await, app.partner().await);
    let calls = Resources::of(&partner).await.calls();
    let walked: BTreeSet<String> = calls
        .iter()
        .map(|call| call.operation.to_owned())
        .chain(["post /v3/auth/token".to_owned()])
        .collect();
    assert_eq!(walked, documented(&app), "an operation is missing from this walk, or from the API");
    assert_eq!(walked.len(), 23, "19 operations, the token and three of credentials");

    for call in &calls {
        app.send(request(call, None, None)).await.expect_problem(401, "missing_token");
        if call.operation.contains('{') {
            app.send(request(call, Some(&stranger.token), None))
                .await
                .expect_problem(404, "resource_not_found");
        }
        let writes = matches!(method(call.operation), Method::POST | Method::PATCH);
        let first = app
            .send(request(
                call,
                Some(&partner.token),
                writes.then_some(call.operation.replace(' ', ":")).as_deref(),
            ))
            .await;
        let first = first.expect(call.status);
        assert!(first.header("x-request-id").is_some() && first.header("x-ratelimit-remaining").is_some());
        if writes {
            let key = call.operation.replace(' ', ":");
            let again = app.send(request(call, Some(&partner.token), Some(&key))).await.expect(call.status);
            assert_eq!(again.bytes, first.bytes, "{}", call.operation);
            assert_eq!(again.header("idempotent-replayed"), Some("true"), "{}", call.operation);
        }
    }
}
