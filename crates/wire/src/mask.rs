//! Masks for texts that people look at later: bodies, queries and details of problems in the request log.
//!
//! A value is masked by the name of its field, and any text by its shape: tax ids, phone numbers, e-mail addresses,
//! tokens and secrets. When in doubt a value is masked. Ids of resources stay readable.
//!
//! Reasons: docs/decisions/0038.

use std::borrow::Cow;

use domain::credential::ClientId;
use serde_json::{Map, Value};

/// The text in place of a masked value.
pub const MASKED: &str = "***";

/// Names of fields with personal data or secrets.
const NAMES: [&str; 22] = [
    "name",
    "trading_name",
    "legal_name",
    "full_name",
    "holder",
    "holder_name",
    "cpf",
    "cnpj",
    "email",
    "phone",
    "number",
    "branch",
    "check_digit",
    "agency",
    "account",
    "authorization",
    "code",
    "value",
    "birth_date",
    "address",
    "key",
    "filename",
];
/// Parts of such names.
const PARTS: [&str; 14] = [
    "secret",
    "token",
    "password",
    "cpf",
    "cnpj",
    "email",
    "phone",
    "pix",
    "mother",
    "account_number",
    "qr_code",
    "payload",
    "tax_id",
    "document_number",
];
/// Names of fields whose value is an address with a secret in its path or query.
const ADDRESSES: [&str; 2] = ["url", "link"];
/// Beginnings of secrets.
const SECRETS: [&str; 5] = ["dinie_at_", "dinie_cs_", "dinie_op_", "whsec_", "eyJ"];
/// Fewest characters of a word that counts as a secret if it has letters and digits.
const LONG: usize = 40;

/// Whether the value of a field is masked whatever it is.
fn is_sensitive(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    NAMES.contains(&field.as_str()) || PARTS.iter().any(|part| field.contains(part))
}

fn is_address(field: &str) -> bool {
    let field = field.to_ascii_lowercase();
    ADDRESSES.iter().any(|name| field == *name || field.ends_with(&format!("_{name}")))
}

/// A JSON body with its values masked; `None` if it is not JSON.
pub fn json(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    Some(masked(value).to_string())
}

fn masked(value: Value) -> Value {
    match value {
        Value::Object(fields) => Value::Object(of_fields(fields)),
        Value::Array(items) => Value::Array(items.into_iter().map(masked).collect()),
        Value::String(text) => Value::String(self::text(&text).into_owned()),
        Value::Number(number) if is_personal_number(&number.to_string()) => Value::from(MASKED),
        plain @ (Value::Number(_) | Value::Bool(_) | Value::Null) => plain,
    }
}

fn of_fields(fields: Map<String, Value>) -> Map<String, Value> {
    let masked = fields.into_iter().map(|(name, value)| {
        let value = match value {
            Value::String(text) => Value::String(of_field(&name, &text).into_owned()),
            Value::Number(_) if is_sensitive(&name) => Value::from(MASKED),
            Value::Array(items) if is_sensitive(&name) => {
                Value::Array(items.into_iter().map(hidden).collect())
            }
            other => masked(other),
        };
        (name, value)
    });
    masked.collect()
}

/// A value in a list of a sensitive field.
fn hidden(value: Value) -> Value {
    match value {
        Value::Object(_) | Value::Array(_) => masked(value),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Value::from(MASKED),
        Value::Null => Value::Null,
    }
}

/// The text of a field, masked by the field's name or by its shape.
pub fn of_field<'a>(name: &str, value: &'a str) -> Cow<'a, str> {
    // The codes of problems are words; other codes open something.
    let is_word = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    if name == "code" && is_word(value) {
        return Cow::Borrowed(value);
    }
    if is_sensitive(name) {
        return Cow::Borrowed(if value.is_empty() { "" } else { MASKED });
    }
    if is_address(name) { address(value) } else { text(value) }
}

/// A web address with its path and query masked.
fn address(value: &str) -> Cow<'_, str> {
    let Some((scheme, rest)) = value.split_once("://") else { return text(value) };
    match rest.split_once(['/', '?']) {
        Some((_, "")) | None => text(value),
        Some((host, _)) => Cow::Owned(format!("{scheme}://{host}/{MASKED}")),
    }
}

/// Names and values of a query or a form, masked, as one line: `limit=10&email=***`.
pub fn pairs(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", text(name), of_field(name, value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// A path with the segments masked that look like personal data or secrets.
pub fn path(path: &str) -> String {
    path.split('/').map(text).collect::<Vec<_>>().join("/")
}

/// A text with the words masked that look like personal data or secrets.
pub fn text(text: &str) -> Cow<'_, str> {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '"' | '\'' | ',' | ';' | '<' | '>');
    if !text.split(ends).any(is_personal) {
        return Cow::Borrowed(text);
    }
    let word = |part: &str| {
        let end = part.chars().next_back().filter(|last| ends(*last));
        let word = part.strip_suffix(ends).unwrap_or(part);
        let shown = if is_personal(word) { MASKED } else { word };
        end.map_or_else(|| shown.to_owned(), |end| format!("{shown}{end}"))
    };
    Cow::Owned(text.split_inclusive(ends).map(word).collect())
}

/// Whether a word is an e-mail address, a tax id, a phone number, a token or a secret.
fn is_personal(word: &str) -> bool {
    let word = word.trim_matches(['.', ':', '(', ')', '`', '=', '?', '!']);
    if word.len() < 8 || id(word).is_some() {
        return false;
    }
    SECRETS.iter().any(|beginning| word.starts_with(beginning))
        || word.split_once('@').is_some_and(|(_, host)| host.contains('.'))
        || is_personal_number(word)
        || is_random(word)
}

/// Whether a text is written as a CPF, a CNPJ or a phone number, with or without punctuation.
fn is_personal_number(text: &str) -> bool {
    let marks = ['.', '-', '/', '+', '(', ')'];
    if !text.chars().all(|letter| letter.is_ascii_digit() || marks.contains(&letter)) {
        return is_alphanumeric_cnpj(text);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (11..=14).contains(&digits) || text.starts_with('+') && digits >= 8
}

/// A CNPJ may have letters (from 2026 on): `12.ABC.345/01DE-35`.
fn is_alphanumeric_cnpj(text: &str) -> bool {
    let bare: Vec<u8> = text.bytes().filter(|byte| !b".-/".contains(byte)).collect();
    bare.len() == 14
        && bare.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        && bare[12..].iter().all(u8::is_ascii_digit)
        && bare.iter().any(u8::is_ascii_digit)
}

/// Whether a word is long and looks drawn by chance.
fn is_random(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte);
    word.len() >= LONG
        && word.bytes().all(allowed)
        && word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// The id of a resource or a credential that a segment of a path is.
pub fn id(segment: &str) -> Option<&str> {
    let is_hex = |digits: &str| digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let of_resource = segment.split_once('_').is_some_and(|(prefix, digits)| {
        (2..=4).contains(&prefix.len())
            && prefix.bytes().all(|byte| byte.is_ascii_lowercase())
            && digits.len() == 32
            && is_hex(digits)
    });
    (of_resource || segment.parse::<ClientId>().is_ok()).then_some(segment)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(body: &Value) -> Value {
        serde_json::from_str(&json(body.to_string().as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn values_are_masked_by_the_names_of_their_fields() {
        let body = json!({
            "name": "Ana Souza", "cpf": "529.982.247-25", "email": "ana@example.com", "phone": "+5511988887777",
            "bank_account": {"bank_code": "341", "branch": "1234", "number": "98765", "check_digit": "0"},
            "client_secret": "dinie_cs_test_0", "access_token": "x", "contacts": [{"Email": "a@b.c"}],
            "requested_amount": "10000.00", "installments": 12, "empty": "", "cnpj": null
        });
        let shown = seen(&body);
        for field in ["name", "cpf", "email", "phone", "client_secret", "access_token"] {
            assert_eq!(shown[field], MASKED, "{field}");
        }
        assert_eq!(shown["bank_account"]["number"], MASKED);
        assert_eq!(shown["bank_account"]["bank_code"], "341");
        assert_eq!(shown["contacts"][0]["Email"], MASKED);
        assert_eq!((&shown["requested_amount"], &shown["installments"]), (&json!("10000.00"), &json!(12)));
        assert_eq!((&shown["empty"], &shown["cnpj"]), (&json!(""), &Value::Null));
    }

    #[test]
    fn texts_are_masked_by_their_shape_in_any_field() {
        for (said, shown) in [
            ("pago por 52998224725 ontem", "pago por *** ontem"),
            ("CPF 529.982.247-25.", "CPF ***"),
            ("11.222.333/0001-81", MASKED),
            ("12.ABC.345/01DE-35", MASKED),
            ("write to ana@example.com, please", "write to ***, please"),
            ("+5511988887777", MASKED),
            ("Bearer dinie_at_abc.def", "Bearer ***"),
            ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", MASKED),
            ("ln_0190f3b4c5d67e8f90a1b2c3d4e5f607", "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607"),
            ("2026-01-15T12:00:00Z", "2026-01-15T12:00:00Z"),
            ("10000.00", "10000.00"),
            ("customer_already_exists", "customer_already_exists"),
        ] {
            assert_eq!(text(said), shown, "{said}");
        }
        assert_eq!(seen(&json!({"note": 52_998_224_725_i64, "at": 1_768_478_400}))["note"], MASKED);
        assert_eq!(seen(&json!({"at": 1_768_478_400}))["at"], 1_768_478_400);
    }

    #[test]
    fn addresses_keep_their_host_and_codes_of_problems_stay() {
        let shown = seen(&json!({
            "signing_url": "https://dinie.test/sign/9f8a7b", "url": "https://example.com/", "code": "invalid_state",
            "errors": [{"code": "invalid_cpf", "param": "cpf"}]
        }));
        assert_eq!(shown["signing_url"], "https://dinie.test/***");
        assert_eq!(shown["url"], "https://example.com/");
        assert_eq!((&shown["code"], &shown["errors"][0]["param"]), (&json!("invalid_state"), &json!("cpf")));
        assert_eq!(seen(&json!({"code": "K7Q-9XF"}))["code"], MASKED);
    }

    #[test]
    fn queries_and_paths_are_masked() {
        let query = [("cpf", "52998224725"), ("limit", "10"), ("q", "ana@example.com"), ("52998224725", "")];
        let query: Vec<_> = query.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(pairs(&query), "cpf=***&limit=10&q=***&***=");
        assert_eq!(path("/v3/customers/52998224725/kyc"), "/v3/customers/***/kyc");
        let loan = "/v3/loans/ln_0190f3b4c5d67e8f90a1b2c3d4e5f607";
        assert_eq!(path(loan), loan);
        assert_eq!(json(b"cpf=52998224725"), None);
    }
}
