//! The preparation of a load: a partner with customers, offers and loans.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::PartnerId;
use hyper::Method;
use serde_json::{Value, json};

use super::target::Target;
use crate::client::{CommandClient, command_client};
use crate::partner::{self, ApiGeneration};

/// An invented company. Its e-mail address carries the tags.
pub(super) fn registration(number: u64, tags: &str) -> Value {
    partner::registration(u32::try_from(number % 1_000_000_000).expect("nine digits fit"), tags)
}

/// A partner that has signed in.
#[derive(Clone)]
pub(super) struct Caller {
    client: CommandClient,
    base: String,
    /// The partner's access token.
    pub(super) token: String,
}

impl Caller {
    /// A new server with its data in a folder, and the server's first partner.
    pub(super) async fn of_new(folder: &Path, database: Option<&str>) -> anyhow::Result<(Target, Self)> {
        let target = Target::start(folder, database).await?;
        let caller = Self::first_of(&target).await?;
        Ok((target, caller))
    }

    /// The first partner of a new server.
    pub(super) async fn first_of(target: &Target) -> anyhow::Result<Self> {
        let (id, secret) =
            target.credential.clone().context("the database is not new, so its credential is unknown")?;
        Self::sign_in(target, &id, &secret).await
    }

    /// The partner of a credential.
    pub(super) async fn sign_in(target: &Target, id: &str, secret: &str) -> anyhow::Result<Self> {
        let (client, base) = (command_client()?, format!("http://{}", target.address));
        let token = partner::token(&client, &format!("{base}/v3"), id, secret).await?;
        Ok(Self { client, base, token })
    }

    /// One call; the path begins at the root.
    pub(super) async fn call(
        &self, method: Method, path: &str, body: Option<&Value>,
    ) -> anyhow::Result<Value> {
        let mut request =
            self.client.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let text = request.send().await?.error_for_status()?.text().await?;
        Ok(serde_json::from_str(&text)?)
    }

    /// Continues with a server that was started again at another address.
    pub(super) fn call_at(&mut self, address: std::net::SocketAddr) {
        self.base = format!("http://{address}");
    }

    /// The partner's id, from its token.
    pub(super) fn partner(&self) -> anyhow::Result<PartnerId> {
        let claims = self.token.split('.').nth(1).context("the token is a JWT")?;
        let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
        claims
            .as_object()
            .and_then(|claims| claims.values().find_map(|claim| claim.as_str()?.parse().ok()))
            .context("the token names its partner")
    }

    /// Deletes the resource at a path.
    pub(super) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        let request =
            self.client.request(Method::DELETE, format!("{}{path}", self.base)).bearer_auth(&self.token);
        request.send().await?.error_for_status()?;
        Ok(())
    }

    /// The id of the active loan of a new customer.
    pub(super) async fn active_loan(
        &self, registration: &Value, installments: u16,
    ) -> anyhow::Result<String> {
        let offer = self.offer(registration).await?;
        let body = self.loan_request(&offer, installments).await?;
        let loan = self.call(Method::POST, "/v3/loans", Some(&body)).await?;
        let id = loan["id"].as_str().context("a loan has an id")?.to_owned();
        self.wait(&format!("/v3/loans/{id}"), |loan| (loan["status"] == "active").then_some(())).await?;
        Ok(id)
    }

    /// Simulates an offer. Returns the body of the request that makes a loan from it.
    pub(super) async fn loan_request(&self, offer: &str, installments: u16) -> anyhow::Result<Value> {
        let wanted = json!({"requested_amount": "10000.00", "installment_count": installments});
        let path = format!("/v3/credit-offers/{offer}/simulations");
        let simulation = self.call(Method::POST, &path, Some(&wanted)).await?;
        Ok(ApiGeneration::Reference.loan_request(offer, &simulation))
    }

    /// The open offer of a new customer whose documents are all submitted.
    pub(super) async fn offer(&self, registration: &Value) -> anyhow::Result<String> {
        let customer = self.call(Method::POST, "/v3/customers", Some(registration)).await?;
        let id = customer["id"].as_str().context("a customer has an id")?.to_owned();
        for kind in ["cnh", "selfie", "ccmei"] {
            let file = reqwest::multipart::Part::bytes(&b"%PDF-1.7 bench"[..]).file_name("upload");
            let form = reqwest::multipart::Form::new().text("type", kind).part("file", file);
            let url = format!("{}/v3/customers/{id}/documents", self.base);
            self.client
                .post(url)
                .bearer_auth(&self.token)
                .multipart(form)
                .send()
                .await?
                .error_for_status()?;
        }
        let path = format!("/v3/customers/{id}/credit-offers");
        self.wait(&path, |offers| offers["data"][0]["id"].as_str().map(str::to_owned)).await
    }

    async fn wait<T>(&self, path: &str, found: impl Fn(&Value) -> Option<T>) -> anyhow::Result<T> {
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(120) {
            if let Some(found) = found(&self.call(Method::GET, path, None).await?) {
                return Ok(found);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        anyhow::bail!("{path} did not reach the expected state")
    }
}
