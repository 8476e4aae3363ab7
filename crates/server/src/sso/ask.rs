//! The request with which a browser is sent to the provider.
//!
//! The browser keeps one random secret in a cookie. The state, the nonce and the PKCE verifier are keyed hashes of it, so
//! an answer of the provider is good only in the browser that asked, and nothing needs to be stored.

use std::time::Duration;

use app::Store;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::RealTime;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The time that a person has at the provider.
const LONGEST: Duration = Duration::from_mins(10);

/// The purpose of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The page to which it leads.
    pub to: String,
    /// The time at which it began.
    pub at: RealTime,
    /// Whether the person must prove again at the provider who they are.
    pub fresh: bool,
}

/// A sign-in under way.
#[derive(Debug, Clone)]
pub struct Ask {
    /// Its purpose.
    pub asked: Asked,
    /// The provider gives it back with the code.
    pub state: String,
    /// The ID token repeats it.
    pub nonce: String,
    /// Proves that the code is redeemed by who asked for it (PKCE).
    pub verifier: String,
}

impl Ask {
    /// A sign-in of the browser with this secret.
    pub fn new(store: &Store, secret: &str, asked: Asked) -> Self {
        let keyed = |purpose: &str| store.keyring().lookup(purpose, secret);
        let (nonce, verifier) = (keyed("sso_nonce"), keyed("sso_verifier"));
        let words = words(&asked);
        let state = format!("{}.{words}", seal(store, secret, &words));
        Self { asked, state, nonce, verifier }
    }

    /// The sign-in to which the provider answers; `None` if another browser asked, or too long ago.
    pub fn answered(store: &Store, secret: &str, state: &str, now: RealTime) -> Option<Self> {
        let (given, words) = state.split_once('.')?;
        let ours = seal(store, secret, words);
        if !bool::from(ours.as_bytes().ct_eq(given.as_bytes())) {
            return None;
        }
        let asked = read(words)?;
        let is_late = now >= asked.at.plus(LONGEST);
        (!is_late).then(|| Self::new(store, secret, asked))
    }

    /// The hash of the verifier, which the provider receives first.
    pub fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

fn seal(store: &Store, secret: &str, words: &str) -> String {
    store.keyring().lookup("sso_state", &format!("{secret}.{words}"))
}

fn words(Asked { to, at, fresh }: &Asked) -> String {
    let kind = if *fresh { "proof" } else { "sign-in" };
    format!("{kind}.{}.{}", at.micros(), URL_SAFE_NO_PAD.encode(to))
}

fn read(words: &str) -> Option<Asked> {
    let mut parts = words.split('.');
    let (kind, at, to) = (parts.next()?, parts.next()?, parts.next()?);
    let to = String::from_utf8(URL_SAFE_NO_PAD.decode(to).ok()?).ok()?;
    Some(Asked { to, at: RealTime::from_micros(at.parse().ok()?), fresh: kind == "proof" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_sign_in_is_for_reads_back() {
        let at = RealTime::from_seconds(1_790_000_000);
        for (to, fresh) in [("/console", false), ("/console/people?after=op_1.x", true), ("", false)] {
            let asked = Asked { to: to.to_owned(), at, fresh };
            assert_eq!(read(&words(&asked)), Some(asked));
        }
        assert_eq!(read("sign-in.x.L2NvbnNvbGU"), None);
        assert_eq!(read("sign-in"), None);
    }
}
