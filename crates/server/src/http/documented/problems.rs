//! The problems that each operation may answer: a few rules, and one table of the codes that only some operations have.

use std::collections::BTreeMap;

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use wire::problem::{Code, Problem, ProblemPlace};

use super::api::Api;
use super::operations::{BodyKind, Facts};
use super::params;
use crate::pages::errors::{InEnglish, in_english};

/// Adds every answer that is a problem.
pub(super) fn complete(api: Api, facts: &Facts, operation: &mut Operation) {
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes(api, facts) {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let response = response(api, facts, status, &codes);
        operation.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

/// Every code that an operation may answer, in the table's order.
fn codes(api: Api, facts: &Facts) -> Vec<Code> {
    let mut codes = vec![Code::InvalidRequest, Code::InternalError, Code::Unavailable];
    codes.extend(of_callers(api, facts));
    codes.extend(of_bodies(facts));
    if facts.has_path_parameter() {
        codes.push(Code::ResourceNotFound);
    }
    // Operators' operations refuse parameters that they do not have.
    if !facts.query.is_empty() || api == Api::Operator {
        codes.push(Code::InvalidParameter);
    }
    if facts.lists() {
        codes.push(Code::InvalidCursor);
    }
    if facts.keyed {
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyKeyMismatch]);
    }
    codes.extend(own(api, &facts.id));
    Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
}

/// Codes about the caller: its token, its permission and its rate of requests.
fn of_callers(api: Api, facts: &Facts) -> Vec<Code> {
    let mut codes = vec![Code::Forbidden, Code::RateLimitExceeded];
    if facts.authenticated {
        codes.extend([Code::MissingToken, Code::InvalidToken]);
        // An operator's token has no end.
        if api != Api::Operator {
            codes.push(Code::TokenExpired);
        }
    }
    codes
}

/// Codes about the form of a body.
fn of_bodies(facts: &Facts) -> &'static [Code] {
    match facts.body {
        BodyKind::None => &[],
        BodyKind::Json => &[
            Code::MalformedBody,
            Code::InvalidContentType,
            Code::PayloadTooLarge,
            Code::UnsupportedContentEncoding,
            Code::MissingRequiredField,
            Code::InvalidFormat,
        ],
        BodyKind::Upload => &[
            Code::MalformedBody,
            Code::InvalidContentType,
            Code::MissingFile,
            Code::PayloadTooLarge,
            Code::UnsupportedContentEncoding,
            Code::MissingRequiredField,
            Code::UnsupportedFileType,
        ],
        BodyKind::TokenForm => &[
            Code::UnsupportedGrantType,
            Code::InvalidScope,
            Code::InvalidClient,
            Code::PayloadTooLarge,
            Code::UnsupportedContentEncoding,
        ],
    }
}

/// Codes of an operation that the rules do not give.
fn own(api: Api, operation: &str) -> &'static [Code] {
    match operation {
        "revokeCredential" => match api {
            Api::Sdk => &[Code::CredentialRevoked],
            Api::Reference | Api::Operator | Api::Sandbox => &[Code::CredentialAlreadyRevoked],
        },
        "revokePartnerCredential" => &[Code::CredentialAlreadyRevoked],
        "createCustomer" => &[Code::CustomerAlreadyExists, Code::InvalidCpf, Code::InvalidCnpj],
        "updateCustomer" => match api {
            Api::Sdk => &[Code::ImmutableField, Code::InvalidState],
            Api::Reference | Api::Operator | Api::Sandbox => {
                &[Code::ImmutableField, Code::InvalidState, Code::InvalidCnpj]
            }
        },
        "uploadDocument" => &[Code::InvalidDocumentType, Code::DoneInSession, Code::InvalidState],
        "uploadKycAttachment" => &[Code::InvalidEvidence, Code::InvalidFormat, Code::InvalidState],
        "uploadKycSelfie" | "decideKyc" => &[Code::InvalidEvidence, Code::InvalidState],
        "requestKycReview" => &[Code::KycIncomplete, Code::InvalidState],
        "createBiometricsSession" => &[Code::SessionAlreadyActive, Code::InvalidState],
        "exchangeBiometricsSession" => &[Code::InvalidCode],
        "createSimulation" => &[
            Code::OfferAlreadyAccepted,
            Code::OfferExpired,
            Code::AmountOutOfRange,
            Code::InstallmentsOutOfRange,
            Code::Unpriceable,
        ],
        "createLoan" => &[
            Code::ResourceNotFound,
            Code::OfferAlreadyAccepted,
            Code::KycIncomplete,
            Code::OfferExpired,
            Code::SimulationMismatch,
            Code::SimulationExpired,
        ],
        "createWebhookEndpoint" => &[Code::InvalidUrl, Code::InvalidEvent, Code::InvalidState],
        "updateWebhookEndpoint" => &[Code::InvalidUrl, Code::InvalidEvent],
        "sendTestWebhook" => &[Code::InvalidEvent, Code::InvalidState],
        "withdrawCreditOffer" => &[Code::OfferAlreadyAccepted, Code::InvalidState],
        "createPayment" => &[Code::AmountOutOfRange, Code::OverpaymentNotConfirmed, Code::InvalidState],
        "createCredential"
        | "createPartnerCredential"
        | "refuseCustomer"
        | "orderDisbursement"
        | "confirmDisbursement"
        | "failDisbursement"
        | "cancelLoan"
        | "createInvitations"
        | "reversePayment"
        | "getPayoffQuote"
        | "setBankAccount"
        | "sendMailAgain" => &[Code::InvalidState],
        _by_the_rules_alone => &[],
    }
}

fn response(api: Api, facts: &Facts, status: u16, codes: &[Code]) -> Response {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let mut description = meaning(status).to_owned();
    for code in codes {
        let InEnglish { meaning: about, resolve, .. } = in_english(*code);
        description = format!("{description}\n\n`{}`: {about} {resolve}", code.name());
        let example = ExampleBuilder::new().summary(about).value(Some(example(api, facts, *code)));
        content = content.examples_from_iter([(code.name(), example.build())]);
    }
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content.build())
        .build()
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => "The request is malformed.",
        401 => "The caller is not authenticated.",
        403 => "The caller may not do this.",
        404 => "There is no such resource, or it is another partner's.",
        409 => "The present state does not allow the request.",
        410 => "The resource has gone.",
        413 => "The request is too large.",
        415 => "The request is encoded in a way that the server does not read.",
        422 => {
            "A field is missing or wrong, or a rule refuses the request. `errors` names every field at fault."
        }
        429 => "Too many requests. `Retry-After` says when to try again.",
        500 => "The server failed. Nothing of the request was done.",
        503 => "The server cannot answer now. `Retry-After` says when to try again.",
        _not_in_the_table => "The request was refused.",
    }
}

/// The problem as the server would answer it.
fn example(api: Api, facts: &Facts, code: Code) -> serde_json::Value {
    let InEnglish { param, detail, .. } = in_english(code);
    let problem = match field(facts, code).or(param) {
        Some(field) => Problem::of_field(field, code, detail),
        None => Problem::new(code, detail),
    };
    let problem = if facts.body == BodyKind::TokenForm { problem.as_oauth() } else { problem };
    let type_base = match api {
        Api::Sdk => wire::sdk::PROBLEM_TYPE_BASE,
        Api::Reference | Api::Operator | Api::Sandbox => wire::reference::PROBLEM_TYPE_BASE,
    };
    let instance = instance(&facts.path);
    let place = ProblemPlace { type_base, instance: &instance, request_id: "req_5f2b8c1d9e0a4b7c6d3e2f10" };
    serde_json::to_value(problem.at(&place)).expect("a problem is JSON")
}

/// A path with ids in place of its parameters.
fn instance(path: &str) -> String {
    let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
        Some(name) => params::path_example(name),
        None => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The field that an example of a problem names, where it is one of the operation's own.
fn field(facts: &Facts, code: Code) -> Option<&str> {
    match code {
        Code::InvalidParameter => facts.query.first().map(String::as_str),
        Code::MissingRequiredField | Code::InvalidFormat => facts.first_field.as_deref(),
        _as_the_table_has_it => None,
    }
}
