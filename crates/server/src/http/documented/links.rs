//! The links of a document: from an answer to the operations that take its ids.

use serde_json::json;
use utoipa::openapi::RefOr;
use utoipa::openapi::link::{Link, LinkBuilder};
use utoipa::openapi::path::Operation;

/// An operation that can follow, with its parameters and the sources of their values.
type Next = (&'static str, &'static [(&'static str, &'static str)]);

const ID: &str = "$response.body#/id";

/// Links the successful answers of an operation to operations that can follow, if the document has them.
pub(super) fn complete(operation: &mut Operation, ids: &[String]) {
    let Some(id) = operation.operation_id.clone() else { return };
    for status in ["200", "201"] {
        let Some(RefOr::T(response)) = operation.responses.responses.get_mut(status) else { continue };
        for (next, parameters) in following(&id).iter().filter(|(next, _)| ids.iter().any(|id| id == next)) {
            response.links.insert((*next).to_owned(), RefOr::T(link(next, parameters)));
        }
        if id == "createSimulation" && status == "201" {
            response.links.insert("createLoan".to_owned(), RefOr::T(to_loan(ids)));
        }
    }
}

fn link(next: &str, parameters: &[(&str, &str)]) -> Link {
    let link =
        LinkBuilder::new().operation_id(next).description(format!("This answer has the input of `{next}`."));
    parameters.iter().fold(link, |link, (name, source)| link.parameter(*name, *source)).build()
}

/// The link to the creation of a loan, which repeats its simulation's figures under the names of the generation.
fn to_loan(ids: &[String]) -> Link {
    let is_sdk = ids.iter().any(|id| id == "listBanks");
    let body = if is_sdk {
        json!({
            "credit_offer_id": "$response.body#/credit_offer_id", "simulation_id": ID,
            "installment_count": "$response.body#/installment_count",
            "installment_amount": "$response.body#/installment_amount",
            "first_due_date": "$response.body#/first_due_date"
        })
    } else {
        json!({
            "credit_offer_id": "$response.body#/credit_offer_id", "simulation_id": ID,
            "installments": "$response.body#/number_of_installments",
            "installments_value": "$response.body#/installments_value",
            "first_due_date": "$response.body#/first_due_date"
        })
    };
    let description = "The simulation becomes a loan with the same figures.";
    LinkBuilder::new().operation_id("createLoan").request_body(Some(body)).description(description).build()
}

const CUSTOMER: &[(&str, &str)] = &[("customer_id", ID)];
const OFFER: &[(&str, &str)] = &[("credit_offer_id", ID)];
const LOAN: &[(&str, &str)] = &[("loan_id", ID)];
const ENDPOINT: &[(&str, &str)] = &[("endpoint_id", ID)];
const FIRST_OFFER: &[(&str, &str)] = &[("credit_offer_id", "$response.body#/data/0/id")];
const SAME_CUSTOMER: &[(&str, &str)] = &[("customer_id", "$request.path.customer_id")];

fn following(operation: &str) -> &'static [Next] {
    match operation {
        "createCredential" => &[("revokeCredential", &[("client_id", "$response.body#/client_id")])],
        "createPartnerCredential" => {
            &[("revokePartnerCredential", &[("client_id", "$response.body#/client_id")])]
        }
        "createPartner" => &[
            ("getPartner", &[("partner_id", ID)]),
            ("getPartnerOverview", &[("partner_id", ID)]),
            ("createPartnerCredential", &[("partner_id", ID)]),
            ("listPartnerCredentials", &[("partner_id", ID)]),
        ],
        "createOperator" => {
            &[("getOperator", &[("operator_id", ID)]), ("revokeOperator", &[("operator_id", ID)])]
        }
        "createCustomer" => &[
            ("getCustomer", CUSTOMER),
            ("updateCustomer", CUSTOMER),
            ("uploadDocument", CUSTOMER),
            ("uploadKycAttachment", CUSTOMER),
            ("requestKycReview", CUSTOMER),
            ("createBiometricsSession", CUSTOMER),
            ("setBankAccount", CUSTOMER),
            ("listCustomerCreditOffers", CUSTOMER),
        ],
        "uploadDocument" | "uploadKycAttachment" => &[("getCustomer", SAME_CUSTOMER)],
        "setBankAccount" => &[("getBankAccount", SAME_CUSTOMER)],
        "listCustomerCreditOffers" => &[("getCreditOffer", FIRST_OFFER), ("createSimulation", FIRST_OFFER)],
        "getCreditOffer" => &[("createSimulation", OFFER), ("withdrawCreditOffer", OFFER)],
        "createCreditDecision" => &[("listCreditDecisions", SAME_CUSTOMER)],
        "createLoan" => &[("getLoan", LOAN), ("listTransactions", LOAN)],
        "orderDisbursement" => {
            &[("confirmDisbursement", LOAN), ("failDisbursement", LOAN), ("getLoan", LOAN)]
        }
        "confirmDisbursement" => {
            &[("listInstallments", LOAN), ("getCollection", LOAN), ("createPayment", LOAN)]
        }
        "createPayment" => &[("reversePayment", &[("payment_id", ID)])],
        "createWebhookEndpoint" => &[
            ("getWebhookEndpoint", ENDPOINT),
            ("updateWebhookEndpoint", ENDPOINT),
            ("rotateWebhookSecret", ENDPOINT),
            ("sendTestWebhook", ENDPOINT),
            ("listWebhookDeliveries", ENDPOINT),
            ("recoverWebhookDeliveries", ENDPOINT),
            ("replayWebhookDeliveries", ENDPOINT),
            ("deleteWebhookEndpoint", ENDPOINT),
        ],
        "sendTestWebhook" => {
            &[("retryWebhookDelivery", &[("endpoint_id", "$request.path.endpoint_id"), ("delivery_id", ID)])]
        }
        _nothing_follows => &[],
    }
}
