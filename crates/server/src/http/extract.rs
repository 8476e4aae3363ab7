//! Extractors for handlers: JSON bodies, path ids, query parameters, idempotency keys.

use app::Lane;
use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, OriginalUri, Path, Request};
use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use bytes::Bytes;
use domain::access::Origin;
use domain::id::ResourceId;
use domain::spelling::one_of;
use serde_json::Value;
use wire::problem::{Code, FieldError, Problem};

use super::edge::RequestId;
pub use super::forms::{FormRefused, MOST_PAIRS, form_decoded, form_of, form_pairs, repeated};
use super::headers::idempotency_key;
pub use super::headers::{is_form, is_json};
use super::problem::Rejection;
use crate::state::AppState;

/// Largest JSON body, in bytes.
const MOST_JSON: usize = 256 * 1024;
/// Deepest nesting of a JSON body.
const DEEPEST: usize = 32;

/// Most parameters in a query. Unknown ones are ignored, so the limit exceeds the known ones.
const MOST_PARAMETERS: usize = 100;

/// A JSON body with its original bytes.
#[derive(Debug, Clone)]
pub struct JsonBody {
    /// The value.
    pub value: Value,
    /// The bytes as received.
    pub bytes: Bytes,
}

impl FromRequest<AppState> for JsonBody {
    type Rejection = Rejection;

    async fn from_request(request: Request, _state: &AppState) -> Result<Self, Rejection> {
        let body = json_body(request).await?;
        match body.value {
            Some(value) => Ok(Self { value, bytes: body.bytes }),
            None => Err(Problem::new(Code::MalformedBody, "a JSON body is required").into()),
        }
    }
}

/// A JSON body that may be absent. `null` counts as absent.
#[derive(Debug, Clone)]
pub struct OptionalJsonBody {
    /// The value, if there is a body.
    pub value: Option<Value>,
    /// The bytes as received.
    pub bytes: Bytes,
}

impl FromRequest<AppState> for OptionalJsonBody {
    type Rejection = Rejection;

    async fn from_request(request: Request, _state: &AppState) -> Result<Self, Rejection> {
        let body = json_body(request).await?;
        Ok(Self { value: body.value.filter(|value| !value.is_null()), ..body })
    }
}

async fn json_body(request: Request) -> Result<OptionalJsonBody, Rejection> {
    let is_json = is_json(request.headers());
    let bytes = body_up_to(request, MOST_JSON).await?;
    if bytes.is_empty() {
        return Ok(OptionalJsonBody { value: None, bytes });
    }
    if !is_json {
        return Err(
            Problem::new(Code::InvalidContentType, "send JSON: Content-Type: application/json").into()
        );
    }
    check_depth(&bytes)?;
    let value = serde_json::from_slice(&bytes).map_err(|error| {
        let place = format!("line {}, column {}", error.line(), error.column());
        Rejection::from(Problem::new(Code::MalformedBody, format!("the body is not JSON: {place}")))
    })?;
    Ok(OptionalJsonBody { value: Some(value), bytes })
}

/// Refuses a compressed body, because its size does not limit its uncompressed size.
pub fn check_encoding(headers: &HeaderMap) -> Result<(), Rejection> {
    let is_plain = |value: &HeaderValue| value.as_bytes().trim_ascii().eq_ignore_ascii_case(b"identity");
    if headers.get_all(CONTENT_ENCODING).iter().all(is_plain) {
        return Ok(());
    }
    let detail = "send the body without Content-Encoding: compressed ones are not read";
    Err(Problem::new(Code::UnsupportedContentEncoding, detail).into())
}

/// Reads a whole body of at most `most` bytes.
pub async fn body_up_to(request: Request, most: usize) -> Result<Bytes, Rejection> {
    check_encoding(request.headers())?;
    let too_large = || Problem::new(Code::PayloadTooLarge, format!("the body may have at most {most} bytes"));
    let declared =
        request.headers().get("content-length").and_then(|v| v.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > most) {
        return Err(too_large().into());
    }
    to_bytes(request.into_body(), most).await.map_err(|error| {
        let limit = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error + 'static>::is::<http_body_util::LengthLimitError>);
        let broken = || Problem::new(Code::MalformedBody, "the body ended before its end");
        if limit { too_large().into() } else { broken().into() }
    })
}

/// Refuses nesting beyond [`DEEPEST`] before the parser sees it.
fn check_depth(bytes: &[u8]) -> Result<(), Rejection> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            // The parser refuses an extra closing bracket.
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _other => {}
        }
        if depth > DEEPEST {
            let detail = format!("the body is nested deeper than {DEEPEST} levels");
            return Err(Problem::new(Code::MalformedBody, detail).into());
        }
    }
    Ok(())
}

/// The id in a path. A malformed id is an unknown resource: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<I>(pub I);

impl<I: std::str::FromStr + Send> FromRequestParts<AppState> for PathId<I> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let not_found = || Rejection::from(Problem::not_found());
        let Path(text): Path<String> =
            Path::from_request_parts(parts, state).await.map_err(|_| not_found())?;
        text.parse().map(Self).map_err(|_| not_found())
    }
}

/// Two ids in a path. A malformed id is an unknown resource.
#[derive(Debug, Clone, Copy)]
pub struct PathIds<A, B>(pub A, pub B);

impl<A: std::str::FromStr + Send, B: std::str::FromStr + Send> FromRequestParts<AppState> for PathIds<A, B> {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Rejection> {
        let not_found = || Rejection::from(Problem::not_found());
        let Path((first, second)): Path<(String, String)> =
            Path::from_request_parts(parts, state).await.map_err(|_| not_found())?;
        match (first.parse(), second.parse()) {
            (Ok(first), Ok(second)) => Ok(Self(first, second)),
            _malformed => Err(not_found()),
        }
    }
}

/// The query's parameters. Unknown ones are ignored, and a known one may occur once. Faults are collected, and
/// [`Query::finish`] reports them together.
#[derive(Debug)]
pub struct Query {
    pairs: Vec<(String, String)>,
    faults: Vec<FieldError>,
}

impl FromRequestParts<AppState> for Query {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Rejection> {
        parts.uri.query().map_or(Ok(Self { pairs: Vec::new(), faults: Vec::new() }), Self::parse)
    }
}

impl Query {
    /// Reads the text of a query.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let pairs = form_pairs(text, MOST_PARAMETERS).map_err(|refused| match refused {
            FormRefused::NotUtf8 => Problem::new(Code::InvalidParameter, "the query is not UTF-8"),
            FormRefused::TooMany => {
                let detail = format!("the query may have at most {MOST_PARAMETERS} parameters");
                Problem::new(Code::InvalidParameter, detail)
            }
        })?;
        Ok(Self { pairs, faults: Vec::new() })
    }

    /// Reads the text of a form's query. A browser also sends the empty fields, so they are left out.
    pub fn of_form(text: &str) -> Result<Self, Rejection> {
        let mut query = Self::parse(text)?;
        for (_, value) in &mut query.pairs {
            *value = value.trim().to_owned();
        }
        query.pairs.retain(|(_, value)| !value.is_empty());
        Ok(query)
    }

    /// The names of all parameters, in order.
    pub fn names(self) -> Vec<String> {
        self.pairs.into_iter().map(|(name, _)| name).collect()
    }

    /// The parameter's text, if it is present.
    pub fn text(&mut self, name: &str) -> Option<String> {
        let mut values = self.pairs.iter().filter(|(given, _)| given == name).map(|(_, value)| value.clone());
        let first = values.next()?;
        if values.next().is_some() {
            self.fault(name, Code::InvalidParameter, "may be given once only");
            return None;
        }
        if first.chars().any(char::is_control) {
            self.fault(name, Code::InvalidParameter, "must not hold control characters");
            return None;
        }
        Some(first)
    }

    /// The parameter, read by `read`, if it is present. `wrong` is the detail for a wrong value.
    pub fn read<T>(&mut self, name: &str, wrong: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let text = self.text(name)?;
        let value = read(&text);
        if value.is_none() {
            self.fault(name, Code::InvalidParameter, wrong);
        }
        value
    }

    /// The parameter, read by `read`, if it is present. A refusal is the detail for the wrong value.
    pub fn checked<T>(&mut self, name: &str, read: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let text = self.text(name)?;
        match read(&text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.fault(name, Code::InvalidParameter, &wrong);
                None
            }
        }
    }

    /// The parameter, one of `words`, if it is present. The fault names the words.
    pub fn word<T>(&mut self, name: &str, words: &[&str], read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        self.read(name, &format!("must be {}", one_of(words)), read)
    }

    /// Notes that a parameter is missing, if it is.
    pub fn require(&mut self, name: &str) {
        if !self.pairs.iter().any(|(given, _)| given == name) {
            self.fault(name, Code::InvalidParameter, "is required");
        }
    }

    /// An id in the query.
    pub fn id<I: ResourceId>(&mut self, name: &str) -> Option<I> {
        self.read(name, "is not an id of this kind", |text| text.parse().ok())
    }

    /// Notes a fault of a parameter.
    pub fn fault(&mut self, name: &str, code: Code, detail: &str) {
        self.faults.push(FieldError::new(name, code, detail));
    }

    /// The names of the parameters at fault.
    pub fn wrong(self) -> Vec<String> {
        self.faults.into_iter().map(|fault| fault.param).collect()
    }

    /// Ends the reading. It returns every fault together, or success.
    pub fn finish(self) -> Result<(), Rejection> {
        if self.faults.is_empty() { Ok(()) } else { Err(Problem::of_fields(self.faults).into()) }
    }
}

/// A request that may be repeated under a key.
#[derive(Debug, Clone)]
pub struct Repeatable {
    /// The key, if one was sent.
    pub key: Option<String>,
    /// Method and path, part of the key's fingerprint.
    pub operation: String,
    /// The path.
    pub path: String,
    /// The request's id.
    pub request_id: String,
    /// The writes that its effect waits for.
    pub lane: Lane,
    /// Where an operator's request came from.
    pub origin: Option<Origin>,
}

impl Repeatable {
    /// The request with an effect that waits for other writes of its lane.
    #[must_use]
    pub fn in_lane(self, lane: Lane) -> Self {
        Self { lane, ..self }
    }
}

impl FromRequestParts<AppState> for Repeatable {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _state: &AppState) -> Result<Self, Rejection> {
        let key = match &parts.method {
            &Method::POST | &Method::PATCH => idempotency_key(&parts.headers)?,
            _ignored => None,
        };
        // Within a nested router, the request's own URI has lost the prefix of the generation.
        let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |original| &original.0);
        let path = uri.path().to_owned();
        let request_id = RequestId::of(&parts.extensions);
        let operation = format!("{} {path}", parts.method);
        let origin = parts.extensions.get::<Origin>().cloned();
        Ok(Self { key, operation, path, request_id, lane: Lane::Common, origin })
    }
}
