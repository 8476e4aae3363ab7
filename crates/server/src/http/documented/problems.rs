//! The problems that each operation may answer: a few rules, and one table of what is an operation's own.

use std::collections::BTreeMap;

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use wire::problem::{Code, Problem, ProblemPlace};

use super::Api;
use super::operations::{BodyKind, Facts};

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
    if !facts.query.is_empty() {
        codes.push(Code::InvalidParameter);
    }
    if facts.query.iter().any(|name| name == "starting_after") {
        codes.push(Code::InvalidCursor);
    }
    if facts.keyed {
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyKeyMismatch]);
    }
    codes.extend(own(api, &facts.id));
    Code::ALL.iter().copied().filter(|code| codes.contains(code)).collect()
}

/// What is wrong with who calls.
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

/// What is wrong with a body before anyone knows what it says.
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

/// What an operation refuses beyond the rules.
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
        "uploadKycAttachment" | "uploadKycSelfie" | "decideKyc" => {
            &[Code::InvalidEvidence, Code::InvalidState]
        }
        "requestKycReview" => &[Code::KycIncomplete, Code::InvalidState],
        "createBiometricsSession" => &[Code::SessionAlreadyActive, Code::InvalidState],
        "exchangeBiometricsSession" => &[Code::InvalidCode],
        "createSimulation" => &[
            Code::OfferAlreadyAccepted,
            Code::OfferExpired,
            Code::AmountOutOfRange,
            Code::InstallmentsOutOfRange,
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
        "createPayment" => &[Code::AmountOutOfRange, Code::InvalidState],
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
        | "setBankAccount" => &[Code::InvalidState],
        _by_the_rules_alone => &[],
    }
}

fn response(api: Api, facts: &Facts, status: u16, codes: &[Code]) -> Response {
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem")));
    let mut description = meaning(status).to_owned();
    for code in codes {
        let (about, _) = about(*code);
        description = format!("{description}\n\n`{}`: {about}", code.name());
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

/// What a code means, and the `detail` of an example.
#[expect(clippy::too_many_lines, reason = "it is the table of codes")]
fn about(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::MalformedBody => {
            ("The body is not what its content type says.", "the body is not JSON: line 1, column 14")
        }
        Code::InvalidContentType => {
            ("The operation does not take this content type.", "send JSON: Content-Type: application/json")
        }
        Code::MissingFile => ("The form has no file, or an empty one.", "this file is required"),
        Code::InvalidParameter => ("A query parameter is wrong.", "must be a whole number from 1 to 100"),
        Code::InvalidCursor => (
            "`starting_after` is not the id of an item of this list.",
            "is not the id of an item of this list",
        ),
        Code::InvalidIdempotencyKey => (
            "The idempotency key has a wrong form, or two different keys were sent.",
            "the idempotency key must have 1 to 255 visible ASCII characters",
        ),
        Code::InvalidRequest => {
            ("The request cannot be read as a whole.", "the headers are larger than 16 KiB")
        }
        Code::UnsupportedGrantType => {
            ("`grant_type` is not `client_credentials`.", "grant_type must be client_credentials")
        }
        Code::InvalidScope => (
            "`scope` names something that the credential does not have.",
            "the credential holds the scope partner",
        ),
        Code::UnsupportedContentEncoding => (
            "The body has a content encoding, such as gzip.",
            "send the body without Content-Encoding: compressed ones are not read",
        ),
        Code::MissingToken => {
            ("The request has no bearer token.", "send an access token: Authorization: Bearer dinie_at_…")
        }
        Code::InvalidToken => (
            "The token is malformed, unknown or revoked.",
            "the access token is malformed, unknown or revoked",
        ),
        Code::TokenExpired => ("The token's hour is over.", "the access token's time is over"),
        Code::InvalidClient => (
            "The client id or its secret is wrong, or the credential has ended.",
            "the client id or its secret is wrong, or the credential has ended",
        ),
        Code::InvalidCode => (
            "The code is unknown or was used, or its time is over.",
            "the code is unknown, has been used, or its time is over",
        ),
        Code::Forbidden => (
            "The token or credential lacks the scope, or belongs to the other environment.",
            "this token may not do this",
        ),
        Code::ResourceNotFound => {
            ("No resource of yours has this id.", "There is no such resource, or it is not yours.")
        }
        Code::RouteNotFound => ("The server has no such path.", "there is no such path"),
        Code::MethodNotAllowed => {
            ("The path does not take this method.", "this path does not take this method; see Allow")
        }
        Code::CustomerAlreadyExists => (
            "The CPF is registered with another CNPJ or `external_id`.",
            "a customer with this CPF exists with another CNPJ or external_id",
        ),
        Code::OfferAlreadyAccepted => ("A loan has taken the offer.", "a loan has taken the offer"),
        Code::SessionAlreadyActive => {
            ("A biometrics session of the customer is open.", "a biometrics session of this customer is open")
        }
        Code::CredentialAlreadyRevoked | Code::CredentialRevoked => (
            "The credential was revoked before, or has expired.",
            "the credential has been revoked or has expired",
        ),
        Code::IdempotencyInProgress => (
            "The first request with this key is still running.",
            "the first request with this key is still running",
        ),
        Code::InvalidState => {
            ("The state of the resource does not allow it.", "the resource's state does not allow this")
        }
        Code::PayloadTooLarge => {
            ("The body or the file is too large.", "the body may have at most 262144 bytes")
        }
        Code::MissingRequiredField => ("A required field is missing.", "this field is required"),
        Code::InvalidFormat => ("A field has the wrong type or form.", "must be a string"),
        Code::InvalidCpf => ("The CPF is not valid.", "the check digits are wrong"),
        Code::InvalidCnpj => ("The CNPJ is not valid.", "the check digits are wrong"),
        Code::ImmutableField => ("The field cannot be changed.", "this field cannot be changed"),
        Code::KycIncomplete => ("The customer's KYC is not complete.", "the customer is not active"),
        Code::OfferExpired => ("The offer's validity has passed.", "the offer has expired"),
        Code::SimulationMismatch => (
            "The figures are not those of the offer's newest simulation.",
            "the figures must be those of the offer's newest simulation",
        ),
        Code::SimulationExpired => {
            ("The simulation's validity has passed.", "the simulation has expired; make a new one")
        }
        Code::AmountOutOfRange => (
            "The amount is outside the allowed range.",
            "must be between the offer's min_amount and its approved_amount",
        ),
        Code::InstallmentsOutOfRange => (
            "The offer does not allow this number of installments.",
            "is not a number of installments that the offer allows",
        ),
        Code::InvalidDocumentType => (
            "The customer's `kyc` does not ask for this document.",
            "is not among the documents in the customer's kyc",
        ),
        Code::DoneInSession => (
            "`biometrics` is done in a hosted session and cannot be uploaded.",
            "is done in a hosted session; open one at /biometrics",
        ),
        Code::UnsupportedFileType => {
            ("The file is neither PDF nor JPEG nor PNG.", "the content is neither PDF nor JPEG nor PNG")
        }
        Code::InvalidEvidence => {
            ("The evidence does not fit the customer's KYC.", "is not a kind of evidence")
        }
        Code::InvalidEvent => (
            "The name is not an event, or not a pattern of events.",
            "is not the name of an event that this endpoint can hear",
        ),
        Code::InvalidUrl => ("The server may not call this URL.", "must be https"),
        Code::IdempotencyKeyMismatch => (
            "The key was used for another method, path or body.",
            "this idempotency key was used for another method, path or body",
        ),
        Code::RateLimitExceeded => {
            ("Too many requests in a short time.", "too many requests; see Retry-After")
        }
        Code::InternalError => {
            ("The server failed.", "the server failed; the request id helps to find out why")
        }
        Code::Unavailable => ("The server cannot answer now.", "the server cannot answer now; try again"),
    }
}

/// The problem as the server would answer it.
fn example(api: Api, facts: &Facts, code: Code) -> serde_json::Value {
    let (_, detail) = about(code);
    let problem = match field(facts, code) {
        Some(field) => Problem::of_field(field, code, detail),
        None => Problem::new(code, detail),
    };
    let problem = if facts.body == BodyKind::TokenForm { problem.as_oauth() } else { problem };
    let type_base = match api {
        Api::Sdk => wire::sdk::PROBLEM_TYPE_BASE,
        Api::Reference | Api::Operator | Api::Sandbox => wire::reference::PROBLEM_TYPE_BASE,
    };
    let place = ProblemPlace { type_base, instance: &facts.path, request_id: "req_5f2b8c1d9e0a4b7c6d3e2f10" };
    serde_json::from_slice(&problem.body(&place)).expect("a problem is JSON")
}

/// The field that an example of a problem names.
fn field(facts: &Facts, code: Code) -> Option<&str> {
    match code {
        Code::InvalidParameter => facts.query.first().map(String::as_str),
        Code::InvalidCursor => Some("starting_after"),
        Code::InvalidCpf => Some("cpf"),
        Code::InvalidCnpj => Some("cnpj"),
        Code::MissingFile | Code::UnsupportedFileType => Some("file"),
        Code::InvalidUrl => Some("url"),
        Code::AmountOutOfRange => Some("requested_amount"),
        Code::InstallmentsOutOfRange => Some("installment_count"),
        Code::InvalidDocumentType => Some("type"),
        _of_the_whole => None,
    }
}
