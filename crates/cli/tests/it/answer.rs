//! Answers of the server, and their stable form for snapshots.

use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::support::START;

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }

    /// Asserts that this is the problem of `code`, well-formed.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        assert_eq!(answer.body["code"], code, "{}", answer.body);
        assert_eq!(answer.body["status"], status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert_eq!(answer.body["request_id"].as_str(), answer.header("x-request-id"));
        let kind = answer.body["type"].as_str().unwrap();
        let sdk = answer.body["instance"].as_str().unwrap().starts_with("/api/v3");
        let base = if sdk { "https://docs.dinie.com/errors/" } else { "https://api.dinie.com.br/errors/" };
        assert!(kind.starts_with(base), "{kind}");
        assert!(answer.body["title"].is_string() && answer.body["detail"].is_string());
        answer
    }

    /// Asserts that this is the problem of `code` with the parameter that is wrong.
    #[track_caller]
    pub(crate) fn expect_problem_of(self, param: &str, status: u16, code: &str) -> Self {
        let answer = self.expect_problem(status, code);
        assert_eq!(answer.body["param"], param, "{}", answer.body);
        answer
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn id(&self) -> String {
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// The names and codes of the faulty fields.
    pub(crate) fn faults(&self) -> Vec<(String, String)> {
        let text = |error: &Value, key: &str| error[key].as_str().unwrap().to_owned();
        let errors = self.body["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|error| (text(error, "param"), text(error, "code"))).collect()
    }
}

/// A JSON value with ids, times and secrets replaced, for snapshots.
pub(crate) fn stable(value: &Value) -> String {
    serde_json::to_string_pretty(&stabilized(value)).unwrap()
}

fn stabilized(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(stabilized).collect(),
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.clone(), stabilized(v))).collect(),
        Value::String(text) => Value::String(stable_text(text)),
        // A number this large is a moment in Unix seconds. No amount is as large.
        Value::Number(number) if number.as_i64().is_some_and(|n| n >= START.seconds()) => "<time>".into(),
        other => other.clone(),
    }
}

fn stable_text(text: &str) -> String {
    if text.contains("/sign/") {
        return "https://dinie.test/sign/<random>".into();
    }
    if let Some((prefix, tail)) = text.rsplit_once(['_', '/', '='])
        && tail.len() >= 24
        && tail.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_+/".contains(&b))
    {
        return format!("{prefix}_<random>");
    }
    if text.starts_with("whsec_") {
        return "whsec_<random>".into();
    }
    if text.starts_with("http://127.0.0.1:") {
        return "<sink>".into();
    }
    if text.len() == 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T' {
        return "<time>".into();
    }
    text.to_owned()
}
