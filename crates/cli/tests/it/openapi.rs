//! The OpenAPI documents are valid and complete.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use axum::http::Method;
use serde_json::Value;
use server::http::documented::Api;

use crate::architecture::root;
use crate::support::TestApp;

/// Every document with its name.
async fn documents() -> Vec<(&'static str, Value)> {
    let app = TestApp::new().await;
    let value = |document| serde_json::from_str(&server::http::documented::json(&document)).unwrap();
    vec![
        ("reference", value(server::http::document(Api::Reference, &app.state))),
        ("sdk", value(server::http::document(Api::Sdk, &app.state))),
        ("operator", value(server::http::document(Api::Operator, &app.state))),
        ("sandbox", value(server::http::document(Api::Sandbox, &app.state))),
    ]
}

/// Visits every value of a document with its JSON pointer, such as `/paths/~1v3~1loans/post`.
fn visit(value: &Value, place: &str, see: &mut impl FnMut(&str, &Value)) {
    see(place, value);
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                visit(inner, &format!("{place}/{name}"), see);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                visit(inner, &format!("{place}/{index}"), see);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The operations of a document, each with its method and path.
fn operations(document: &Value) -> Vec<(String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let mut all = Vec::new();
    for (path, item) in paths {
        for (method, operation) in item.as_object().unwrap() {
            all.push((format!("{method} {path}"), operation));
        }
    }
    all
}

#[tokio::test]
async fn every_reference_has_a_target_and_every_operation_has_a_unique_id() {
    for (name, document) in documents().await {
        visit(&document, "", &mut |place, value| {
            if let Some(target) = value.get("$ref").and_then(Value::as_str) {
                let pointer = target.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{name}: {place} refers to {target}");
            }
        });
        let mut ids = BTreeSet::new();
        for (operation, documented) in operations(&document) {
            let id = documented["operationId"].as_str().unwrap_or_else(|| panic!("{name}: {operation}"));
            assert!(ids.insert(id.to_owned()), "{name}: {operation} has the id {id} of another operation");
        }
    }
}

#[tokio::test]
async fn every_answer_is_described_and_every_operation_lists_its_problems() {
    for (name, document) in documents().await {
        for (operation, documented) in operations(&document) {
            let responses = documented["responses"].as_object().unwrap();
            for (status, response) in responses {
                let described = response["description"].as_str().is_some_and(|text| text.len() > 5);
                assert!(described, "{name}: {operation} {status}");
                if status.as_str() >= "400" {
                    let problems = response["content"]["application/problem+json"]["examples"].as_object();
                    let problems = problems.unwrap_or_else(|| panic!("{name}: {operation} {status}"));
                    for (code, example) in problems {
                        assert_eq!(&example["value"]["code"], code, "{name}: {operation} {status}");
                        assert_eq!(example["value"]["status"].to_string(), *status, "{operation} {code}");
                    }
                }
            }
            for status in ["400", "403", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{name}: {operation} lacks {status}");
            }
        }
    }
}

/// A schema of the document; a reference is resolved.
fn resolved<'d>(document: &'d Value, schema: &'d Value) -> &'d Value {
    match schema.get("$ref").and_then(Value::as_str) {
        Some(target) => document.pointer(target.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

/// Whether a schema has an example: its own, that of its referenced schema, or those of its parts.
fn has_example(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    let own = schema.get("example").is_some() || schema.get("examples").is_some();
    let of_parts =
        |parts: &Vec<Value>| parts.iter().all(|part| part["type"] == "null" || has_example(document, part));
    let of_fields =
        |fields: &serde_json::Map<String, Value>| fields.values().all(|field| has_example(document, field));
    own || schema["oneOf"].as_array().is_some_and(of_parts)
        || schema["properties"].as_object().is_some_and(of_fields)
}

#[tokio::test]
async fn every_field_and_every_parameter_has_a_description_and_an_example() {
    let mut lacking = Vec::new();
    for (name, document) in documents().await {
        for (schema, documented) in document["components"]["schemas"].as_object().unwrap() {
            if documented["description"].as_str().is_none_or(|text| text.len() < 10) {
                lacking.push(format!("{name}: {schema} is not described"));
            }
            for (field, documented) in documented["properties"].as_object().into_iter().flatten() {
                if documented["description"].as_str().is_none_or(|text| text.len() < 10) {
                    lacking.push(format!("{name}: {schema}.{field} is not described"));
                }
                if !has_example(&document, documented) {
                    lacking.push(format!("{name}: {schema}.{field} has no example"));
                }
            }
        }
        for (operation, documented) in operations(&document) {
            for field in ["summary", "description"] {
                if documented[field].as_str().is_none_or(|text| text.len() < 8) {
                    lacking.push(format!("{name}: {operation} has no {field}"));
                }
            }
            for parameter in documented["parameters"].as_array().unwrap() {
                let parameter = resolved(&document, parameter);
                if parameter["description"].as_str().is_none_or(|text| text.len() < 10) {
                    lacking.push(format!("{name}: {operation}: {} is not described", parameter["name"]));
                }
                if parameter.get("example").is_none() {
                    lacking.push(format!("{name}: {operation}: {} has no example", parameter["name"]));
                }
            }
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
}

#[tokio::test]
async fn every_body_has_an_example_that_fits_its_schema() {
    for (name, document) in documents().await {
        visit(&document, "", &mut |place, value| {
            // A field of a schema may have this name too.
            let is_field = place.ends_with("/properties");
            let types = value.get("content").filter(|_| !is_field).and_then(Value::as_object);
            let Some(types) = types else { return };
            for (media_type, content) in types {
                let has = content.get("example").is_some() || content.get("examples").is_some();
                assert!(has, "{name}: {place} has no example of {media_type}");
                if let (Some(example), true) = (content.get("example"), content.get("schema").is_some()) {
                    let wrong = misfit(&document, &content["schema"], example, "");
                    assert_eq!(wrong, None, "{name}: {place} {example}");
                }
            }
        });
    }
}

/// The first place at which an example does not fit its schema: type, required field, value or length.
fn misfit(document: &Value, schema: &Value, example: &Value, place: &str) -> Option<String> {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = choices.iter().any(|choice| misfit(document, choice, example, place).is_none());
        return (!fits).then(|| format!("{place} fits no choice"));
    }
    let of_type = |name: &str| match name {
        "null" => example.is_null(),
        "string" => example.is_string(),
        "integer" => example.is_i64(),
        "number" => example.is_number(),
        "boolean" => example.is_boolean(),
        "array" => example.is_array(),
        _object => example.is_object(),
    };
    let typed = match &schema["type"] {
        Value::String(name) => of_type(name),
        Value::Array(names) => names.iter().any(|name| of_type(name.as_str().unwrap())),
        _any => true,
    };
    if !typed {
        return Some(format!("{place}: {example} is not {}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(example)) {
        return Some(format!("{place}: {example} is not one of {}", schema["enum"]));
    }
    for required in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if example.get(required).is_none() {
            return Some(format!("{place}: {required} is missing"));
        }
    }
    let known = schema["properties"].as_object();
    let unknown = |field: &&String| known.is_some_and(|known| !known.contains_key(*field));
    if let Some(field) = example.as_object().and_then(|fields| fields.keys().find(unknown)) {
        return Some(format!("{place}.{field} is not documented"));
    }
    for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
        let wrong =
            example.get(field).and_then(|value| misfit(document, inner, value, &format!("{place}.{field}")));
        if wrong.is_some() {
            return wrong;
        }
    }
    let items = example.as_array().into_iter().flatten();
    items
        .enumerate()
        .find_map(|(at, item)| misfit(document, &schema["items"], item, &format!("{place}[{at}]")))
}

/// The committed documents, which another test compares with the server's.
static COMMITTED: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let read = |name: &str| std::fs::read(root().join("openapi").join(format!("{name}.json"))).unwrap();
    let names = ["reference", "sdk", "operator", "sandbox"];
    names.iter().map(|name| serde_json::from_slice(&read(name)).unwrap()).collect()
});

/// Whether a path matches a template such as `/v3/loans/{loan_id}`. A literal part has precedence over a parameter.
fn matches(template: &str, path: &str) -> bool {
    let (template, path) = (template.split('/'), path.split('/'));
    template.clone().count() == path.clone().count()
        && template.zip(path).all(|(expected, given)| expected.starts_with('{') || expected == given)
}

/// Fails if an operation answers with a status, code or field that its document does not have. Every answer of every
/// test passes through this check.
pub(crate) fn expect_documented(method: &Method, path: &str, status: u16, body: &Value) {
    // The server does not serve this API at all: production has no sandbox.
    if body["code"] == "route_not_found" {
        return;
    }
    let method = method.as_str().to_lowercase();
    for document in COMMITTED.iter() {
        let paths = document["paths"].as_object().unwrap();
        let Some(item) = paths
            .get(path)
            .or_else(|| paths.iter().find(|(template, _)| matches(template, path)).map(|(_, item)| item))
        else {
            continue;
        };
        let Some(operation) = item.get(&method) else { continue };
        let id = operation["operationId"].as_str().unwrap();
        let response = &operation["responses"][status.to_string()];
        assert!(response.is_object(), "{id} answers the undocumented status {status}: {body}");
        if status >= 400 {
            let examples = &response["content"]["application/problem+json"]["examples"];
            let code = body["code"].as_str().unwrap();
            assert!(examples.get(code).is_some(), "{id} answers the undocumented code {code}: {body}");
        } else if !body.is_null() {
            let wrong = misfit(document, &response["content"]["application/json"]["schema"], body, id);
            assert_eq!(wrong, None, "{id} has an undocumented answer: {body}");
        }
    }
}
