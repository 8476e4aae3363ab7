//! A call that succeeds for each operation of the partners' APIs.

use serde_json::{Value, json};

use crate::inputs::registration;
use crate::support::Partner;

/// A successful call of an operation: its path with real ids, its body, and its status.
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) path: String,
    pub(crate) body: CallBody,
    pub(crate) status: u16,
}

pub(crate) enum CallBody {
    None,
    Json(Value),
    /// The text fields of a form with a file.
    Upload(Vec<(&'static str, String)>),
}

/// Real resources of one partner.
pub(crate) struct Resources {
    pub(crate) customer: String,
    pub(crate) offer: String,
    pub(crate) loan: Value,
    pub(crate) made: String,
    pub(crate) endpoint: String,
    pub(crate) delivery: String,
    pub(crate) event: String,
    pub(crate) credential: String,
}

impl Resources {
    pub(crate) async fn of(partner: &Partner<'_>) -> Self {
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
        let (endpoint, credential) = (endpoint.id(), credential.id());
        // The customer's event becomes a delivery, but no worker sends it.
        server::workers::fan_out::tick(&partner.app.state).await.unwrap();
        let deliveries =
            partner.get(&format!("/v3/webhooks/endpoints/{endpoint}/deliveries")).await.expect(200);
        let delivery = deliveries.body["data"][0]["id"].as_str().unwrap().to_owned();
        let events = partner.get("/v3/events?type=customer.created").await.expect(200);
        let event = events.body["data"][0]["id"].as_str().unwrap().to_owned();
        Self { customer, offer, loan, made, endpoint, delivery, event, credential }
    }

    #[expect(clippy::too_many_lines, reason = "it is the table that the test uses")]
    pub(crate) fn calls(&self) -> Vec<Call> {
        let call = |operation, path: String, body, status| Call { operation, path, body, status };
        let json = CallBody::Json;
        let Self { customer, offer, loan, made, endpoint, delivery, event, credential } = self;
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
            call("get /v3/customers/{customer_id}", format!("/v3/customers/{customer}"), CallBody::None, 200),
            call(
                "patch /v3/customers/{customer_id}",
                format!("/v3/customers/{customer}"),
                json(json!({"phone": "+5511988887777"})),
                200,
            ),
            call(
                "post /v3/customers/{customer_id}/documents",
                format!("/v3/customers/{customer}/documents"),
                CallBody::Upload(vec![("type", "cnh".into())]),
                201,
            ),
            call(
                "post /v3/customers/{customer_id}/biometrics",
                format!("/v3/customers/{customer}/biometrics"),
                CallBody::None,
                200,
            ),
            call(
                "get /v3/customers/{customer_id}/credit-offers",
                format!("/v3/customers/{customer}/credit-offers"),
                CallBody::None,
                200,
            ),
            call("get /v3/credit-offers", "/v3/credit-offers".into(), CallBody::None, 200),
            call(
                "get /v3/credit-offers/{credit_offer_id}",
                format!("/v3/credit-offers/{offer}"),
                CallBody::None,
                200,
            ),
            call("post /v3/loans", "/v3/loans".into(), json(loan.clone()), 201),
            call("get /v3/loans/{loan_id}", format!("/v3/loans/{made}"), CallBody::None, 200),
            call(
                "get /v3/loans/{loan_id}/transactions",
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
                "get /v3/webhooks/endpoints/{endpoint_id}",
                format!("/v3/webhooks/endpoints/{endpoint}"),
                CallBody::None,
                200,
            ),
            call(
                "patch /v3/webhooks/endpoints/{endpoint_id}",
                format!("/v3/webhooks/endpoints/{endpoint}"),
                json(json!({"description": "b"})),
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/secret/rotate",
                format!("/v3/webhooks/endpoints/{endpoint}/secret/rotate"),
                json(json!({"expire_current_in": 60})),
                200,
            ),
            call(
                "get /v3/webhooks/endpoints/{endpoint_id}/deliveries",
                format!("/v3/webhooks/endpoints/{endpoint}/deliveries"),
                CallBody::None,
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
                format!("/v3/webhooks/endpoints/{endpoint}/deliveries/{delivery}/retry"),
                CallBody::None,
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/recover",
                format!("/v3/webhooks/endpoints/{endpoint}/recover"),
                json(json!({"since": "2026-01-01T00:00:00Z"})),
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/test",
                format!("/v3/webhooks/endpoints/{endpoint}/test"),
                json(json!({"type": "loan.active"})),
                201,
            ),
            call("get /v3/events", "/v3/events".into(), CallBody::None, 200),
            call("get /v3/events/{event_id}", format!("/v3/events/{event}"), CallBody::None, 200),
            call(
                "delete /v3/webhooks/endpoints/{endpoint_id}",
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
                "post /v3/credit-offers/{credit_offer_id}/simulations",
                format!("/v3/credit-offers/{offer}/simulations"),
                json(amount),
                409,
            ),
        ]
    }

    #[expect(clippy::too_many_lines, reason = "it is the table that the test uses")]
    pub(crate) async fn sdk_calls(&self, partner: &Partner<'_>) -> Vec<Call> {
        const BASE: &str = "/api/v3";
        let Self { customer, offer, loan, made, endpoint, delivery, event, credential } = self;
        let call = |operation, path: &str, body, status| Call {
            operation,
            path: format!("{BASE}{path}"),
            body,
            status,
        };
        let json = CallBody::Json;
        let shown = partner.get(&format!("{BASE}/customers/{customer}")).await.expect(200).body;
        let identity = shown["kyc"][0]["requirement_id"].as_str().unwrap().to_owned();
        let ready = crate::sdk::documented_customer(partner, 100_000_009, "manual").await;
        let registration = crate::sdk::registration(123_456_789, "manual");
        let amount = json!({"requested_amount": 10000, "installment_count": 12});
        let loan = json!({
            "credit_offer_id": loan["credit_offer_id"], "simulation_id": loan["simulation_id"],
            "installment_count": 12, "first_due_date": loan["first_due_date"],
            "installment_amount": loan["installments_value"].as_str().unwrap().parse::<f64>().unwrap()
        });
        let account = json!({"bank_account": {
            "bank_id": "001", "branch": "1234", "number": "567890", "digit": "1", "kind": "checking"
        }});
        let upload = vec![
            ("requirement_id", identity),
            ("evidence_type", "cnh".into()),
            ("attachment_type", "file".into()),
        ];
        vec![
            call("get /api/v3/auth/credentials", "/auth/credentials", CallBody::None, 200),
            call("post /api/v3/auth/credentials", "/auth/credentials", json(json!({"name": "b"})), 201),
            call("get /api/v3/customers", "/customers", CallBody::None, 200),
            call("post /api/v3/customers", "/customers", json(registration), 201),
            call(
                "get /api/v3/customers/{customer_id}",
                &format!("/customers/{customer}"),
                CallBody::None,
                200,
            ),
            call(
                "patch /api/v3/customers/{customer_id}",
                &format!("/customers/{customer}"),
                json(json!({"phone": "+5511988887777"})),
                200,
            ),
            call(
                "post /api/v3/customers/{customer_id}/bank-account",
                &format!("/customers/{customer}/bank-account"),
                json(account),
                200,
            ),
            call(
                "get /api/v3/customers/{customer_id}/bank-account",
                &format!("/customers/{customer}/bank-account"),
                CallBody::None,
                200,
            ),
            call("get /api/v3/banks", "/banks", CallBody::None, 200),
            call(
                "post /api/v3/customers/{customer_id}/kyc-attachments",
                &format!("/customers/{customer}/kyc-attachments"),
                CallBody::Upload(upload),
                201,
            ),
            call(
                "post /api/v3/customers/{customer_id}/kyc-review",
                &format!("/customers/{ready}/kyc-review"),
                CallBody::None,
                202,
            ),
            call(
                "post /api/v3/customers/{customer_id}/biometrics",
                &format!("/customers/{customer}/biometrics"),
                json(json!({})),
                200,
            ),
            call(
                "get /api/v3/customers/{customer_id}/credit-offers",
                &format!("/customers/{customer}/credit-offers"),
                CallBody::None,
                200,
            ),
            call("get /api/v3/credit-offers", "/credit-offers", CallBody::None, 200),
            call(
                "get /api/v3/credit-offers/{credit_offer_id}",
                &format!("/credit-offers/{offer}"),
                CallBody::None,
                200,
            ),
            call("post /api/v3/loans", "/loans", json(loan), 201),
            call("get /api/v3/loans/{loan_id}", &format!("/loans/{made}"), CallBody::None, 200),
            call(
                "get /api/v3/loans/{loan_id}/transactions",
                &format!("/loans/{made}/transactions"),
                CallBody::None,
                200,
            ),
            call("get /api/v3/webhooks/endpoints", "/webhooks/endpoints", CallBody::None, 200),
            call(
                "post /api/v3/webhooks/endpoints",
                "/webhooks/endpoints",
                json(json!({"url": "https://example.com/b"})),
                201,
            ),
            call(
                "get /api/v3/webhooks/endpoints/{endpoint_id}",
                &format!("/webhooks/endpoints/{endpoint}"),
                CallBody::None,
                200,
            ),
            call(
                "patch /api/v3/webhooks/endpoints/{endpoint_id}",
                &format!("/webhooks/endpoints/{endpoint}"),
                json(json!({"description": ""})),
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
                &format!("/webhooks/endpoints/{endpoint}/rotate-secret"),
                json(json!({"expire_current_in": 60})),
                200,
            ),
            call(
                "get /api/v3/webhooks/endpoints/{endpoint_id}/deliveries",
                &format!("/webhooks/endpoints/{endpoint}/deliveries"),
                CallBody::None,
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
                &format!("/webhooks/endpoints/{endpoint}/deliveries/{delivery}/retry"),
                CallBody::None,
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/recover",
                &format!("/webhooks/endpoints/{endpoint}/recover"),
                json(json!({"since": 1_767_225_600})),
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/test",
                &format!("/webhooks/endpoints/{endpoint}/test"),
                json(json!({"type": "loan.active"})),
                201,
            ),
            call("get /api/v3/events", "/events", CallBody::None, 200),
            call("get /api/v3/events/{event_id}", &format!("/events/{event}"), CallBody::None, 200),
            call(
                "delete /api/v3/webhooks/endpoints/{endpoint_id}",
                &format!("/webhooks/endpoints/{endpoint}"),
                CallBody::None,
                204,
            ),
            call(
                "delete /api/v3/auth/credentials/{client_id}",
                &format!("/auth/credentials/{credential}"),
                CallBody::None,
                204,
            ),
            call(
                "post /api/v3/credit-offers/{credit_offer_id}/simulations",
                &format!("/credit-offers/{offer}/simulations"),
                json(amount),
                409,
            ),
        ]
    }
}
