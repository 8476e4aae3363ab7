//! What the OpenAPI documents promise: they are sound, and they say everything.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::TestApp;

/// Every document with its name.
async fn documents() -> Vec<(&'static str, Value)> {
    let app = TestApp::new().await;
    let value = |document| serde_json::from_str(&server::http::documented::json(&document)).unwrap();
    vec![
        ("reference", value(server::http::reference::document(&app.state))),
        ("sdk", value(server::http::sdk::document(&app.state))),
        ("operator", value(server::http::operator::document(&app.state))),
        ("sandbox", value(server::http::sandbox::document(&app.state))),
    ]
}

/// Visits every value of a document with its place, such as `/paths/~1v3~1loans/post`.
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
async fn every_reference_leads_somewhere_and_every_operation_has_an_id_of_its_own() {
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
async fn every_answer_is_described_and_every_operation_tells_its_problems() {
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
