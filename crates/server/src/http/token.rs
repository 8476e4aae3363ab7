//! The token endpoint (RFC 6749 §4.4). The client id and secret come by Basic or in the form, and the secret only in
//! one of them.
//!
//! The request is counted by address before anything is read. Wrong secrets are counted by client and address
//! together.

use app::StoreError;
use axum::Json;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::credential::{ClientId, Credential, Scope};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use wire::problem::{Code, Problem};

use super::address::{Origin, origin_of};
use super::extract::{
    FormRefused, MOST_PAIRS, body_up_to, form_decoded, form_of, is_form, is_json, repeated,
};
use super::limits::Claimed;
use super::logged::NotedCaller;
use super::problem::{Rejection, of_store};
use crate::state::AppState;
use crate::tokens::{Bearer, Grant};

/// An access token, to send as `Authorization: Bearer …`.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "RFC 6749 names the field")]
pub struct AccessToken {
    /// The token. It is valid until it expires or its credential is revoked.
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// The validity of the token, in seconds.
    #[schema(example = 3600)]
    expires_in: u64,
}

/// The form of a request for a token (RFC 6749). The client id and its secret come here or by HTTP Basic, never both.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "it documents the form, which is read parameter by parameter")]
pub struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(example = "client_credentials")]
    grant_type: String,
    /// The client id of a credential, unless it comes by HTTP Basic.
    #[schema(value_type = String, required = false)]
    client_id: Option<String>,
    /// The secret of the credential, unless it comes by HTTP Basic.
    #[schema(value_type = String, required = false)]
    client_secret: Option<String>,
    /// The requested scope. If it is absent or empty, the token has the credential's scope, which is the only one
    /// allowed.
    #[schema(value_type = String, required = false)]
    scope: Option<String>,
}

/// The bodies that a token endpoint accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenBody {
    /// A form, as in RFC 6749.
    Form,
    /// A form, or a JSON object with the same parameters, as the client libraries send it.
    FormOrJson,
}

/// Issues a token for a client id and its secret.
pub async fn issue(state: &AppState, takes: TokenBody, request: Request) -> Result<Response, Rejection> {
    issue_or_refuse(state, takes, request).await.map_err(|rejection| Rejection::from(rejection.0.as_oauth()))
}

async fn issue_or_refuse(
    state: &AppState, takes: TokenBody, request: Request,
) -> Result<Response, Rejection> {
    let origin = origin_of(&request, &state.config.proxies);
    let noted = request.extensions().get::<NotedCaller>().cloned();
    state.limits.token(origin.sure)?;
    let basic = basic_credentials(request.headers())?;
    let read = form_reader(request.headers(), takes)?;
    let form = read(&body_up_to(request, 16 * 1024).await?)?;
    match form.get("grant_type") {
        Some("client_credentials") => {}
        Some(_) => {
            let detail = "grant_type must be client_credentials";
            return Err(Problem::new(Code::UnsupportedGrantType, detail).into());
        }
        None => return Err(invalid_request("grant_type is required")),
    }
    let (client, secret) = one_way(basic, &form)?;
    let credential = authenticated(state, origin, &client, secret).await?;
    if let Some(noted) = noted {
        noted.note(credential.partner, credential.client_id);
    }
    check_scope(form.get("scope"), credential.terms.scope)?;
    let lifetime = state.config.lifetimes.access_token;
    let now = state.clock.now();
    let token_id = format!("{}-{}", now.micros(), credential.client_id);
    let (client, partner, scope) = (credential.client_id, credential.partner, credential.terms.scope);
    let bearer = Bearer { client, partner, grant: Grant::Credential(scope) };
    let token = state.tokens.issue(&state.store, bearer, token_id, now, lifetime).await.map_err(of_store)?;
    let body = AccessToken { access_token: token, token_type: "bearer", expires_in: lifetime.as_secs() };
    Ok(([(CACHE_CONTROL, "no-store")], Json(body)).into_response())
}

fn invalid_request(detail: &str) -> Rejection {
    Problem::new(Code::InvalidRequest, detail).into()
}

fn invalid_client() -> Rejection {
    Problem::new(Code::InvalidClient, "the client id or its secret is wrong, or the credential has ended")
        .into()
}

fn too_many_parameters() -> Rejection {
    invalid_request(&format!("there may be at most {MOST_PAIRS} parameters"))
}

/// Reads a body into the parameters of a form.
type ReadForm = fn(&[u8]) -> Result<Form, Rejection>;

/// The reader of a body, by its content type.
fn form_reader(headers: &HeaderMap, takes: TokenBody) -> Result<ReadForm, Rejection> {
    if is_form(headers) {
        return Ok(Form::read);
    }
    if takes == TokenBody::FormOrJson && is_json(headers) {
        return Ok(Form::read_json);
    }
    Err(invalid_request("send a form: Content-Type: application/x-www-form-urlencoded"))
}

/// Client id and secret by HTTP Basic, each form-encoded (RFC 6749 §2.3.1).
fn basic_credentials(headers: &HeaderMap) -> Result<Option<(String, String)>, Rejection> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(None) };
    let decoded = value.to_str().ok().and_then(|text| {
        let (scheme, encoded) = text.split_once(' ')?;
        let pair = scheme.eq_ignore_ascii_case("basic").then(|| STANDARD.decode(encoded.trim()).ok())??;
        let pair = String::from_utf8(pair).ok()?;
        let (client, secret) = pair.split_once(':')?;
        Some((form_decoded(client)?, form_decoded(secret)?))
    });
    decoded.map(Some).ok_or_else(invalid_client)
}

/// A form without repeated parameters.
struct Form(Vec<(String, String)>);

impl Form {
    fn read(bytes: &[u8]) -> Result<Self, Rejection> {
        let pairs = form_of(bytes).map_err(|refused| match refused {
            FormRefused::NotUtf8 => invalid_request("the body is not a form"),
            FormRefused::TooMany => too_many_parameters(),
        })?;
        Self::once_each(pairs)
    }

    /// The same parameters as a JSON object of strings.
    fn read_json(bytes: &[u8]) -> Result<Self, Rejection> {
        let JsonPairs(pairs) =
            serde_json::from_slice(bytes).map_err(|_| invalid_request("the body is not a JSON object"))?;
        if pairs.len() > MOST_PAIRS {
            return Err(too_many_parameters());
        }
        let text = |(name, value): (String, serde_json::Value)| Some((name, value.as_str()?.to_owned()));
        Self::once_each(pairs.into_iter().filter_map(text).collect())
    }

    fn once_each(pairs: Vec<(String, String)>) -> Result<Self, Rejection> {
        match repeated(&pairs) {
            Some(name) => Err(invalid_request(&format!("{name} may be given once only"))),
            None => Ok(Self(pairs)),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

/// The pairs of a JSON object as it was written, with repeated keys. Reading stops after one pair too many.
struct JsonPairs(Vec<(String, serde_json::Value)>);

impl<'de> Deserialize<'de> for JsonPairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;

        impl<'de> Visitor<'de> for Pairs {
            type Value = JsonPairs;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<JsonPairs, M::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    // One pair above the limit is enough to report too many.
                    if pairs.len() <= MOST_PAIRS {
                        pairs.push(pair);
                    }
                }
                Ok(JsonPairs(pairs))
            }
        }

        deserializer.deserialize_map(Pairs)
    }
}

fn one_way(basic: Option<(String, String)>, form: &Form) -> Result<(String, String), Rejection> {
    let in_form = (form.get("client_id"), form.get("client_secret"));
    match (basic, in_form) {
        // The form may name the client again (RFC 6749 §3.2.1).
        (Some(pair), (named, None)) if named.is_none_or(|named| named == pair.0) => Ok(pair),
        (Some(_), (_, None)) => Err(invalid_request("the client_id of the form is not that of Basic")),
        (Some(_), (_, Some(_))) => {
            Err(invalid_request("send the client secret by Basic or in the form, not both"))
        }
        (None, (Some(client), Some(secret))) => Ok((client.to_owned(), secret.to_owned())),
        (None, (None, None)) => {
            let detail = "send the client id and its secret, by HTTP Basic or as client_id and client_secret";
            Err(Problem::new(Code::InvalidClient, detail).into())
        }
        (None, (Some(_), None)) => Err(Problem::new(Code::InvalidClient, "client_secret is missing").into()),
        (None, (None, Some(_))) => Err(Problem::new(Code::InvalidClient, "client_id is missing").into()),
    }
}

async fn authenticated(
    state: &AppState, origin: Origin, client: &str, secret: String,
) -> Result<Credential, Rejection> {
    let client: ClientId = client.parse().map_err(|_| invalid_client())?;
    if client.environment != state.config.environment {
        let detail = "this credential belongs to the other environment";
        return Err(Problem::new(Code::Forbidden, detail).into());
    }
    let claimed = Claimed::Client(client);
    state.limits.may_try(claimed, origin.sure)?;
    let now = state.clock.now();
    let script =
        move |tx: &mut app::Tx<'_>| app::partners::credentials::authenticate(tx, now, client, &secret);
    let credential = state.store.write::<_, StoreError>(script).await.map_err(of_store)?;
    credential.ok_or_else(|| {
        state.limits.failed(claimed, origin.sure);
        invalid_client()
    })
}

/// Whether every requested scope is the credential's. An empty parameter requests none.
fn check_scope(requested: Option<&str>, held: Scope) -> Result<(), Rejection> {
    let mut names =
        requested.into_iter().flat_map(|requested| requested.split(' ')).filter(|name| !name.is_empty());
    if names.all(|name| name == held.name()) {
        return Ok(());
    }
    let detail = format!("the credential holds the scope {}", held.name());
    Err(Problem::new(Code::InvalidScope, detail).into())
}
