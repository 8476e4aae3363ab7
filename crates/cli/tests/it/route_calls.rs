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

/// An idempotency key that the partner has used.
const KEY: &str = "resources";

/// Real resources of one partner.
pub(crate) struct Resources {
    customer: String,
    offer: String,
    loan: Value,
    made: String,
    endpoint: String,
    /// An endpoint without deliveries.
    other: String,
    delivery: String,
    event: String,
    credential: String,
    request: String,
}

impl Resources {
    pub(crate) async fn of(partner: &Partner) -> Self {
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
        let other = partner
            .post("/v3/webhooks/endpoints", &json!({"url": "https://example.com/b"}))
            .await
            .expect(201);
        let events = partner.get("/v3/events?type=customer.created").await.expect(200);
        let event = events.body["data"][0]["id"].as_str().unwrap().to_owned();
        let keyed = partner.post_keyed("/v3/auth/credentials", &json!({"name": "c"}), KEY).await.expect(201);
        let request = keyed.header("x-request-id").unwrap().to_owned();
        partner.app.state.request_log.write_waiting().await;
        Self {
            customer,
            offer,
            loan,
            made,
            endpoint,
            other: other.id(),
            delivery,
            event,
            credential,
            request,
        }
    }

    /// A call of an operation with this partner's ids in its path.
    fn call(&self, operation: &'static str, body: CallBody, status: u16) -> Call {
        let ids = [
            ("{customer_id}", &self.customer),
            ("{credit_offer_id}", &self.offer),
            ("{loan_id}", &self.made),
            ("{endpoint_id}", &self.endpoint),
            ("{delivery_id}", &self.delivery),
            ("{event_id}", &self.event),
            ("{client_id}", &self.credential),
            ("{request_id}", &self.request),
            ("{key}", &KEY.to_owned()),
        ];
        let template = operation.split_once(' ').unwrap().1.to_owned();
        let path = ids.iter().fold(template, |path, (name, id)| path.replace(name, id));
        assert!(!path.contains('{'), "{path} has a parameter without an id");
        Call { operation, path, body, status }
    }

    pub(crate) fn calls(&self) -> Vec<Call> {
        let call = |operation, body, status| self.call(operation, body, status);
        let json = CallBody::Json;
        let amount = json!({"requested_amount": "10000.00", "installment_count": 12});
        vec![
            call("get /v3/auth/credentials", CallBody::None, 200),
            call("post /v3/auth/credentials", json(json!({"name": "b"})), 201),
            call("get /v3/customers", CallBody::None, 200),
            call("post /v3/customers", json(registration(123_456_789, "manual")), 201),
            call("get /v3/customers/{customer_id}", CallBody::None, 200),
            call("patch /v3/customers/{customer_id}", json(json!({"phone": "+5511988887777"})), 200),
            call(
                "post /v3/customers/{customer_id}/documents",
                CallBody::Upload(vec![("type", "cnh".into())]),
                201,
            ),
            call("post /v3/customers/{customer_id}/biometrics", CallBody::None, 200),
            call("get /v3/customers/{customer_id}/credit-offers", CallBody::None, 200),
            call("get /v3/credit-offers", CallBody::None, 200),
            call("get /v3/credit-offers/{credit_offer_id}", CallBody::None, 200),
            call("post /v3/loans", json(self.loan.clone()), 201),
            call("get /v3/loans/{loan_id}", CallBody::None, 200),
            call("get /v3/loans/{loan_id}/transactions", CallBody::None, 200),
            call("get /v3/webhooks/endpoints", CallBody::None, 200),
            call("post /v3/webhooks/endpoints", json(json!({"url": "https://example.com/b"})), 201),
            call("get /v3/webhooks/endpoints/{endpoint_id}", CallBody::None, 200),
            call("patch /v3/webhooks/endpoints/{endpoint_id}", json(json!({"description": "b"})), 200),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/secret/rotate",
                json(json!({"expire_current_in": 60})),
                200,
            ),
            call("get /v3/webhooks/endpoints/{endpoint_id}/deliveries", CallBody::None, 200),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
                CallBody::None,
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/replay",
                json(
                    json!({"target_endpoint_id": self.other, "since": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}),
                ),
                200,
            ),
            call(
                "post /v3/webhooks/endpoints/{endpoint_id}/recover",
                json(json!({"since": "2026-01-01T00:00:00Z"})),
                200,
            ),
            call("post /v3/webhooks/endpoints/{endpoint_id}/test", json(json!({"type": "loan.active"})), 201),
            call("get /v3/events", CallBody::None, 200),
            call("get /v3/events/{event_id}", CallBody::None, 200),
            call("get /v3/requests", CallBody::None, 200),
            call("get /v3/requests/{request_id}", CallBody::None, 200),
            call("get /v3/idempotency-keys/{key}", CallBody::None, 200),
            call("delete /v3/webhooks/endpoints/{endpoint_id}", CallBody::None, 204),
            call("delete /v3/auth/credentials/{client_id}", CallBody::None, 204),
            call("post /v3/credit-offers/{credit_offer_id}/simulations", json(amount), 409),
        ]
    }

    #[expect(clippy::too_many_lines, reason = "it is the table that the test uses")]
    pub(crate) async fn sdk_calls(&self, partner: &Partner) -> Vec<Call> {
        const BASE: &str = "/api/v3";
        let Self { customer, loan, .. } = self;
        let call = |operation, body, status| self.call(operation, body, status);
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
            call("get /api/v3/auth/credentials", CallBody::None, 200),
            call("post /api/v3/auth/credentials", json(json!({"name": "b"})), 201),
            call("get /api/v3/customers", CallBody::None, 200),
            call("post /api/v3/customers", json(registration), 201),
            call("get /api/v3/customers/{customer_id}", CallBody::None, 200),
            call("patch /api/v3/customers/{customer_id}", json(json!({"phone": "+5511988887777"})), 200),
            call("post /api/v3/customers/{customer_id}/bank-account", json(account), 200),
            call("get /api/v3/customers/{customer_id}/bank-account", CallBody::None, 200),
            call("get /api/v3/banks", CallBody::None, 200),
            call("post /api/v3/customers/{customer_id}/kyc-attachments", CallBody::Upload(upload), 201),
            Call {
                path: format!("/api/v3/customers/{ready}/kyc-review"),
                ..call("post /api/v3/customers/{customer_id}/kyc-review", CallBody::None, 202)
            },
            call("post /api/v3/customers/{customer_id}/biometrics", json(json!({})), 200),
            call("get /api/v3/customers/{customer_id}/credit-offers", CallBody::None, 200),
            call("get /api/v3/credit-offers", CallBody::None, 200),
            call("get /api/v3/credit-offers/{credit_offer_id}", CallBody::None, 200),
            call("post /api/v3/loans", json(loan), 201),
            call("get /api/v3/loans/{loan_id}", CallBody::None, 200),
            call("get /api/v3/loans/{loan_id}/transactions", CallBody::None, 200),
            call("get /api/v3/webhooks/endpoints", CallBody::None, 200),
            call("post /api/v3/webhooks/endpoints", json(json!({"url": "https://example.com/b"})), 201),
            call("get /api/v3/webhooks/endpoints/{endpoint_id}", CallBody::None, 200),
            call("patch /api/v3/webhooks/endpoints/{endpoint_id}", json(json!({"description": ""})), 200),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/rotate-secret",
                json(json!({"expire_current_in": 60})),
                200,
            ),
            call("get /api/v3/webhooks/endpoints/{endpoint_id}/deliveries", CallBody::None, 200),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/deliveries/{delivery_id}/retry",
                CallBody::None,
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/replay",
                json(
                    json!({"target_endpoint_id": self.other, "since": 1_767_225_600, "until": 1_767_312_000}),
                ),
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/recover",
                json(json!({"since": 1_767_225_600})),
                200,
            ),
            call(
                "post /api/v3/webhooks/endpoints/{endpoint_id}/test",
                json(json!({"type": "loan.active"})),
                201,
            ),
            call("get /api/v3/events", CallBody::None, 200),
            call("get /api/v3/events/{event_id}", CallBody::None, 200),
            call("get /api/v3/requests", CallBody::None, 200),
            call("get /api/v3/requests/{request_id}", CallBody::None, 200),
            call("get /api/v3/idempotency-keys/{key}", CallBody::None, 200),
            call("delete /api/v3/webhooks/endpoints/{endpoint_id}", CallBody::None, 204),
            call("delete /api/v3/auth/credentials/{client_id}", CallBody::None, 204),
            call("post /api/v3/credit-offers/{credit_offer_id}/simulations", json(amount), 409),
        ]
    }
}
