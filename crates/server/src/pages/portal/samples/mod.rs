//! Samples of a request in seven languages, made from the OpenAPI documents.

mod compiled;
mod official;
mod scripts;

use serde_json::Value;

use super::code::Block;
use super::document::{Api, Generation, Operation, items, members, text_of};
use super::guides::HOME;

/// A request that a sample sends.
struct Request {
    method: &'static str,
    /// The address, with examples in place of the path's parameters.
    url: String,
    auth: Auth,
    /// Whether the operation takes an idempotency key.
    has_key: bool,
    body: Body,
}

enum Auth {
    /// An access token.
    Token,
    /// The credential, by HTTP Basic.
    Credential,
}

enum Body {
    None,
    Json(Value),
    Form(Vec<(String, String)>),
    /// The fields of a form, and a file in the field `file`.
    Upload(Vec<(String, String)>),
}

/// The key of every sample. A caller makes one for each operation, and keeps it before the first try.
const KEY: &str = "order-4711";
/// The name of the uploaded file.
const FILE: &str = "cnh.pdf";

/// The samples of an operation, a panel for each language.
pub(super) fn blocks(api: &Api, operation: &Operation) -> Vec<Block> {
    let request = Request::of(api, operation);
    let python = match api.generation {
        Generation::Sdk => official::python(operation, &request),
        Generation::Reference | Generation::Sandbox => None,
    };
    [
        ("bash", scripts::curl(&request)),
        ("python", python.unwrap_or_else(|| scripts::python(&request))),
        ("javascript", scripts::javascript(&request)),
        ("ruby", scripts::ruby(&request)),
        ("java", compiled::java(&request)),
        ("go", compiled::go(&request)),
        ("php", scripts::php(&request)),
    ]
    .map(|(language, text)| Block::of_panel(language, language, text))
    .into()
}

impl Request {
    fn of(api: &Api, operation: &Operation) -> Self {
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

    /// The headers, but for those of authentication.
    fn headers(&self) -> Vec<(&'static str, &'static str)> {
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
fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value is JSON")
}

/// A text with each line but the first moved to the right.
fn indented(text: &str, spaces: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(spaces)))
}
