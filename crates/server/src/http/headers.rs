//! Headers of a request: its content type and its idempotency key.

use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use wire::problem::{Code, Problem};

use super::problem::Rejection;

/// The content type without its parameters, in lower case; empty if there is none.
fn content_type(headers: &HeaderMap) -> String {
    let Some(declared) = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return String::new();
    };
    let essence = declared.split_once(';').map_or(declared, |(essence, _)| essence);
    essence.trim().to_ascii_lowercase()
}

/// Whether the content type is that of a form of names and values.
pub fn is_form(headers: &HeaderMap) -> bool {
    content_type(headers) == "application/x-www-form-urlencoded"
}

/// Whether the content type is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    let essence = content_type(headers);
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

/// The text of a structured-field string (RFC 9651) after its opening quote; `None` if it is malformed. `\"` and `\\`
/// mean a quote and a backslash. Nothing may follow the closing quote.
fn unquoted(rest: &str) -> Option<String> {
    let (mut text, mut characters) = (String::new(), rest.chars());
    loop {
        match characters.next()? {
            '"' => return characters.next().is_none().then_some(text),
            '\\' => text.push(characters.next().filter(|escaped| matches!(escaped, '"' | '\\'))?),
            other => text.push(other),
        }
    }
}

/// Longest idempotency key, in characters.
pub(super) const LONGEST_KEY: usize = 255;
/// Longest request id, in characters.
pub(super) const LONGEST_REQUEST_ID: usize = 128;

/// Whether a text has 1 to `longest` characters, all of them visible ASCII.
pub(super) fn is_visible(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_graphic())
}

/// The key of `Idempotency-Key` or `X-Idempotency-Key`, bare or as a quoted structured-field string.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Rejection> {
    let wrong = |detail: &str| Rejection::from(Problem::new(Code::InvalidIdempotencyKey, detail));
    let mut keys = Vec::new();
    for name in ["idempotency-key", "x-idempotency-key"] {
        for value in headers.get_all(name) {
            let text = value.to_str().map_err(|_| wrong("the idempotency key must be visible ASCII"))?.trim();
            let bare = match text.strip_prefix('"') {
                None => text.to_owned(),
                Some(rest) => unquoted(rest).ok_or_else(|| {
                    wrong("a quoted idempotency key ends with a quote and escapes those in it")
                })?,
            };
            if !is_visible(&bare, LONGEST_KEY) {
                return Err(wrong("the idempotency key must have 1 to 255 visible ASCII characters"));
            }
            keys.push(bare);
        }
    }
    keys.dedup();
    match keys.as_slice() {
        [] => Ok(None),
        [key] => Ok(Some(key.clone())),
        _several => Err(wrong("two different idempotency keys were sent")),
    }
}
