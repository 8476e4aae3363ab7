//! ID tokens: their signature and their claims (OpenID Connect Core, 3.1.3.7).
//!
//! A token comes from the provider itself over TLS, so its signature is a second proof of its origin. Only three
//! algorithms are known, each with its own type of key. So no key can be used with another algorithm, and a token without
//! a signature is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::RealTime;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde::Deserialize;
use serde_json::Value;

/// The seconds by which two clocks may differ.
const SKEW: i64 = 60;

/// Why a token was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TokenRefused {
    /// It is not a signed JWT.
    #[error("the ID token is malformed")]
    Malformed,
    /// Its algorithm is not one of RS256, ES256 and EdDSA.
    #[error("the ID token has an algorithm that is not RS256, ES256 or EdDSA")]
    Algorithm,
    /// The provider has no key with its id.
    #[error("the provider has no such key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature of the ID token is wrong")]
    Signature,
    /// A claim is wrong.
    #[error("the claim {0} of the ID token is wrong")]
    Claim(&'static str),
}

/// The provider's keys (RFC 7517). Keys of other types are kept and never used.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Keys {
    keys: Vec<Key>,
}

#[derive(Debug, Clone, Deserialize)]
struct Key {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

/// The values that a token must have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// This server's name at the provider.
    pub client_id: &'a str,
    /// The nonce of the sign-in.
    pub nonce: &'a str,
    /// The time since when the person must have proved who they are, if it matters.
    pub proved_since: Option<RealTime>,
    /// The present time.
    pub now: RealTime,
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

fn json(part: &str) -> Result<Value, TokenRefused> {
    let bytes = bytes(part).ok_or(TokenRefused::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenRefused::Malformed)
}

/// The claims of a token that one of the keys has signed, and that says what it must.
pub(super) fn checked(token: &str, keys: &Keys, expected: &Expected<'_>) -> Result<Value, TokenRefused> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenRefused::Malformed)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenRefused::Malformed)?;
    let header = serde_json::from_value(json(header)?).map_err(|_| TokenRefused::Malformed)?;
    let signature = bytes(signature).ok_or(TokenRefused::Malformed)?;
    verify(&header, keys, signed.as_bytes(), &signature)?;
    let claims = json(claims)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn verify(header: &Header, keys: &Keys, signed: &[u8], signature: &[u8]) -> Result<(), TokenRefused> {
    let (kind, curve) = match header.alg.as_str() {
        "RS256" => ("RSA", None),
        "ES256" => ("EC", Some("P-256")),
        "EdDSA" => ("OKP", Some("Ed25519")),
        _other => return Err(TokenRefused::Algorithm),
    };
    let fits = |key: &&Key| {
        let is_named = header.kid.is_none() || header.kid == key.kid;
        let signs = key.purpose.as_deref().is_none_or(|purpose| purpose == "sig");
        is_named && signs && key.kty == kind && key.crv.as_deref() == curve
    };
    let mut fitting = keys.keys.iter().filter(fits).peekable();
    if fitting.peek().is_none() {
        return Err(TokenRefused::UnknownKey);
    }
    // A token that names no key may be of any of them.
    if fitting.any(|key| key.has_signed(signed, signature)) { Ok(()) } else { Err(TokenRefused::Signature) }
}

impl Key {
    fn has_signed(&self, signed: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| part.as_deref().and_then(bytes);
        let verified = match (self.kty.as_str(), part(&self.n), part(&self.e), part(&self.x), part(&self.y)) {
            ("RSA", Some(n), Some(e), _, _) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
            ("EC", _, _, Some(x), Some(y)) => {
                let point = [&[4], &x[..], &y[..]].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, signature)
            }
            ("OKP", _, _, Some(x), _) => UnparsedPublicKey::new(&ED25519, x).verify(signed, signature),
            _incomplete => return false,
        };
        verified.is_ok()
    }
}

fn check(claims: &Value, expected: &Expected<'_>) -> Result<(), TokenRefused> {
    let right = |name: &'static str, is_right: bool| {
        if is_right { Ok(()) } else { Err(TokenRefused::Claim(name)) }
    };
    let (text, time) = (|name: &str| claims[name].as_str(), |name: &str| claims[name].as_i64());
    let now = expected.now.seconds();
    right("iss", text("iss") == Some(expected.issuer))?;
    let audience: Vec<&str> = match &claims["aud"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    right("aud", audience.contains(&expected.client_id))?;
    let is_ours = text("azp").is_none_or(|azp| azp == expected.client_id);
    right("azp", is_ours && (audience.len() == 1 || text("azp").is_some()))?;
    right("exp", time("exp").is_some_and(|end| now < end.saturating_add(SKEW)))?;
    right("iat", time("iat").is_some_and(|made| made <= now.saturating_add(SKEW)))?;
    right("nonce", text("nonce") == Some(expected.nonce))?;
    right("sub", text("sub").is_some_and(|subject| !subject.is_empty() && subject.len() <= 255))?;
    let since = expected.proved_since.map(RealTime::seconds);
    right("auth_time", since.is_none_or(|since| time("auth_time").is_some_and(|at| at >= since - SKEW)))
}

#[cfg(test)]
mod tests {
    use ring::rand::SystemRandom;
    use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
    use serde_json::json;

    use super::*;

    const NOW: RealTime = RealTime::from_seconds(1_790_000_000);
    const EXPECTED: Expected<'_> = Expected {
        issuer: "https://id.example",
        client_id: "dinie",
        nonce: "n",
        proved_since: None,
        now: NOW,
    };

    struct Signer {
        curve: EcdsaKeyPair,
        edwards: Ed25519KeyPair,
    }

    fn text(bytes: &[u8]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    impl Signer {
        fn new() -> Self {
            let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
            let curve = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap();
            let pkcs8 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
            Self { curve, edwards: Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap() }
        }

        fn keys(&self) -> Keys {
            let point = self.curve.public_key().as_ref();
            let (x, y, edwards) = (text(&point[1..33]), text(&point[33..]), self.edwards.public_key());
            let keys = json!({"keys": [
                {"kty": "oct", "k": "c2VjcmV0"},
                {"kty": "EC", "kid": "a", "use": "sig", "crv": "P-256", "x": x, "y": y},
                {"kty": "OKP", "kid": "b", "crv": "Ed25519", "x": text(edwards.as_ref())},
            ]});
            serde_json::from_value(keys).unwrap()
        }

        fn token(&self, header: &Value, claims: &Value) -> String {
            let signed =
                format!("{}.{}", text(header.to_string().as_bytes()), text(claims.to_string().as_bytes()));
            let signature = match header["kid"].as_str() {
                Some("b") => self.edwards.sign(signed.as_bytes()).as_ref().to_vec(),
                _curve => self.curve.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec(),
            };
            format!("{signed}.{}", text(&signature))
        }
    }

    fn claims() -> Value {
        let now = NOW.seconds();
        json!({
            "iss": "https://id.example", "aud": "dinie", "sub": "1", "nonce": "n", "exp": now + 300, "iat": now,
        })
    }

    #[test]
    fn a_token_of_the_provider_is_accepted_and_every_other_is_not() {
        let (signer, other) = (Signer::new(), Signer::new());
        let (keys, claims) = (signer.keys(), claims());
        let checked = |token: &str| checked(token, &keys, &EXPECTED).map(drop);
        for header in [
            json!({"alg": "ES256", "kid": "a"}),
            json!({"alg": "ES256"}),
            json!({"alg": "EdDSA", "kid": "b"}),
        ] {
            let token = signer.token(&header, &claims);
            assert_eq!(checked(&token), Ok(()), "{header}");
            assert_eq!(checked(&other.token(&header, &claims)), Err(TokenRefused::Signature), "{header}");
            let (signed, signature) = token.rsplit_once('.').unwrap();
            assert_eq!(checked(&format!("{signed}A.{signature}")), Err(TokenRefused::Signature));
            assert_eq!(checked(&format!("{signed}.")), Err(TokenRefused::Signature));
        }
        for (header, refused) in [
            (json!({"alg": "none"}), TokenRefused::Algorithm),
            (json!({"alg": "HS256", "kid": "a"}), TokenRefused::Algorithm),
            (json!({"alg": "RS256", "kid": "a"}), TokenRefused::UnknownKey),
            (json!({"alg": "ES256", "kid": "b"}), TokenRefused::UnknownKey),
            (json!({"alg": "ES256", "kid": "c"}), TokenRefused::UnknownKey),
        ] {
            assert_eq!(checked(&signer.token(&header, &claims)), Err(refused), "{header}");
        }
        for malformed in ["", "a", "a.b", "a.b.c", "!.!.!", "e30.e30.e30"] {
            assert_eq!(checked(malformed), Err(TokenRefused::Malformed), "{malformed}");
        }
    }

    #[test]
    fn a_token_for_others_or_of_another_time_is_refused() {
        let signer = Signer::new();
        let checked = |name: &str, value: Value| {
            let mut claims = claims();
            claims[name] = value;
            let token = signer.token(&json!({"alg": "ES256", "kid": "a"}), &claims);
            checked(&token, &signer.keys(), &EXPECTED).map(drop)
        };
        let now = NOW.seconds();
        for (name, value) in [
            ("iss", json!("https://id.example/")),
            ("aud", json!("other")),
            ("aud", json!(["other"])),
            ("azp", json!("other")),
            ("azp", json!(null)),
            ("exp", json!(now - 60)),
            ("exp", json!(null)),
            ("iat", json!(now + 61)),
            ("nonce", json!("m")),
            ("nonce", json!(null)),
            ("sub", json!("")),
            ("sub", json!(1)),
        ] {
            let refused = checked(name, value.clone());
            let is_absent = name == "azp" && value.is_null();
            let expected = if is_absent { Ok(()) } else { Err(name) };
            assert_eq!(
                refused.map_err(|error| error.to_string().split(' ').nth(2).unwrap().to_owned()),
                expected.map_err(str::to_owned)
            );
        }
        assert!(checked("aud", json!(["dinie", "other"])).is_err(), "several audiences need azp");
        let several = json!({"iss": "https://id.example", "aud": ["dinie", "other"], "azp": "dinie", "sub": "1",
            "nonce": "n", "exp": now + 300, "iat": now});
        assert_eq!(check(&several, &EXPECTED), Ok(()));
    }

    #[test]
    fn a_fresh_proof_is_of_after_the_question() {
        let expected = Expected { proved_since: Some(NOW), ..EXPECTED };
        let at = |seconds: i64| {
            let mut claims = claims();
            claims["auth_time"] = json!(NOW.seconds() + seconds);
            check(&claims, &expected)
        };
        assert_eq!(check(&claims(), &expected), Err(TokenRefused::Claim("auth_time")));
        assert_eq!(at(-61), Err(TokenRefused::Claim("auth_time")));
        assert_eq!((at(-60), at(5)), (Ok(()), Ok(())));
    }
}
