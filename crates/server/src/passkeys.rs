//! The check of passkeys (WebAuthn) for the address of this server, by `webauthn-rs` (docs/decisions/0029).

use std::net::IpAddr;

use app::people::passkeys::{Challenge, Checked, PasskeyFault};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::access::Passkey;
use domain::id::{OperatorId, ResourceId as _};
use domain::person::Email;
use serde::Serialize;
use serde::de::DeserializeOwned;
use webauthn_rs::prelude::{
    CredentialID, Passkey as Key, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

/// The name that browsers show for this server.
const NAME: &str = "Dinie";

/// The server as passkeys know it: its host name and the origin of its pages.
#[derive(Debug, Clone)]
pub struct RelyingParty(Webauthn);

impl RelyingParty {
    /// The party of the pages under a URL; `None` if browsers make no passkeys there. They do at host names with HTTPS,
    /// and at `localhost`. A server on this machine is `localhost` for them, whatever its address.
    pub fn at(public_url: &str) -> Option<Self> {
        let mut url: Url = public_url.parse().ok()?;
        let host = url.host_str()?;
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        if host == "localhost" || address.is_ok_and(|address| address.is_loopback()) {
            url.set_host(Some("localhost")).ok()?;
        } else if url.scheme() != "https" {
            return None;
        }
        let host = url.domain()?.to_owned();
        WebauthnBuilder::new(&host, &url).and_then(|builder| builder.rp_name(NAME).build()).ok().map(Self)
    }
}

impl app::people::passkeys::RelyingParty for RelyingParty {
    fn ask_for_new(
        &self, (id, email, name): (OperatorId, &Email, &str), known: &[Passkey],
    ) -> Result<Challenge, PasskeyFault> {
        // An authenticator that has one of them makes no other.
        let known = keys(known)?.iter().map(|key| key.cred_id().clone()).collect();
        let begun = self.0.start_passkey_registration(id.uuid(), email.as_str(), name, Some(known));
        let (options, pending) = begun.map_err(|error| wrong(&error))?;
        Ok(Challenge { options: json(&options.public_key)?, pending: json(&pending)? })
    }

    fn made(&self, pending: &str, answer: &str) -> Result<Checked, PasskeyFault> {
        let answer: RegisterPublicKeyCredential = given(answer)?;
        let pending: PasskeyRegistration = given(pending)?;
        let key = self.0.finish_passkey_registration(&answer, &pending).map_err(|error| wrong(&error))?;
        Ok(Checked { id: id_of(key.cred_id()), document: json(&key)? })
    }

    fn ask(&self, known: &[Passkey]) -> Result<Challenge, PasskeyFault> {
        let begun = self.0.start_passkey_authentication(&keys(known)?);
        let (options, pending) = begun.map_err(|error| wrong(&error))?;
        Ok(Challenge { options: json(&options.public_key)?, pending: json(&pending)? })
    }

    fn given(&self, pending: &str, answer: &str, known: &[Passkey]) -> Result<Checked, PasskeyFault> {
        let answer: PublicKeyCredential = given(answer)?;
        let pending: PasskeyAuthentication = given(pending)?;
        let result =
            self.0.finish_passkey_authentication(&answer, &pending).map_err(|error| wrong(&error))?;
        let id = id_of(result.cred_id());
        let passkey = known.iter().find(|known| known.id == id).ok_or(PasskeyFault::Refused)?;
        let mut key = kept(passkey)?;
        match key.update_credential(&result) {
            Some(_changed) => Ok(Checked { id, document: json(&key)? }),
            None => Err(PasskeyFault::Corrupt("a passkey has another id than its document".to_owned())),
        }
    }
}

fn json(value: &impl Serialize) -> Result<String, PasskeyFault> {
    serde_json::to_string(value).map_err(|error| PasskeyFault::Corrupt(error.to_string()))
}

/// Reads an answer. A challenge for a new passkey, answered with an old one, does not read either.
fn given<T: DeserializeOwned>(text: &str) -> Result<T, PasskeyFault> {
    serde_json::from_str(text).map_err(|_malformed| PasskeyFault::Refused)
}

/// Reads a passkey that was kept.
fn kept(passkey: &Passkey) -> Result<Key, PasskeyFault> {
    serde_json::from_str(&passkey.document).map_err(|error| PasskeyFault::Corrupt(error.to_string()))
}

fn keys(known: &[Passkey]) -> Result<Vec<Key>, PasskeyFault> {
    known.iter().map(kept).collect()
}

/// The id of a passkey in base64url, as its signed data name it.
fn id_of(id: &CredentialID) -> String {
    URL_SAFE_NO_PAD.encode(id.as_slice())
}

fn wrong(error: &WebauthnError) -> PasskeyFault {
    tracing::warn!(%error, "the answer of a passkey was refused");
    PasskeyFault::Refused
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_host_names_with_https_and_for_this_machine() {
        for url in [
            "https://credito.example.com",
            "https://credito.example.com:8443",
            "http://127.0.0.1:8080",
            "http://[::1]:80",
        ] {
            assert!(RelyingParty::at(url).is_some(), "{url}");
        }
        for url in ["http://credito.example.com", "https://192.0.2.1", "no url", ""] {
            assert!(RelyingParty::at(url).is_none(), "{url}");
        }
        let party = RelyingParty::at("http://127.0.0.1:8080").unwrap();
        assert_eq!(party.0.get_allowed_origins()[0].as_str(), "http://localhost:8080/");
    }
}
