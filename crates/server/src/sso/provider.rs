//! The conversation with the provider: its description, its keys, and what it says of an account.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::RealTime;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;
use url::form_urlencoded::Serializer;

use super::ask::Ask;
use super::token::{self, Expected, Keys, TokenRefused};
use crate::config::Sso;
use crate::outbound::{ProviderClient, Unreadable};

/// The age at which the description and the keys are read again.
const STALE: Duration = Duration::from_hours(1);
/// Keys that lack a token's key are not read again within this time, so that wrong tokens do not burden the provider.
const AGAIN: Duration = Duration::from_mins(1);
/// A provider that could not be read is left alone for this time, so that sign-ins do not queue behind one that hangs.
const LEFT_ALONE: Duration = Duration::from_secs(10);

/// The lender's own provider.
pub struct Provider {
    config: Sso,
    redirect: String,
    client: ProviderClient,
    readings: Mutex<Readings>,
}

/// The last readings of the provider: its description with its keys, and the last failure. One request reads; the others wait for it.
#[derive(Default)]
struct Readings {
    known: Option<(Known, RealTime)>,
    failed: Option<RealTime>,
}

/// The description that the provider publishes of itself.
#[derive(Clone)]
struct Known {
    description: Description,
    keys: Keys,
}

/// The provider's description (OpenID Connect Discovery).
#[derive(Debug, Clone, Deserialize)]
struct Description {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
    userinfo_endpoint: Option<Url>,
}

#[derive(Deserialize)]
struct Granted {
    id_token: String,
    access_token: String,
}

/// The provider's claims about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The provider's name for the account.
    pub subject: String,
    /// The address, if it is verified.
    pub email: Option<String>,
    /// The name, for people.
    pub name: String,
    /// The groups.
    pub groups: Vec<String>,
}

/// Why the provider signs nobody in. It contains no secret.
#[derive(Debug, thiserror::Error)]
pub enum ProviderFault {
    /// The provider cannot be talked to, or its answer cannot be read.
    #[error("the provider's {0} cannot be read: {1}")]
    Unreadable(&'static str, Unreadable),
    /// The description is of another provider.
    #[error("the provider calls itself {0}, and not as [sso] issuer says")]
    OtherIssuer(String),
    /// The provider could not be read a moment ago.
    #[error("the provider could not be read less than {} seconds ago", LEFT_ALONE.as_secs())]
    FailedBefore,
    /// The ID token is wrong.
    #[error(transparent)]
    Token(#[from] TokenRefused),
    /// The account's data are of another account than the ID token.
    #[error("the provider's userinfo is of another account")]
    OtherAccount,
}

impl Provider {
    /// The provider of a configuration. `redirect` is the page to which it answers. It is not called yet.
    pub fn new(config: Sso, redirect: String) -> anyhow::Result<Self> {
        Ok(Self { config, redirect, client: ProviderClient::new()?, readings: Mutex::default() })
    }

    /// The provider's name on the button; empty for a general text.
    pub fn name(&self) -> &str {
        &self.config.name
    }

    /// The configuration.
    pub fn config(&self) -> &Sso {
        &self.config
    }

    /// The provider's page to which a browser is sent.
    pub async fn page(&self, ask: &Ask, now: RealTime) -> Result<String, ProviderFault> {
        let mut page = self.known(now, STALE).await?.description.authorization_endpoint;
        let scope = std::iter::once("openid").chain(self.config.scopes.iter().map(String::as_str));
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.config.client_id)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("scope", &scope.collect::<Vec<_>>().join(" "))
            .append_pair("state", &ask.state)
            .append_pair("nonce", &ask.nonce)
            .append_pair("code_challenge", &ask.challenge())
            .append_pair("code_challenge_method", "S256");
        if ask.asked.fresh {
            page.query_pairs_mut().append_pair("prompt", "login").append_pair("max_age", "0");
        }
        Ok(page.into())
    }

    /// The account for which the provider gave a code.
    pub async fn account(&self, code: &str, ask: &Ask, now: RealTime) -> Result<Account, ProviderFault> {
        let known = self.known(now, STALE).await?;
        let granted = self.granted(&known.description, code, ask).await?;
        let expected = Expected {
            issuer: &self.config.issuer,
            client_id: &self.config.client_id,
            nonce: &ask.nonce,
            proved_since: ask.asked.fresh.then_some(ask.asked.at),
            now,
        };
        let claims = match token::checked(&granted.id_token, &known.keys, &expected) {
            // The provider may have new keys.
            Err(TokenRefused::UnknownKey) => {
                let renewed = self.known(now, AGAIN).await?;
                token::checked(&granted.id_token, &renewed.keys, &expected)?
            }
            checked => checked?,
        };
        let more = self.userinfo(&known.description, &claims, &granted).await?;
        Ok(self.read(&claims, &more))
    }

    /// The description and the keys, at most this old. While the provider cannot be read, older ones serve.
    async fn known(&self, now: RealTime, oldest: Duration) -> Result<Known, ProviderFault> {
        let mut readings = self.readings.lock().await;
        if let Some((known, at)) = &readings.known
            && now.since(*at) < oldest
        {
            return Ok(known.clone());
        }
        let is_left_alone = readings.failed.is_some_and(|at| now.since(at) < LEFT_ALONE);
        let read = if is_left_alone { Err(ProviderFault::FailedBefore) } else { self.read_itself().await };
        match (read, &readings.known) {
            (Ok(read), _) => {
                *readings = Readings { known: Some((read.clone(), now)), failed: None };
                Ok(read)
            }
            (Err(fault), old) => {
                let old = old.as_ref().map(|(known, _)| known.clone());
                if !is_left_alone {
                    readings.failed = Some(now);
                }
                old.ok_or(fault)
            }
        }
    }

    /// Reads the description and the keys.
    async fn read_itself(&self) -> Result<Known, ProviderFault> {
        let issuer = self.config.issuer.trim_end_matches('/');
        let description: Description = self
            .read_from("description", &format!("{issuer}/.well-known/openid-configuration"), None)
            .await?;
        if description.issuer != self.config.issuer {
            return Err(ProviderFault::OtherIssuer(description.issuer));
        }
        let keys = self.read_from("keys", description.jwks_uri.as_str(), None).await?;
        Ok(Known { description, keys })
    }

    async fn read_from<T: DeserializeOwned>(
        &self, what: &'static str, url: &str, bearer: Option<&str>,
    ) -> Result<T, ProviderFault> {
        self.client.get(url, bearer).await.map_err(|error| ProviderFault::Unreadable(what, error))
    }

    /// Redeems a code.
    async fn granted(
        &self, description: &Description, code: &str, ask: &Ask,
    ) -> Result<Granted, ProviderFault> {
        let body = Serializer::new(String::new())
            .append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect)
            .append_pair("code_verifier", &ask.verifier)
            .finish();
        // Both are encoded as in a form before they are joined (RFC 6749, 2.3.1).
        let plain = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (plain(&self.config.client_id), plain(self.config.client_secret.expose()));
        let basic = STANDARD.encode(format!("{id}:{secret}"));
        let granted = self.client.post(description.token_endpoint.as_str(), &basic, body).await;
        granted.map_err(|error| ProviderFault::Unreadable("token", error))
    }

    /// The account's further data, if the ID token lacks some.
    async fn userinfo(
        &self, description: &Description, claims: &Value, granted: &Granted,
    ) -> Result<Value, ProviderFault> {
        let lacks = |name: &str| claims.get(name).is_none();
        let is_whole = !lacks(&self.config.groups_claim) && !lacks("email") && !lacks("name");
        let Some(url) = description.userinfo_endpoint.as_ref().filter(|_| !is_whole) else {
            return Ok(Value::Null);
        };
        let more: Value = self.read_from("userinfo", url.as_str(), Some(&granted.access_token)).await?;
        if more["sub"] == claims["sub"] { Ok(more) } else { Err(ProviderFault::OtherAccount) }
    }

    fn read(&self, claims: &Value, more: &Value) -> Account {
        let of = |name: &str| claims.get(name).or_else(|| more.get(name));
        let text = |name: &str| of(name).and_then(Value::as_str).map(str::to_owned);
        let is_verified = of("email_verified").is_some_and(|value| *value == true || *value == "true");
        let groups = match of(&self.config.groups_claim) {
            Some(Value::Array(groups)) => {
                groups.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(one)) => vec![one.clone()],
            Some(_) | None => Vec::new(),
        };
        let name = text("name").or_else(|| text("preferred_username")).or_else(|| text("email"));
        Account {
            subject: text("sub").into_iter().collect(),
            email: text("email").filter(|_| is_verified || self.config.trust_emails),
            name: name.into_iter().collect(),
            groups,
        }
    }
}
