//! A master key in a service: the port, and the stored keys that the service has unwrapped once. These stay in memory, so
//! requests under known keys need no service.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::error::KmsError;
use crate::ciphers::NONCE;
use crate::db::error::StoreError;

/// A code that distinguishes a key from others and reveals nothing.
pub(super) type Fingerprint = [u8; 16];

/// A key that a service holds. A call blocks until the service answers, or for a few seconds at most.
pub(super) trait Kms: Send + Sync {
    /// Each process that can use the key finds the same fingerprint.
    fn fingerprint(&self) -> Fingerprint;

    /// Encrypts `plain` by AES-GCM and authenticates `name`. Returns the ciphertext and the tag.
    fn encrypt(&self, nonce: [u8; NONCE], name: &str, plain: &[u8]) -> Result<Vec<u8>, KmsError>;

    /// Decrypts the result of [`Kms::encrypt`]. [`KmsError::Refused`] if the key, the name or the bytes are others.
    fn decrypt(&self, nonce: [u8; NONCE], name: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, KmsError>;
}

/// A master key in a service, with the stored keys that it has unwrapped.
pub(crate) struct HeldKey {
    kms: Box<dyn Kms>,
    /// By the hash of name and wrapped bytes: the service would give the same key again.
    unwrapped: Mutex<HashMap<[u8; 32], Zeroizing<[u8; 32]>>>,
}

impl HeldKey {
    pub(super) fn of(kms: impl Kms + 'static) -> Self {
        Self { kms: Box::new(kms), unwrapped: Mutex::default() }
    }

    pub(crate) fn fingerprint(&self) -> Fingerprint {
        self.kms.fingerprint()
    }

    fn unwrapped(&self) -> MutexGuard<'_, HashMap<[u8; 32], Zeroizing<[u8; 32]>>> {
        self.unwrapped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wraps a key for storage under a name: the nonce, the ciphertext and the tag. The service must also unwrap it, because the
    /// caller may destroy the former copy.
    pub(crate) fn wrap(&self, nonce: [u8; NONCE], name: &str, key: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
        let sealed = self.kms.encrypt(nonce, name, key).map_err(|error| unavailable(&error))?;
        let wrapped = [&nonce[..], &sealed].concat();
        if self.unwrap(name, &wrapped)? == *key {
            return Ok(wrapped);
        }
        Err(StoreError::Unavailable("the key service does not unwrap what it wraps".into()))
    }

    /// Unwraps a stored key: from memory if the service has unwrapped it before.
    pub(crate) fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<[u8; 32], StoreError> {
        let id = id_of(name, wrapped);
        if let Some(key) = self.unwrapped().get(&id) {
            return Ok(**key);
        }
        if !may_wait() {
            return Err(StoreError::Unavailable("this thread does not wait for the key service".into()));
        }
        let corrupt = || StoreError::Corrupt(format!("the stored key {name} does not open"));
        let (nonce, sealed) = wrapped.split_first_chunk::<NONCE>().ok_or_else(corrupt)?;
        let key = self.kms.decrypt(*nonce, name, sealed).map_err(|error| match error {
            KmsError::Refused(_) => corrupt(),
            other => unavailable(&other),
        })?;
        let key = Zeroizing::new(<[u8; 32]>::try_from(&key[..]).map_err(|_| corrupt())?);
        self.unwrapped().insert(id, key.clone());
        Ok(*key)
    }
}

fn id_of(name: &str, wrapped: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([0]);
    hash.update(wrapped);
    hash.finalize().into()
}

fn unavailable(error: &KmsError) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

/// Whether the running thread may wait for a service.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Allowed,
    Refused,
    /// It was refused, and a service was needed.
    Needed,
}

thread_local! {
    static WAITING: Cell<Waiting> = const { Cell::new(Waiting::Allowed) };
}

/// Runs work that must not wait for a service, such as a read on an async thread. `None` if it needed one: then its result
/// says nothing, and it must run again where it may wait.
pub(crate) fn without_waiting<T>(work: impl FnOnce() -> T) -> Option<T> {
    WAITING.set(Waiting::Refused);
    let result = work();
    let needed = WAITING.replace(Waiting::Allowed) == Waiting::Needed;
    (!needed).then_some(result)
}

fn may_wait() -> bool {
    let waiting = WAITING.get();
    if waiting != Waiting::Allowed {
        WAITING.set(Waiting::Needed);
    }
    waiting == Waiting::Allowed
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::*;
    use crate::ciphers::DataKey;

    /// A service whose key is in memory, which counts its calls and can be gone.
    #[derive(Clone)]
    struct Invented {
        key: DataKey,
        calls: Arc<AtomicUsize>,
        gone: Arc<AtomicBool>,
    }

    impl Invented {
        fn new() -> Self {
            Self { key: DataKey::new([5; 32]), calls: Arc::default(), gone: Arc::default() }
        }

        fn call(&self) -> Result<(), KmsError> {
            self.calls.fetch_add(1, Ordering::Relaxed);
            if self.gone.load(Ordering::Relaxed) { Err(KmsError::Failed("gone".into())) } else { Ok(()) }
        }
    }

    impl Kms for Invented {
        fn fingerprint(&self) -> Fingerprint {
            [5; 16]
        }

        fn encrypt(&self, nonce: [u8; NONCE], name: &str, plain: &[u8]) -> Result<Vec<u8>, KmsError> {
            self.call()?;
            Ok(self.key.seal(nonce, name, plain)[NONCE..].to_vec())
        }

        fn decrypt(
            &self, nonce: [u8; NONCE], name: &str, sealed: &[u8],
        ) -> Result<Zeroizing<Vec<u8>>, KmsError> {
            self.call()?;
            let opened = self.key.open(name, &[&nonce[..], sealed].concat());
            opened.map(Zeroizing::new).map_err(|_| KmsError::Refused("no".into()))
        }
    }

    #[test]
    fn a_key_that_was_unwrapped_once_needs_no_service_and_other_names_and_bytes_do() {
        let service = Invented::new();
        let held = HeldKey::of(service.clone());
        let wrapped = held.wrap([1; NONCE], "a#1", &[7; 32]).unwrap();
        service.gone.store(true, Ordering::Relaxed);
        assert_eq!(held.unwrap("a#1", &wrapped), Ok([7; 32]));
        let calls = service.calls.load(Ordering::Relaxed);
        assert!(matches!(held.unwrap("b#1", &wrapped), Err(StoreError::Unavailable(_))));
        assert!(matches!(held.wrap([1; NONCE], "a#2", &[7; 32]), Err(StoreError::Unavailable(_))));
        assert_eq!(service.calls.load(Ordering::Relaxed), calls + 2);
        service.gone.store(false, Ordering::Relaxed);
        let mut changed = wrapped;
        changed[20] ^= 1;
        for (name, bytes) in [("b#1", &changed[..]), ("a#1", &changed), ("a#1", &changed[..5])] {
            assert!(matches!(held.unwrap(name, bytes), Err(StoreError::Corrupt(_))), "{name}");
        }
    }

    #[test]
    fn work_that_may_not_wait_is_told_apart_from_work_that_needs_no_service() {
        let service = Invented::new();
        let held = HeldKey::of(service.clone());
        let wrapped = held.wrap([1; NONCE], "a#1", &[7; 32]).unwrap();
        held.unwrapped().clear();
        let calls = service.calls.load(Ordering::Relaxed);
        assert!(without_waiting(|| held.unwrap("a#1", &wrapped)).is_none());
        assert_eq!(service.calls.load(Ordering::Relaxed), calls);
        assert_eq!(held.unwrap("a#1", &wrapped), Ok([7; 32]));
        assert_eq!(without_waiting(|| held.unwrap("a#1", &wrapped)), Some(Ok([7; 32])));
    }
}
