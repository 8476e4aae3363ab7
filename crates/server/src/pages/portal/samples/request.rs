//! The request of a sample, with the examples of the OpenAPI document.

use serde_json::Value;

use super::super::document::{Api, Operation, items, members, text_of};
use super::super::guides::HOME;

/// A request that a sample sends.
pub(super) struct Request {
    pub(super) method: &'static str,
    /// The address, with examples in place of the path's parameters.
    pub(super) url: String,
    pub(super) auth: Auth,
    /// Whether the operation takes an idempotency key.
    pub(super) has_key: bool,
    pub(super) body: Body,
}

pub(super) enum Auth {
    /// An access token.
    Token,
    /// The credential, by HTTP Basic.
    Credential,
}

pub(super) enum Body {
    None,
    Json(Value),
    Form(Vec<(String, String)>),
    /// The fields of a form, and a file in the field `file`.
    Upload(Vec<(String, String)>),
}

/// The key of every sample. A caller makes one for each operation, and keeps it before the first try.
pub(super) const KEY: &str = "order-4711";
/// The name of the uploaded file.
pub(super) const FILE: &str = "cnh.pdf";

impl Request {
    pub(super) fn of(api: &Api, operation: &Operation) -> Self {
        let facts = api.facts(operation);
        let given: Vec<&Value> = items(&facts["parameters"]).map(|given| api.resolved(given)).collect();
        let mut url = format!("{HOME}{}", operation.path);
        for parameter in given.iter().filter(|one| one["in"] == "path") {
            url = url.replace(&format!("{{{}}}", text_of(&parameter["name"])), &example_of(api, parameter));
        }
        let is_token = facts["security"][0].get("basic").is_some();
        Self {
            method: operation.method,
            url,
            auth: if is_token { Auth::Credential } else { Auth::Token },
            has_key: given.iter().any(|one| one["name"] == "Idempotency-Key"),
            body: body_of(&facts["requestBody"]["content"]),
        }
    }

    /// The headers without those of authentication.
    pub(super) fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = Vec::new();
        if self.has_key {
            headers.push(("Idempotency-Key", KEY));
        }
        if matches!(self.body, Body::Json(_)) {
            headers.push(("Content-Type", "application/json"));
        }
        headers
    }
}

fn example_of(api: &Api, parameter: &Value) -> String {
    let schema = api.resolved(&parameter["schema"]);
    let found = parameter.get("example").or_else(|| schema.get("example"));
    found.map_or_else(|| "ID".to_owned(), shown)
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn body_of(content: &Value) -> Body {
    let fields = |content: &Value, left_out: &[&str]| {
        let kept = members(&content["example"]).filter(|(name, _)| !left_out.contains(&name.as_str()));
        kept.map(|(name, value)| (name.clone(), shown(value))).collect()
    };
    if let Some(upload) = content.get("multipart/form-data") {
        return Body::Upload(fields(upload, &["file"]));
    }
    if let Some(form) = content.get("application/x-www-form-urlencoded") {
        // The credential is in the header, and the whole scope is the default.
        return Body::Form(fields(form, &["client_id", "client_secret", "scope"]));
    }
    match content.get("application/json").and_then(|json| json.get("example")) {
        Some(example) => Body::Json(example.clone()),
        None => Body::None,
    }
}

/// A JSON body on several lines.
pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value is JSON")
}

/// A text with each line but the first moved to the right.
pub(super) fn indented(text: &str, spaces: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(spaces)))
}
