//! The ciphers: AES-256-GCM under one key, and the numbered keys of one owner.
//!
//! An owner has several keys while its key is replaced: the newest seals, and each opens what it has sealed. A sealed value
//! begins with its form (one byte) and the number of its key (two bytes). So a value needs no second column, and other
//! forms may follow, such as a key of one person.
//!
//! Reasons: docs/decisions/0002, 0045.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use zeroize::Zeroizing;

use crate::db::error::StoreError;

pub(crate) const NONCE: usize = 12;
/// The longest time for which keys in memory seal new values, in seconds.
pub const FRESH: Duration = Duration::from_secs(60);
/// The form of values under a data key of their row's owner.
const OF_OWNER: u8 = 1;

/// A key that seals a partner's data. Its memory, and that of the cipher made of it, is zeroed when it is dropped.
#[derive(Clone)]
pub struct DataKey {
    cipher: Arc<Aes256Gcm>,
    bytes: Zeroizing<[u8; 32]>,
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl DataKey {
    /// Wraps 32 bytes of key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self { cipher: Arc::new(Aes256Gcm::new(&bytes.into())), bytes: Zeroizing::new(bytes) }
    }

    /// Seals `plain` for `context`. A nonce is never used twice with one key: it is random.
    pub fn seal(&self, nonce: [u8; NONCE], context: &str, plain: &[u8]) -> Vec<u8> {
        let payload = Payload { msg: plain, aad: context.as_bytes() };
        let sealed = self.cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.expect("AES-GCM refuses only messages beyond 64 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// Opens a value that was sealed for the same context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let corrupt = || StoreError::Corrupt(format!("a sealed value of {context} does not open"));
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(corrupt)?;
        let payload = Payload { msg: sealed, aad: context.as_bytes() };
        self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| corrupt())
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// The keys of one owner.
#[derive(Debug, Clone)]
pub struct DataKeys {
    /// The newest key first. There is at least one.
    keys: Arc<[(u16, DataKey)]>,
    read_at: Instant,
}

impl DataKeys {
    pub(crate) fn of(keys: Vec<(u16, DataKey)>) -> Result<Self, StoreError> {
        if keys.is_empty() {
            return Err(StoreError::NotFound);
        }
        Ok(Self { keys: keys.into(), read_at: Instant::now() })
    }

    /// The number of the newest key.
    pub fn newest(&self) -> u16 {
        self.keys[0].0
    }

    pub(crate) fn are_fresh(&self) -> bool {
        self.read_at.elapsed() < FRESH
    }

    pub(crate) fn find(&self, number: u16) -> Option<&DataKey> {
        self.keys.iter().find(|(of, _)| *of == number).map(|(_, key)| key)
    }

    /// Seals a value under the newest key, for a context.
    pub fn seal(&self, nonce: [u8; NONCE], context: &str, plain: &[u8]) -> Vec<u8> {
        let (number, key) = &self.keys[0];
        let [high, low] = number.to_be_bytes();
        let mut sealed = vec![OF_OWNER, high, low];
        sealed.extend(key.seal(nonce, context, plain));
        sealed
    }

    /// Opens a value that one of the keys sealed for the same context.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let Some((number, rest)) = parted(sealed) else {
            return Err(StoreError::Corrupt(format!("a sealed value of {context} has an unknown form")));
        };
        let key = self.find(number);
        let gone = || StoreError::Corrupt(format!("the key {number} of a value of {context} does not exist"));
        key.ok_or_else(gone)?.open(context, rest)
    }

    /// Whether the key of a sealed value is here, or can be nowhere.
    pub(crate) fn can_open(&self, sealed: &[u8]) -> bool {
        parted(sealed).is_none_or(|(number, _)| self.find(number).is_some())
    }
}

/// The number of the key of a sealed value, and the rest.
fn parted(sealed: &[u8]) -> Option<(u16, &[u8])> {
    match sealed {
        [OF_OWNER, high, low, rest @ ..] => Some((u16::from_be_bytes([*high, *low]), rest)),
        _other => None,
    }
}

/// The number of the key under which a value is sealed; `None` if its form is unknown.
pub fn number_of(sealed: &[u8]) -> Option<u16> {
    parted(sealed).map(|(number, _)| number)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An owner's keys of these numbers, the newest first. A key depends on its number alone.
    fn keys(numbers: &[u16]) -> DataKeys {
        let key = |number: &u16| {
            let [high, low] = number.to_be_bytes();
            let mut bytes = [high; 32];
            bytes[0] = low;
            (*number, DataKey::new(bytes))
        };
        DataKeys::of(numbers.iter().map(key).collect()).unwrap()
    }

    proptest! {
        /// A value opens as long as its key is there, whatever keys came and went, and never under another context.
        #[test]
        fn a_value_opens_while_its_key_exists(
            before in 1_u16..60_000, later in 1_u16..5_000, plain in proptest::collection::vec(any::<u8>(), 0..200),
            nonce in any::<[u8; 12]>(),
        ) {
            let after = before + later;
            let sealed = keys(&[before]).seal(nonce, "loans:1", &plain);
            prop_assert_eq!(number_of(&sealed), Some(before));
            let both = keys(&[after, before]);
            prop_assert_eq!(&both.open("loans:1", &sealed).unwrap(), &plain);
            prop_assert!(both.open("loans:2", &sealed).is_err());
            let again = both.seal(nonce, "loans:1", &plain);
            prop_assert_eq!(number_of(&again), Some(after));
            let newest = keys(&[after]);
            prop_assert_eq!(&newest.open("loans:1", &again).unwrap(), &plain);
            prop_assert!(newest.can_open(&again) && !newest.can_open(&sealed));
            prop_assert!(newest.open("loans:1", &sealed).is_err());
        }

        #[test]
        fn a_value_under_a_changed_number_or_form_does_not_open(at in 0_usize..3, other in 1_u8..) {
            let mut sealed = keys(&[7]).seal([9; 12], "loans:1", b"plain");
            sealed[at] ^= other;
            let wrong = (1..300).map(|number| keys(&[number])).all(|keys| keys.open("loans:1", &sealed).is_err());
            prop_assert!(wrong);
        }
    }
}
