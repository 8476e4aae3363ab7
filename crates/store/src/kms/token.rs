//! A master key in a token of PKCS#11. All keys of a process are known here, so a configuration that is read again needs no
//! token.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::error::KmsError;
use super::held::{Fingerprint, HeldKey, Kms};
use super::place::TokenPlace;
use super::thread;
use crate::ciphers::NONCE;

/// Longest wait for a key to be found, with the login. A token in another house may take seconds.
const OPENS_WITHIN: Duration = Duration::from_secs(15);
/// Longest wait for a stored key. If one writer serves all, a script that waits holds up the others.
const ANSWERS_WITHIN: Duration = Duration::from_secs(3);

/// The keys that this process has opened.
static OPENED: Mutex<Vec<(TokenPlace, Arc<HeldKey>)>> = Mutex::new(Vec::new());

/// A key that was found once, with its fingerprint from then.
struct TokenKey {
    place: TokenPlace,
    fingerprint: Fingerprint,
}

/// The key at a place. The first call of a process asks the token and waits for it; later ones ask nothing.
pub(crate) fn open(place: &TokenPlace) -> Result<Arc<HeldKey>, KmsError> {
    let mut opened = OPENED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, key)) = opened.iter().find(|(of, _)| of == place) {
        return Ok(Arc::clone(key));
    }
    let asked = place.clone();
    let fingerprint = thread::ask(&place.module, OPENS_WITHIN, move |module| module.fingerprint(&asked))?;
    let key = Arc::new(HeldKey::of(TokenKey { place: place.clone(), fingerprint }));
    opened.push((place.clone(), Arc::clone(&key)));
    Ok(key)
}

/// Makes a key that never leaves its token. Its name must be free.
pub fn make(place: &TokenPlace) -> Result<(), KmsError> {
    let asked = place.clone();
    thread::ask(&place.module, OPENS_WITHIN, move |module| module.make(&asked))
}

impl Kms for TokenKey {
    fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    fn encrypt(&self, nonce: [u8; NONCE], name: &str, plain: &[u8]) -> Result<Vec<u8>, KmsError> {
        let (place, known, name) = (self.place.clone(), self.fingerprint, name.to_owned());
        let plain = Zeroizing::new(plain.to_vec());
        thread::ask(&self.place.module, ANSWERS_WITHIN, move |module| {
            module.encrypt((&place, known), nonce, &name, &plain)
        })
    }

    fn decrypt(&self, nonce: [u8; NONCE], name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KmsError> {
        let (place, known, name) = (self.place.clone(), self.fingerprint, name.to_owned());
        let sealed = sealed.to_vec();
        thread::ask(&self.place.module, ANSWERS_WITHIN, move |module| {
            module.decrypt((&place, known), nonce, &name, &sealed).map(Zeroizing::new)
        })
    }
}
