//! A partner's side of the API, for the commands that call a server. Each method makes one call and checks the status
//! of its answer.

use std::time::{Duration, Instant};

use crate::random::Random;
use anyhow::{Context as _, bail, ensure};
use domain::tax_id::Cpf;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use url::Url;

use crate::client::{CommandClient, command_client};
use crate::failure::{Answered, Failure};
use crate::ordered::Ordered;

/// Longest wait for one decision of the sandbox.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// A partner that has signed in.
pub(crate) struct Partner {
    client: CommandClient,
    base: String,
    token: String,
    /// Makes the idempotency keys of this run different from those of other runs.
    run: String,
}

/// An invented company of a number. Its e-mail address carries the tags.
pub(crate) fn registration(number: u32, tags: &str) -> Value {
    let number = number % 1_000_000_000;
    let plus = if tags.is_empty() { "" } else { "+" };
    json!({
        "cpf": Cpf::of_number(number).map(|cpf| cpf.to_string()),
        "cnpj": "12.345.678/0001-95",
        "name": "Ana Souza",
        "email": format!("ana{plus}{tags}@example.com"),
        "phone": "+5511999999999",
        "trading_name": "Doces da Ana",
        "external_id": format!("loja-{number}"),
    })
}

/// A company that differs from run to run, so that one sandbox accepts several runs.
pub(crate) fn new_registration(tags: &str) -> Value {
    registration(u32::from_be_bytes(Random::open().bytes()), tags)
}

/// An access token of one generation; `base` begins its paths.
pub(crate) async fn token(
    client: &CommandClient, base: &str, client_id: &str, client_secret: &str,
) -> anyhow::Result<String> {
    let request = client
        .post(format!("{base}/auth/token"))
        .basic_auth(client_id, Some(client_secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let answer = sent(request, base).await?;
    text(&checked(answer, "POST /auth/token", 200).await?, "access_token")
}

impl Partner {
    /// Gets an access token.
    pub(crate) async fn sign_in(base: &str, client_id: &str, client_secret: &str) -> anyhow::Result<Self> {
        let client = command_client()?;
        let token = token(&client, base, client_id, client_secret).await?;
        let run = crate::random::hex(&Random::open().bytes::<8>());
        Ok(Self { client, base: base.to_owned(), token, run })
    }

    /// The same caller with another base, and with another token if one is given.
    pub(crate) fn at(&self, base: String, token: Option<&str>) -> Self {
        let token = token.unwrap_or(&self.token).to_owned();
        Self { client: self.client.clone(), base, token, run: self.run.clone() }
    }

    /// A page as a browser requests it.
    pub(crate) async fn page(&self, url: &str) -> anyhow::Result<String> {
        let answer = self.client.get(url).header("accept", "text/html").send().await?;
        ensure!(answer.status().as_u16() == 200, "GET {url} answered {}", answer.status());
        Ok(answer.text().await?)
    }

    /// Sends a form of a page as a browser would. Returns the next page.
    pub(crate) async fn press(&self, url: &str, form: &str) -> anyhow::Result<String> {
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("user-agent", "dinie")
            .body(form.to_owned());
        let answer = request.send().await?;
        ensure!(answer.status().as_u16() == 200, "POST {url} answered {}", answer.status());
        Ok(answer.text().await?)
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None, 200).await
    }

    /// The text of an answer, byte for byte.
    pub(crate) async fn get_text(&self, path: &str) -> anyhow::Result<String> {
        let request = self.client.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        checked_text(sent(request, &self.base).await?, &format!("GET {path}"), 200).await
    }

    /// Posts under an idempotency key made from this run and the request.
    pub(crate) async fn post(&self, path: &str, body: &Value, status: u16) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), status).await
    }

    pub(crate) async fn call(
        &self, method: Method, path: &str, body: Option<&Value>, status: u16,
    ) -> anyhow::Result<Value> {
        let named = format!("{method} {path}");
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            let key = crate::random::sha256_hex(format!("{} {named} {body}", self.run).as_bytes());
            request = request.header("idempotency-key", key).header("content-type", "application/json");
            request = request.body(body.to_string());
        }
        checked(sent(request, &self.base).await?, &named, status).await
    }

    /// A request with this caller's token.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token)
    }

    /// The answer to a request, whatever success it is, with its fields in their order; null if it has no body.
    pub(crate) async fn answer(
        &self, request: reqwest::RequestBuilder, named: &str,
    ) -> anyhow::Result<Ordered> {
        let answer = sent(request, &self.base).await?;
        let expected = if answer.status().is_success() { answer.status().as_u16() } else { 200 };
        let body = checked_text(answer, named, expected).await?;
        if body.is_empty() { Ok(Ordered::Plain(Value::Null)) } else { Ok(serde_json::from_str(&body)?) }
    }

    pub(crate) async fn upload(
        &self, path: &str, texts: &[(&'static str, &str)], content: &'static [u8],
    ) -> anyhow::Result<Value> {
        let file = Part::bytes(content).file_name("upload");
        let with = |form: Form, (name, text): &(&'static str, &str)| form.text(*name, (*text).to_owned());
        let form = texts.iter().fold(Form::new(), with).part("file", file);
        let request =
            self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).multipart(form);
        checked(request.send().await?, &format!("POST {path}"), 201).await
    }

    /// Repeats a request until a field has a value.
    pub(crate) async fn until(&self, path: &str, field: &str, value: &str) -> anyhow::Result<Value> {
        let found = |answer: &Value| (answer[field] == value).then(|| answer.clone());
        self.waited(path, &format!("{field} {value}"), found).await
    }

    /// Repeats a request until a list has an item. Returns the first item.
    pub(crate) async fn first(&self, path: &str) -> anyhow::Result<Value> {
        self.waited(path, "an item", |list| list["data"].get(0).cloned()).await
    }

    /// Repeats a request until something is found in the answer.
    pub(crate) async fn waited<T>(
        &self, path: &str, what: &str, found: impl Fn(&Value) -> Option<T>,
    ) -> anyhow::Result<T> {
        let began = Instant::now();
        loop {
            let answer = self.get(path).await?;
            if let Some(found) = found(&answer) {
                return Ok(found);
            }
            if began.elapsed() > PATIENCE {
                bail!("{path} has no {what} after {} s: {answer}", PATIENCE.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The body of an answer. An answer without the expected status is an error.
async fn checked(answer: reqwest::Response, named: &str, expected: u16) -> anyhow::Result<Value> {
    let body = checked_text(answer, named, expected).await?;
    if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&body)?) }
}

async fn checked_text(answer: reqwest::Response, named: &str, expected: u16) -> anyhow::Result<String> {
    let status = answer.status().as_u16();
    let body = answer.text().await?;
    if status != expected {
        // Another program than this server may have answered.
        let problem = serde_json::from_str(&body).unwrap_or(Value::String(body));
        bail!(Failure::Answered(Answered { request: named.to_owned(), status, problem }));
    }
    Ok(body)
}

/// The given idempotency key, or a new one.
pub(crate) fn key(given: Option<&str>) -> String {
    given.map_or_else(|| crate::random::hex(&Random::open().bytes::<16>()), str::to_owned)
}

/// Sends a request. A server that cannot be reached is named, with the way to start one.
pub(crate) async fn sent(request: reqwest::RequestBuilder, base: &str) -> anyhow::Result<reqwest::Response> {
    request.send().await.map_err(|error| {
        let (url, why) = (origin(base), deepest(&error).to_string());
        if error.is_connect() {
            Failure::Unreachable { url, why }.into()
        } else {
            anyhow::Error::new(error).context(format!("{url} has not answered"))
        }
    })
}

/// The first cause of an error.
fn deepest(error: &dyn std::error::Error) -> &dyn std::error::Error {
    error.source().map_or(error, deepest)
}

/// The status and the document of an answer to a request without a token. A failure is an error.
pub(crate) async fn answered_json(
    request: reqwest::RequestBuilder, base: &str, named: &str,
) -> anyhow::Result<(u16, Value)> {
    let answer = sent(request, base).await?;
    let status = answer.status().as_u16();
    let expected = if answer.status().is_success() { status } else { 200 };
    Ok((status, checked(answer, named, expected).await?))
}

/// The server of a URL.
fn origin(url: &str) -> String {
    Url::parse(url).map_or_else(|_no_url| url.to_owned(), |url| url.origin().ascii_serialization())
}

/// A string field of an answer.
pub(crate) fn text(value: &Value, key: &str) -> anyhow::Result<String> {
    value[key].as_str().map(str::to_owned).with_context(|| format!("no {key} in {value}"))
}
