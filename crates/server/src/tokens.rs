//! Access tokens: `dinie_at_` and a JWT (HS256 with a `kid`).
//!
//! Signing keys are stored encrypted. The newest key signs. An older key verifies for an hour after the next one was
//! created. The time is an argument, so this module checks expiry, not the library.

use std::collections::HashMap;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;

use app::partners::signing_keys::SigningKey;
use app::{Store, StoreError};
use domain::credential::{ClientId, Environment, Scope};
use domain::id::{BiometricsSessionId, CustomerId, PartnerId};
use domain::time::RealTime;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

const PREFIX: &str = "dinie_at_";
/// The time for which a key verifies after the next one was created.
const OVERLAP: Duration = Duration::from_secs(3_600);
/// Interval of reading the keys again. Another node or a command may have created one.
const REFRESH: Duration = Duration::from_secs(30);

/// Most verified tokens that are remembered.
const MOST_VERIFIED: usize = 10_000;

/// The claims of a token.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Claims {
    sub: String,
    partner: String,
    env: String,
    scope: String,
    /// The customer of a session's token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<String>,
    iat: i64,
    exp: i64,
    jti: String,
}

/// The caller of a valid token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bearer {
    /// The credential that obtained the token. The token ends with the credential.
    pub client: ClientId,
    /// The partner.
    pub partner: PartnerId,
    /// The permissions of the token.
    pub grant: Grant,
}

/// The permissions of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grant {
    /// The permissions of its credential.
    Credential(Scope),
    /// The permissions for one customer's hosted session: [`SESSION_SCOPES`].
    Session(SessionGrant),
}

/// A hosted session's token. It names its session, and the session's present state decides the token's permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionGrant {
    /// The session, which is the token's id.
    pub session: BiometricsSessionId,
    /// The session's customer.
    pub customer: CustomerId,
}

impl Grant {
    /// The scope that the token's credential must have.
    pub const fn credential_scope(self) -> Scope {
        match self {
            Self::Credential(scope) => scope,
            Self::Session(_) => Scope::BiometricsExchange,
        }
    }
}

/// The permissions of a session's token, for its own customer only.
const SESSION_SCOPES: &str = "kyc:read kyc:upload bank_account:write";

/// The reason for refusing a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefused {
    /// The token is malformed, or its signature is unknown.
    Invalid,
    /// The token has expired.
    Expired,
    /// The token belongs to the other environment.
    OtherEnvironment,
}

/// Signs and verifies tokens.
pub struct Tokens {
    environment: Environment,
    clock: Clock,
    keys: RwLock<Keys>,
    /// Verified tokens. They are forgotten when the keys are read again.
    verified: RwLock<HashMap<TokenEnd, Verified>>,
}

/// The last bytes of a token, a part of its signature. Hashing a whole token takes longer than the rest of the
/// look-up.
type TokenEnd = [u8; 16];

/// A verified token.
struct Verified {
    token: Box<str>,
    bearer: Bearer,
    /// The second when it expires.
    end: i64,
}

struct Keys {
    newest_first: Vec<SigningKey>,
    /// [`Clock::running`] when the keys were read.
    read_at: Duration,
}

impl Tokens {
    /// Reads the signing keys, and creates the first one in a new database.
    pub async fn open(store: &Store, environment: Environment, clock: &Clock) -> Result<Self, StoreError> {
        install_hmac();
        let (now, read_at) = (clock.now(), clock.running());
        let newest_first = store.write(move |tx| app::partners::signing_keys::all_or_first(tx, now)).await?;
        let keys = RwLock::new(Keys { newest_first, read_at });
        Ok(Self { environment, clock: clock.clone(), keys, verified: RwLock::default() })
    }

    /// Reads the keys again if the last read is older than `at_least`.
    pub async fn refresh(&self, store: &Store, at_least: Duration) -> Result<(), StoreError> {
        let running = self.clock.running();
        let read_at = self.keys.read().unwrap_or_else(PoisonError::into_inner).read_at;
        if running.saturating_sub(read_at) < at_least {
            return Ok(());
        }
        let newest_first = store.read(app::partners::signing_keys::all).await?;
        let keys = Keys { newest_first, read_at: running };
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        self.verified.write().unwrap_or_else(PoisonError::into_inner).clear();
        Ok(())
    }

    /// Reads the keys again if they may have been replaced.
    pub async fn refresh_if_old(&self, store: &Store) -> Result<(), StoreError> {
        self.refresh(store, REFRESH).await
    }

    /// A token for a bearer, valid for `lifetime`.
    pub async fn issue(
        &self, store: &Store, bearer: Bearer, token_id: String, now: RealTime, lifetime: Duration,
    ) -> Result<String, StoreError> {
        self.refresh_if_old(store).await?;
        self.sign(bearer, token_id, now, lifetime)
    }

    /// Like [`Tokens::issue`], with the keys that were last read, for use within a transaction.
    pub fn sign(
        &self, bearer: Bearer, token_id: String, now: RealTime, lifetime: Duration,
    ) -> Result<String, StoreError> {
        let (scope, customer) = match bearer.grant {
            Grant::Credential(scope) => (scope.name(), None),
            Grant::Session(grant) => (SESSION_SCOPES, Some(grant.customer.to_string())),
        };
        let claims = Claims {
            sub: bearer.client.to_string(),
            partner: bearer.partner.to_string(),
            env: self.environment.name().to_owned(),
            scope: scope.to_owned(),
            customer,
            iat: now.seconds(),
            exp: now.plus(lifetime).seconds(),
            jti: token_id,
        };
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let key = keys.newest_first.first().ok_or(StoreError::NotFound)?;
        let header = Header { kid: Some(key.id.to_string()), ..Header::new(Algorithm::HS256) };
        let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(&key.bytes));
        let token = token.map_err(|error| StoreError::Defect(error.to_string()))?;
        Ok(format!("{PREFIX}{token}"))
    }

    /// The bearer of a token that was verified before and has not expired.
    pub fn recall(&self, token: &str, now: RealTime) -> Option<Bearer> {
        let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        let known = verified.get(token.as_bytes().last_chunk::<16>()?)?;
        (*known.token == *token && now.seconds() < known.end).then_some(known.bearer)
    }

    fn remember(&self, token: &str, bearer: Bearer, end: i64) {
        let Some(key) = token.as_bytes().last_chunk::<16>() else { return };
        let mut verified = self.verified.write().unwrap_or_else(PoisonError::into_inner);
        if verified.len() >= MOST_VERIFIED {
            verified.clear();
        }
        verified.insert(*key, Verified { token: token.into(), bearer, end });
    }

    /// Whether a token's key is known here. If it is not, reading the keys again may help.
    pub fn has_key_of(&self, token: &str) -> bool {
        let kid = token.strip_prefix(PREFIX).and_then(|jwt| jsonwebtoken::decode_header(jwt).ok()?.kid);
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        kid.is_none_or(|kid| keys.newest_first.iter().any(|key| key.id.to_string() == kid))
    }

    /// The bearer of a token.
    pub fn verify(&self, token: &str, now: RealTime) -> Result<Bearer, TokenRefused> {
        let jwt = token.strip_prefix(PREFIX).ok_or(TokenRefused::Invalid)?;
        let header = jsonwebtoken::decode_header(jwt).map_err(|_| TokenRefused::Invalid)?;
        let kid = header.kid.ok_or(TokenRefused::Invalid)?;
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let Some((key, key_end)) = verifying_key(&keys.newest_first, &kid, now) else {
            return Err(self.foreign(jwt));
        };
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_exp = false;
        validation.required_spec_claims.clear();
        let decoded = jsonwebtoken::decode::<Claims>(jwt, &DecodingKey::from_secret(&key.bytes), &validation);
        let claims = decoded.map_err(|_| TokenRefused::Invalid)?.claims;
        if claims.env != self.environment.name() {
            return Err(TokenRefused::OtherEnvironment);
        }
        if now.seconds() >= claims.exp {
            return Err(TokenRefused::Expired);
        }
        let bearer = claims.bearer().ok_or(TokenRefused::Invalid)?;
        self.remember(token, bearer, claims.exp.min(key_end.seconds()));
        Ok(bearer)
    }

    /// The refusal of a token with another signature. If it claims to be the other environment's, the refusal says
    /// so.
    fn foreign(&self, jwt: &str) -> TokenRefused {
        match jsonwebtoken::dangerous::insecure_decode::<Claims>(jwt) {
            Ok(decoded) if decoded.claims.env != self.environment.name() => TokenRefused::OtherEnvironment,
            Ok(_) | Err(_) => TokenRefused::Invalid,
        }
    }
}

impl Claims {
    fn bearer(&self) -> Option<Bearer> {
        let grant = match &self.customer {
            Some(customer) => Grant::Session(SessionGrant {
                session: self.jti.parse().ok()?,
                customer: customer.parse().ok()?,
            }),
            None => Grant::Credential(self.scope.parse().ok()?),
        };
        Some(Bearer { client: self.sub.parse().ok()?, partner: self.partner.parse().ok()?, grant })
    }
}

/// The key with this id, and the time when it stops verifying: an hour after the next one was created.
fn verifying_key<'k>(
    newest_first: &'k [SigningKey], kid: &str, now: RealTime,
) -> Option<(&'k SigningKey, RealTime)> {
    let position = newest_first.iter().position(|key| key.id.to_string() == kid)?;
    let next = position.checked_sub(1).and_then(|newer| newest_first.get(newer));
    let end = next.map_or(RealTime::from_micros(i64::MAX), |next| next.created_at.plus(OVERLAP));
    newest_first.get(position).filter(|_| now < end).map(|key| (key, end))
}

/// Gives `jsonwebtoken` the only algorithm in use, so that none of its other back ends is built.
fn install_hmac() {
    static PROVIDER: OnceLock<CryptoProvider> = OnceLock::new();
    let provider = PROVIDER.get_or_init(|| CryptoProvider {
        signer_factory: |algorithm, key| hmac_of(*algorithm, key.as_bytes()).map(|h| Box::new(h) as _),
        verifier_factory: |algorithm, key| {
            hmac_of(*algorithm, key.try_get_as_bytes()?).map(|h| Box::new(h) as _)
        },
        key_utils: KeyUtils::new_unimplemented(),
    });
    // A second server in the same process finds it already installed.
    let _installed = provider.install_default();
}

/// HMAC-SHA256 with a key.
struct HmacSha256(hmac::Hmac<sha2::Sha256>);

fn hmac_of(algorithm: Algorithm, secret: &[u8]) -> Result<HmacSha256, Error> {
    use hmac::KeyInit as _;
    if algorithm != Algorithm::HS256 {
        return Err(jsonwebtoken::errors::new_error(ErrorKind::InvalidAlgorithm));
    }
    hmac::Hmac::new_from_slice(secret)
        .map(HmacSha256)
        .map_err(|_| jsonwebtoken::errors::new_error(ErrorKind::InvalidKeyFormat))
}

impl signature::Signer<Vec<u8>> for HmacSha256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        use hmac::Mac as _;
        Ok(self.0.clone().chain_update(message).finalize().into_bytes().to_vec())
    }
}

impl signature::Verifier<Vec<u8>> for HmacSha256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        use hmac::Mac as _;
        self.0.clone().chain_update(message).verify_slice(signature).map_err(|_| signature::Error::new())
    }
}

impl JwtSigner for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtVerifier for HmacSha256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use domain::id::{ResourceId as _, SigningKeyId};

    use super::*;

    const NOW: RealTime = RealTime::from_seconds(1_767_225_600);

    fn tokens() -> Tokens {
        install_hmac();
        let key = SigningKey { id: SigningKeyId::new(NOW, [1; 10]), bytes: [2; 32], created_at: NOW };
        Tokens {
            environment: Environment::Sandbox,
            clock: Clock::starting_at(NOW),
            keys: RwLock::new(Keys { newest_first: vec![key], read_at: Duration::ZERO }),
            verified: RwLock::default(),
        }
    }

    fn bearer() -> Bearer {
        Bearer {
            client: ClientId::new(Environment::Sandbox, NOW, [3; 10]),
            partner: PartnerId::new(NOW, [4; 10]),
            grant: Grant::Credential(Scope::Partner),
        }
    }

    #[test]
    fn a_verified_token_is_recalled_until_it_expires_and_a_forged_one_is_not() {
        let tokens = tokens();
        let token = tokens.sign(bearer(), "a".into(), NOW, Duration::from_secs(60)).unwrap();
        assert_eq!(tokens.recall(&token, NOW), None, "it was never verified");
        assert_eq!(tokens.verify(&token, NOW), Ok(bearer()));
        assert_eq!(tokens.recall(&token, NOW), Some(bearer()));
        for place in 0..token.len() {
            let mut forged = token.clone();
            let other = if token.as_bytes()[place] == b'A' { "B" } else { "A" };
            forged.replace_range(place..=place, other);
            assert_eq!(tokens.recall(&forged, NOW), None, "{forged}");
        }
        let end = token[token.len() - 16..].to_owned();
        for forged in [end.as_str(), &end[1..], &token[1..], &format!("{token}x"), ""] {
            assert_eq!(tokens.recall(forged, NOW), None, "{forged}");
        }
        let later = |seconds| NOW.plus(Duration::from_secs(seconds));
        assert_eq!(tokens.recall(&token, later(59)), Some(bearer()));
        assert_eq!(tokens.recall(&token, later(60)), None);
        assert_eq!(tokens.verify(&token, later(60)), Err(TokenRefused::Expired));
    }
}
