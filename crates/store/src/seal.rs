//! Sealing at rest: AES-256-GCM under one data key for each partner, which the master key wraps. Keyed hashes serve
//! look-ups, and an order-preserving code sorts by a sealed name.
//!
//! A sealed value is a 12-byte nonce, the ciphertext and a 16-byte tag. Its context (the row it belongs
//! to) is authenticated, so a value copied into another row does not open. Values under a data key have the key's number
//! in front ([`crate::data_keys`]).
//!
//! Reasons: docs/decisions/0002, 0045, 0048.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use domain::id::PartnerId;
use domain::search::Term;
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::ciphers::NONCE;
pub use crate::ciphers::{DataKey, DataKeys, FRESH, number_of};
use crate::db::error::StoreError;
use crate::kms::{self, HeldKey, KmsError, TokenPlace};

/// A key that wraps others. It is never stored.
#[derive(Clone)]
pub struct MasterKey(Kept);

/// Where a master key is.
#[derive(Clone)]
enum Kept {
    /// In the memory of this process.
    Here(DataKey),
    /// In a service, which it never leaves.
    Held(Arc<HeldKey>),
}

/// The master keys that a process knows. The database says which of them wraps new keys, so their order decides only in a
/// new database: the first one wraps there.
#[derive(Debug, Clone)]
pub struct MasterKeys(Arc<[MasterKey]>);

impl From<MasterKey> for MasterKeys {
    fn from(key: MasterKey) -> Self {
        Self(Arc::new([key]))
    }
}

impl MasterKeys {
    /// These keys and one more. A key that is known already is not added.
    #[must_use]
    pub fn and(&self, more: MasterKey) -> Self {
        if self.find(&more.fingerprint()).is_some() {
            return self.clone();
        }
        Self(self.0.iter().cloned().chain([more]).collect())
    }

    /// The key that the configuration names first.
    pub fn first(&self) -> &MasterKey {
        self.0.first().expect("a set is made of at least one key")
    }

    /// The key with this fingerprint.
    pub fn find(&self, fingerprint: &str) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.fingerprint() == fingerprint)
    }

    /// The fingerprints of all keys.
    pub fn fingerprints(&self) -> Vec<String> {
        self.0.iter().map(MasterKey::fingerprint).collect()
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[key]")
    }
}

impl MasterKey {
    /// Wraps 32 bytes of key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Kept::Here(DataKey::new(bytes)))
    }

    /// A new key.
    pub fn random() -> Self {
        Self::new(crate::random::Random::open().bytes())
    }

    /// A key that never leaves its token. The first call of a process for a key waits for the token, for seconds if need be.
    pub fn in_token(place: &TokenPlace) -> Result<Self, KmsError> {
        kms::open(place).map(|key| Self(Kept::Held(key)))
    }

    /// The key itself; `None` if a service holds it.
    pub(crate) fn bytes(&self) -> Option<&[u8; 32]> {
        match &self.0 {
            Kept::Here(key) => Some(key.bytes()),
            Kept::Held(_) => None,
        }
    }

    /// A text that distinguishes this key from others and reveals nothing: a hash of 32 random bytes, or of what the key
    /// makes of a constant.
    pub fn fingerprint(&self) -> String {
        match &self.0 {
            Kept::Here(key) => {
                let text = Zeroizing::new([b"dinie master key\0", &key.bytes()[..]].concat());
                sha256_hex(&text)[..32].to_owned()
            }
            Kept::Held(key) => hex(&key.fingerprint()),
        }
    }

    /// Wraps a key for storage under a name.
    pub(crate) fn wrap(&self, nonce: [u8; NONCE], name: &str, key: &[u8; 32]) -> Result<Vec<u8>, StoreError> {
        match &self.0 {
            Kept::Here(master) => Ok(master.seal(nonce, name, key)),
            Kept::Held(master) => master.wrap(nonce, name, key),
        }
    }

    /// Unwraps a stored key. `Corrupt` if another master key wrapped it, `Unavailable` if a service does not answer.
    pub(crate) fn unwrap(&self, name: &str, wrapped: &[u8]) -> Result<[u8; 32], StoreError> {
        let master = match &self.0 {
            Kept::Here(master) => master,
            Kept::Held(master) => return master.unwrap(name, wrapped),
        };
        let bytes = master.open(name, wrapped);
        let bytes = bytes.map_err(|_| StoreError::Corrupt(format!("the stored key {name} does not open")))?;
        let bytes = Zeroizing::new(bytes);
        let wrong = |_| StoreError::Corrupt(format!("the stored key {name} has the wrong length"));
        <[u8; 32]>::try_from(&bytes[..]).map_err(wrong)
    }
}

/// The keys of one database, in memory.
pub struct Keyring {
    masters: MasterKeys,
    lookup: OnceLock<Zeroizing<[u8; 32]>>,
    audit: OnceLock<Zeroizing<[u8; 32]>>,
    data: RwLock<HashMap<PartnerId, DataKeys>>,
}

impl Keyring {
    pub(crate) fn new(masters: MasterKeys) -> Self {
        Self { masters, lookup: OnceLock::new(), audit: OnceLock::new(), data: RwLock::default() }
    }

    pub(crate) fn masters(&self) -> &MasterKeys {
        &self.masters
    }

    pub(crate) fn set_lookup_key(&self, key: [u8; 32]) {
        self.lookup.get_or_init(|| Zeroizing::new(key));
    }

    pub(crate) fn set_audit_key(&self, key: [u8; 32]) {
        self.audit.get_or_init(|| Zeroizing::new(key));
    }

    /// The key of the audit trail's chain.
    pub(crate) fn audit_key(&self) -> &[u8; 32] {
        self.audit.get().expect("the store loads its keys before it is handed out")
    }

    /// The key that seals where calls came from. A call with a refused token has no operator with a key.
    pub(crate) fn origin_key(&self) -> DataKey {
        DataKey::new(self.tag(&[b"origin of calls"]))
    }

    /// The key that seals the request log.
    pub(crate) fn request_key(&self) -> DataKey {
        DataKey::new(self.tag(&[b"request log"]))
    }

    pub(crate) fn data_keys(&self, partner: PartnerId) -> Option<DataKeys> {
        self.data.read().unwrap_or_else(PoisonError::into_inner).get(&partner).cloned()
    }

    pub(crate) fn remember(&self, partner: PartnerId, keys: DataKeys) {
        self.data.write().unwrap_or_else(PoisonError::into_inner).insert(partner, keys);
    }

    /// Forgets the data keys in memory, as time would.
    #[cfg(feature = "test-support")]
    pub fn forget_data_keys(&self) {
        self.data.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The keyed hash by which a value can be found without being readable. `kind` keeps equal values of different
    /// columns apart.
    pub fn lookup(&self, kind: &str, value: &str) -> String {
        let tag = self.tag(&[kind.as_bytes(), &[0], value.as_bytes()]);
        hex(&tag)
    }

    /// The keyed hash of a term by which customers are found, in 48 bits. It is the same for every partner.
    pub fn search_code(&self, term: &Term) -> i64 {
        let tag = self.tag(&[b"search", &[0], term.kind().as_bytes(), &[0], term.value().as_bytes()]);
        tag[..6].iter().fold(0, |code, byte| code << 8 | i64::from(*byte))
    }

    /// A code that sorts as the name does, without revealing it.
    ///
    /// Each character becomes a 16-bit number by an increasing table that is drawn from a keyed hash of the characters
    /// before it. Equal beginnings have equal codes, and the order is kept. An index sorted by name reveals that
    /// anyway; the code does not hold the characters themselves. Case and Brazilian accents do not count, nor does any
    /// character after the first [`SORTED`] ones.
    pub fn sort_code(&self, partner: PartnerId, name: &str) -> String {
        let folded: Vec<u8> = name.chars().take(SORTED).map(symbol).collect();
        let partner = partner.to_string();
        // The hash of the characters so far. The next character's hash continues it.
        let mut so_far = <Hmac<Sha512> as hmac::KeyInit>::new(&key_block(&self.lookup_key()).into());
        so_far.update(b"sort");
        so_far.update(partner.as_bytes());
        let mut code = Vec::with_capacity(folded.len() * 2);
        for symbol in folded {
            // A gap for each symbol of the alphabet.
            let gaps: [u8; 64] = so_far.clone().finalize().into_bytes().into();
            let value: u16 = gaps[..=usize::from(symbol)].iter().map(|gap| u16::from(*gap) + 1).sum();
            code.extend(value.to_be_bytes());
            so_far.update(&[symbol]);
        }
        hex(&code)
    }

    fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&key_block(&self.lookup_key()).into());
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn lookup_key(&self) -> [u8; 32] {
        **self.lookup.get().expect("a store loads its look-up key when it is opened")
    }
}

/// HMAC pads keys to the hash's block. With the padding done here, the constructor cannot fail.
pub(crate) fn key_block<const BLOCK: usize>(key: &[u8; 32]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..32].copy_from_slice(key);
    block
}

/// The last symbol of the alphabet.
const OTHER_LETTER: u8 = 38;
/// Number of characters of a name that decide its place.
const SORTED: usize = 48;

/// A character's place in the alphabet: space, marks, digits, letters, other letters.
fn symbol(character: char) -> u8 {
    let lower = character.to_lowercase().next().expect("a lower-case form has at least one character");
    let plain = match lower {
        'á' | 'à' | 'â' | 'ã' | 'ä' => 'a',
        'é' | 'è' | 'ê' | 'ë' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        'ñ' => 'n',
        other => other,
    };
    match plain {
        ' ' => 0,
        '0'..='9' => u8::try_from(plain).map_or(OTHER_LETTER, |digit| digit - b'0' + 2),
        'a'..='z' => u8::try_from(plain).map_or(OTHER_LETTER, |letter| letter - b'a' + 12),
        other if other.is_alphabetic() => OTHER_LETTER,
        _ => 1,
    }
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).collect()
}

/// HMAC-SHA-256 in lower-case hex.
pub(crate) fn hmac_hex(key: &[u8; 32], text: &[u8]) -> String {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&key_block(key).into());
    mac.update(text);
    hex(&mac.finalize().into_bytes())
}

/// SHA-256 in lower-case hex, for the storage of random secrets and fingerprints.
pub fn sha256_hex(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use domain::id::ResourceId;
    use domain::time::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn keyring() -> Keyring {
        let keyring = Keyring::new(MasterKey::new([7; 32]).into());
        keyring.set_lookup_key([9; 32]);
        keyring
    }

    fn partner() -> PartnerId {
        PartnerId::new(Timestamp::from_seconds(1_700_000_000), [1; 10])
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_row() {
        let key = DataKey::new([1; 32]);
        let sealed = key.seal([2; 12], "customers:a", b"529.982.247-25");
        assert_eq!(key.open("customers:a", &sealed).unwrap(), b"529.982.247-25");
        assert!(key.open("customers:b", &sealed).is_err());
        assert!(DataKey::new([3; 32]).open("customers:a", &sealed).is_err());
        let mut tampered = sealed.clone();
        tampered[15] ^= 1;
        assert!(key.open("customers:a", &tampered).is_err());
        assert!(key.open("customers:a", &sealed[..5]).is_err());
    }

    #[test]
    fn equal_values_of_different_columns_have_different_hashes() {
        let keyring = keyring();
        assert_ne!(keyring.lookup("cpf", "1"), keyring.lookup("cnpj", "1"));
        assert_eq!(keyring.lookup("cpf", "1"), keyring.lookup("cpf", "1"));
    }

    #[test]
    fn the_code_of_a_name_never_changes() {
        // New codes are compared with stored ones, so their computation never changes.
        assert_eq!(keyring().sort_code(partner(), "João"), "098e0da2064a0c95");
        assert_eq!(hex(&[0, 9, 0x1f, 0xa0, 0xff]), "00091fa0ff");
    }

    #[test]
    fn a_name_sorts_by_its_code_without_its_accents() {
        let keyring = keyring();
        let code = |name| keyring.sort_code(partner(), name);
        let sorted =
            ["10 Lanches", "2 Irmãos", "Ana", "Ana 1", "Ana 2", "Ana Lima", "André", "Ângela", "Bruno", "Zé"];
        assert!(sorted.windows(2).all(|pair| code(pair[0]) < code(pair[1])));
        assert_eq!(code("JOÃO"), code("joao"));
        assert!(!code("Ana").contains("416e61"));
    }

    proptest! {
        #[test]
        fn codes_keep_the_order_of_names(a in "[a-z0-9 ]{1,40}", b in "[a-z0-9 ]{1,40}") {
            let keyring = keyring();
            let codes = (keyring.sort_code(partner(), &a), keyring.sort_code(partner(), &b));
            prop_assert_eq!(codes.0.cmp(&codes.1), a.cmp(&b));
        }
    }
}
