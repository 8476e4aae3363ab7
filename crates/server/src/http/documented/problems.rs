//! The problems of each operation: from a few rules, and from the codes that a handler declares.

use std::collections::BTreeMap;

use serde_json::Value;
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
    let own = declared(operation);
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in all(api, facts, &own) {
        by_status.entry(code.status()).or_default().push(code);
    }
    for (status, codes) in by_status {
        let response = response(api, facts, status, &codes);
        operation.responses.responses.insert(status.to_string(), RefOr::T(response));
    }
}

/// The extension with which a handler declares the codes that no rule gives it. No document contains it.
const DECLARED: &str = "x-codes";

/// Codes as a handler declares them: `extensions(("x-codes" = json!(codes(&[Code::InvalidState]))))`.
pub fn codes(codes: &[Code]) -> Vec<&'static str> {
    codes.iter().map(|code| code.name()).collect()
}

/// Removes the handler's declared codes from the operation and returns them.
fn declared(operation: &mut Operation) -> Vec<String> {
    let names = operation.extensions.as_mut().and_then(|extensions| extensions.remove(DECLARED));
    operation.extensions.take_if(|extensions| extensions.is_empty());
    let names = names.as_ref().and_then(Value::as_array).into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Every code that an operation may answer with, in the table's order.
fn all(api: Api, facts: &Facts, own: &[String]) -> Vec<Code> {
    let mut codes = vec![Code::InvalidRequest, Code::InternalError, Code::Unavailable];
    codes.extend(of_callers(facts));
    codes.extend(of_bodies(facts));
    if facts.has_path_parameter() {
        codes.push(Code::ResourceNotFound);
    }
    // The operators' API refuses unknown query parameters.
    if !facts.query.is_empty() || api == Api::Operator {
        codes.push(Code::InvalidParameter);
    }
    if facts.lists() {
        codes.push(Code::InvalidCursor);
    }
    if facts.keyed {
        codes.extend([Code::InvalidIdempotencyKey, Code::IdempotencyKeyMismatch]);
    }
    let answered = |code: &Code| codes.contains(code) || own.iter().any(|name| name == code.name());
    Code::ALL.iter().copied().filter(answered).collect()
}

/// Codes about the caller: its token, its permission and its rate of requests.
fn of_callers(facts: &Facts) -> Vec<Code> {
    let mut codes = vec![Code::Forbidden, Code::RateLimitExceeded];
    if facts.authenticated {
        codes.extend([Code::MissingToken, Code::InvalidToken, Code::TokenExpired]);
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
        404 => "The resource does not exist, or belongs to another partner.",
        409 => "The present state does not allow the request.",
        410 => "The resource no longer exists.",
        413 => "The request is too large.",
        415 => "The request is encoded in a way that the server does not read.",
        422 => {
            "A field is missing or wrong, or a rule refuses the request. `errors` names every field at fault."
        }
        429 => "Too many requests. `Retry-After` says when to try again.",
        500 => "The server failed. The request had no effect.",
        503 => "The server cannot answer now. `Retry-After` says when to try again.",
        _not_in_the_table => "The request was refused.",
    }
}

/// The problem as the server answers it.
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

/// The operation's own field that an example of a problem names, if there is one.
fn field(facts: &Facts, code: Code) -> Option<&str> {
    match code {
        Code::InvalidParameter => facts.query.first().map(String::as_str),
        Code::MissingRequiredField | Code::InvalidFormat => facts.first_field.as_deref(),
        _as_the_table_has_it => None,
    }
}
