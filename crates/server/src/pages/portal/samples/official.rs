//! Samples with the official Python library, which calls `/api/v3`.

use super::super::document::Operation;
use super::super::guides::HOME;
use super::request::{Body, FILE, Request};
use super::scripts::literal;

/// The library's method for each operation. The library requests its tokens itself and has no list of events. It reads
/// the list of banks as one bank and fails.
const METHODS: &[(&str, &str)] = &[
    ("createCredential", "credentials.create"),
    ("listCredentials", "credentials.list"),
    ("revokeCredential", "credentials.revoke"),
    ("createCustomer", "customers.create"),
    ("listCustomers", "customers.list"),
    ("getCustomer", "customers.retrieve"),
    ("updateCustomer", "customers.update"),
    ("uploadKycAttachment", "customers.kyc_attachments.create"),
    ("uploadKycSelfie", "customers.kyc_attachments.upload_selfie"),
    ("requestKycReview", "customers.start_kyc_review"),
    ("createBiometricsSession", "customers.create_biometrics_session"),
    ("exchangeBiometricsSession", "biometrics.session_exchange"),
    ("setBankAccount", "customers.upsert_bank_account"),
    ("getBankAccount", "customers.retrieve_bank_account"),
    ("listCustomerCreditOffers", "customers.credit_offers.list"),
    ("listCreditOffers", "credit_offers.list"),
    ("getCreditOffer", "credit_offers.retrieve"),
    ("createSimulation", "credit_offers.create_simulation"),
    ("createLoan", "loans.create"),
    ("getLoan", "loans.retrieve"),
    ("listTransactions", "loans.transactions.list"),
    ("createWebhookEndpoint", "webhook_endpoints.create"),
    ("listWebhookEndpoints", "webhook_endpoints.list"),
    ("getWebhookEndpoint", "webhook_endpoints.retrieve"),
    ("updateWebhookEndpoint", "webhook_endpoints.update"),
    ("deleteWebhookEndpoint", "webhook_endpoints.delete"),
    ("rotateWebhookSecret", "webhook_endpoints.rotate_secret"),
    ("createToken", ""),
];

/// The class of the parameters, for the operations that do not take a dictionary.
const CLASSES: &[(&str, &str)] = &[
    ("createCredential", "CreateCredentialRequest"),
    ("createCustomer", "CreateCustomerRequest"),
    ("updateCustomer", "UpdateCustomerRequest"),
    ("setBankAccount", "CustomerBankAccountRequest"),
    ("createSimulation", "CreateSimulationRequest"),
    ("createLoan", "CreateLoanRequest"),
    ("createWebhookEndpoint", "CreateWebhookEndpointRequest"),
    ("updateWebhookEndpoint", "UpdateWebhookEndpointRequest"),
];

/// The sample of an operation; `None` if the library does not have it.
pub(super) fn python(operation: &Operation, request: &Request) -> Option<String> {
    let (_, method) = METHODS.iter().find(|(id, _)| *id == operation.id)?;
    let class = CLASSES.iter().find(|(id, _)| *id == operation.id).map(|(_, class)| *class);
    let import = class.map(|class| format!("from dinie.generated.types import {class}\n"));
    let begin = format!(
        "from dinie import Dinie\n{}\n# It reads DINIE_CLIENT_ID and DINIE_CLIENT_SECRET.\n\
         client = Dinie(base_url=\"{HOME}/api/v3\")\n",
        import.into_iter().collect::<String>()
    );
    if method.is_empty() {
        return Some(format!("{begin}# It requests and renews its tokens by itself.\n"));
    }
    let id = operation.path.split_once('{').and_then(|(before, _)| {
        let rest = request.url.strip_prefix(HOME)?.get(before.len()..)?;
        rest.split('/').next()
    });
    let mut arguments: Vec<String> = id.map(|id| format!("\"{id}\"")).into_iter().collect();
    match &request.body {
        Body::Json(body) => {
            // The library's class has the account's own fields.
            let mut body = body.get("bank_account").unwrap_or(body).clone();
            if let (Some(fields), "updateCustomer") = (body.as_object_mut(), operation.id.as_str()) {
                // The library's class does not have it.
                fields.remove("name");
            }
            let body = literal(&body);
            arguments
                .push(class.map_or_else(|| body.clone(), |class| format!("{class}.deserialize({body})")));
        }
        Body::Form(fields) | Body::Upload(fields) => {
            let mut pairs: Vec<String> =
                fields.iter().map(|(name, value)| format!("    \"{name}\": \"{value}\",\n")).collect();
            if matches!(request.body, Body::Upload(_)) {
                pairs.push(format!("    \"file\": open(\"{FILE}\", \"rb\").read(),\n"));
            }
            arguments.push(format!("{{\n{}}}", pairs.concat()));
        }
        // The library wants the parameters of this one, even if there are none.
        Body::None if operation.id == "createBiometricsSession" => arguments.push("{}".to_owned()),
        Body::None => {}
    }
    let call = format!("client.{method}({})", arguments.join(", "));
    let has_answer = operation.method != "DELETE" && operation.id != "requestKycReview";
    Some(if has_answer { format!("{begin}print({call})\n") } else { format!("{begin}{call}\n") })
}
