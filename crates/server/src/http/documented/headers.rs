//! The headers of answers. Each is defined once and referred to.

use serde_json::{Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Ref, RefOr};

use super::api::Api;
use super::operations::Facts;

/// The operations whose 201 has a `Location` header.
const LOCATED: [&str; 5] =
    ["createCredential", "createCustomer", "createLoan", "createWebhookEndpoint", "createPartner"];

/// Defines the headers.
pub(super) fn define(api: Api, components: &mut Components) {
    let mut add = |name: &str, header: Header| {
        components.headers.insert(name.to_owned(), RefOr::T(header));
    };
    add(
        "RequestId",
        text(
            "The request's id: yours if you sent a well-formed one, else the server's.",
            "req_5f2b8c1d9e0a4b7c6d3e2f10",
        ),
    );
    add("RateLimitLimit", count("The number of requests that an idle caller may send at once.", json!(1000)));
    add("RateLimitRemaining", count("The number of requests that you may send at once now.", json!(999)));
    let reset = "The time at which the full number is available again, in Unix seconds.";
    add("RateLimitReset", count(reset, json!(1_775_087_999)));
    add("RetryAfter", count("The seconds to wait before you send the request again.", json!(1)));
    let location = match api {
        Api::Reference | Api::Sandbox => "/v3/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607",
        Api::Sdk => "/api/v3/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607",
        Api::Operator => "/operator/v1/partners/ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607",
    };
    add("Location", text("The path of the new resource.", location));
    let replayed =
        "`true` if the answer is the stored one of an earlier request with the same idempotency key.";
    add("IdempotentReplayed", text(replayed, "true"));
    let warnings = "Warnings about an accepted request, only in the sandbox: tags in the e-mail address that have no \
                    effect.";
    add("Warnings", text(warnings, "unknown tag \"kyc_rejectd\"; did you mean \"kyc_rejected\"?"));
    let left_out = "The ids of the items that the list omits because they are unreadable, separated by commas. The header \
                    is present only if there are such items.";
    add("UnreadableItems", text(left_out, "cust_0190f3b4c5d67e8f90a1b2c3d4e5f607"));
    let challenge = "The way to authenticate.";
    add("WwwAuthenticate", text(challenge, "Bearer realm=\"dinie\", error=\"invalid_token\""));
}

fn text(description: &str, example: &str) -> Header {
    header(ObjectBuilder::new().schema_type(Type::String), description, json!(example))
}

fn count(description: &str, example: Value) -> Header {
    header(ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0)), description, example)
}

fn header(schema: ObjectBuilder, description: &str, example: Value) -> Header {
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).example(Some(example)).build()
}

/// Names the headers of each answer of an operation.
pub(super) fn complete(facts: &Facts, operation: &mut Operation) {
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            for (header, component) in of(facts, status) {
                add(response, header, component);
            }
        }
    }
}

/// The headers of an answer with this status, each with the name of its component.
fn of(facts: &Facts, status: &str) -> Vec<(&'static str, &'static str)> {
    let mut headers = vec![("x-request-id", "RequestId")];
    // A 401 is sent before a caller is known. A 500 or 503 may come from outside the layer that counts requests.
    if facts.authenticated && !matches!(status, "401" | "500" | "503") {
        headers.push(("X-RateLimit-Limit", "RateLimitLimit"));
        headers.push(("X-RateLimit-Remaining", "RateLimitRemaining"));
        headers.push(("X-RateLimit-Reset", "RateLimitReset"));
    }
    if facts.keyed && matches!(status, "200" | "201" | "202" | "409" | "422") {
        headers.push(("Idempotent-Replayed", "IdempotentReplayed"));
    }
    if status == "201" && LOCATED.contains(&facts.id.as_str()) {
        headers.push(("Location", "Location"));
    }
    if matches!(status, "200" | "201") && matches!(facts.id.as_str(), "createCustomer" | "updateCustomer") {
        headers.push(("warnings", "Warnings"));
    }
    // Operators see a mark in the item's place instead.
    if status == "200" && facts.lists() && !facts.path.starts_with("/operator/") {
        headers.push(("Unreadable-Items", "UnreadableItems"));
    }
    match status {
        "401" => headers.push(("WWW-Authenticate", "WwwAuthenticate")),
        "429" | "503" => headers.push(("Retry-After", "RetryAfter")),
        _other => {}
    }
    headers
}

fn add(response: &mut Response, header: &str, component: &str) {
    let reference = Ref::new(format!("#/components/headers/{component}"));
    response.headers.insert(header.to_owned(), RefOr::Ref(reference));
}
