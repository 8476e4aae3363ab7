//! The demo's side of the API: one call a method, each with the status it must answer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use domain::tax_id::Cpf;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use store::random::Random;

use super::text;
use crate::outbound::command_client;

pub(super) const PDF: &[u8] = b"%PDF-1.7\n% a document of the demo\n%%EOF\n";
pub(super) const JPEG: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF a photograph of the demo \xff\xd9";

/// A partner that has signed in.
pub(super) struct Partner {
    client: reqwest::Client,
    base: String,
    token: String,
    /// Makes the demo's idempotency keys its own.
    run: String,
}

/// An invented company, whose e-mail address carries the tags; the CPF differs from run to run, so that a sandbox can be shown the demo again.
pub(super) fn registration(tags: &str) -> Value {
    let mut random = Random::open();
    let number = u32::from_be_bytes(random.bytes()) % 1_000_000_000;
    let cpf = Cpf::of_number(number);
    json!({
        "cpf": cpf.map(|cpf| cpf.to_string()),
        "cnpj": "12.345.678/0001-95",
        "name": "Ana Souza",
        "email": format!("ana{tags}@example.com"),
        "phone": "+5511999999999",
        "trading_name": "Doces da Ana",
        "external_id": format!("demo-{number}"),
    })
}

impl Partner {
    /// Gets an access token.
    pub(super) async fn sign_in(base: &str, client_id: &str, client_secret: &str) -> anyhow::Result<Self> {
        let client = command_client()?;
        let base = base.to_owned();
        let answer = client
            .post(format!("{base}/auth/token"))
            .basic_auth(client_id, Some(client_secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials")
            .send()
            .await
            .with_context(|| format!("{base} does not answer"))?;
        let body = checked(answer, "POST /auth/token", 200).await?;
        let run = store::seal::hex(&Random::open().bytes::<8>());
        Ok(Self { client, base, token: text(&body, "access_token")?, run })
    }

    /// The same caller under another base, with another token where one is given.
    pub(super) fn at(&self, base: String, token: Option<&str>) -> Self {
        let token = token.unwrap_or(&self.token).to_owned();
        Self { client: self.client.clone(), base, token, run: self.run.clone() }
    }

    /// A page as a browser gets it.
    pub(super) async fn page(&self, url: &str) -> anyhow::Result<String> {
        let answer = self.client.get(url).header("accept", "text/html").send().await?;
        ensure!(answer.status().as_u16() == 200, "GET {url} answered {}", answer.status());
        Ok(answer.text().await?)
    }

    /// Sends a form of a page as a browser would; returns the page that answers.
    pub(super) async fn press(&self, url: &str, form: &str) -> anyhow::Result<String> {
        let request = self
            .client
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "text/html")
            .header("user-agent", "dinie demo")
            .body(form.to_owned());
        let answer = request.send().await?;
        ensure!(answer.status().as_u16() == 200, "POST {url} answered {}", answer.status());
        Ok(answer.text().await?)
    }

    pub(super) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.call(Method::GET, path, None, 200).await
    }

    /// Posts under an idempotency key made of this run and the request.
    pub(super) async fn post(&self, path: &str, body: &Value, status: u16) -> anyhow::Result<Value> {
        self.call(Method::POST, path, Some(body), status).await
    }

    pub(super) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        status: u16,
    ) -> anyhow::Result<Value> {
        let named = format!("{method} {path}");
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            let key = store::seal::sha256_hex(format!("{} {named} {body}", self.run).as_bytes());
            request = request.header("idempotency-key", key).header("content-type", "application/json");
            request = request.body(body.to_string());
        }
        checked(request.send().await?, &named, status).await
    }

    pub(super) async fn upload(
        &self,
        path: &str,
        texts: &[(&'static str, &str)],
        content: &'static [u8],
    ) -> anyhow::Result<Value> {
        let file = Part::bytes(content).file_name("upload");
        let with = |form: Form, (name, text): &(&'static str, &str)| form.text(*name, (*text).to_owned());
        let form = texts.iter().fold(Form::new(), with).part("file", file);
        let request =
            self.client.post(format!("{}{path}", self.base)).bearer_auth(&self.token).multipart(form);
        checked(request.send().await?, &format!("POST {path}"), 201).await
    }

    /// Asks again and again until a field has a value.
    pub(super) async fn until(
        &self,
        path: &str,
        field: &str,
        value: &str,
        patience: Duration,
    ) -> anyhow::Result<Value> {
        let began = Instant::now();
        loop {
            let answer = self.get(path).await?;
            if answer[field] == value {
                return Ok(answer);
            }
            if began.elapsed() > patience {
                bail!("{path} has {field} {} and not {value} after {} s", answer[field], patience.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The body of an answer that has the status it must have.
async fn checked(answer: reqwest::Response, named: &str, status: u16) -> anyhow::Result<Value> {
    let given = answer.status().as_u16();
    let body = answer.text().await?;
    ensure!(given == status, "{named} answered {given} instead of {status}: {body}");
    if body.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&body)?) }
}
