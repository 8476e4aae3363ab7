//! The calls of a PKCS#11 library. Only its own thread makes them.
//!
//! A library may lose its token and find it again. After a failure it is therefore asked whether its key still gives the same
//! fingerprint. If not, everything is closed, the library begins anew, and the call is repeated once.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use sha2::{Digest as _, Sha256};

use super::error::KmsError;
use super::held::Fingerprint;
use super::place::TokenPlace;
use crate::ciphers::NONCE;
use crate::random::Random;

/// Bits of a tag of AES-GCM.
const TAG_BITS: u64 = 128;
/// The shortest time between two attempts to find a lost token.
const PAUSE: Duration = Duration::from_secs(1);
/// The constant by which a key is recognised. Its nonce is used for nothing else: the others are random.
const MARK: (&str, [u8; NONCE], [u8; 32]) = ("dinie master key", [0; NONCE], [0; 32]);

/// A key whose session is open.
struct Opened {
    place: TokenPlace,
    session: Session,
    key: ObjectHandle,
}

/// A library with its sessions.
pub(super) struct Module {
    path: PathBuf,
    /// Loaded once. To unload a library is not safe with every vendor's.
    library: Option<Pkcs11>,
    is_started: bool,
    opened: Vec<Opened>,
    /// Places whose PIN was refused. A token locks itself after a few wrong PINs.
    wrong_pins: Vec<TokenPlace>,
    /// The keys that were lost, with the last attempt to find each and its failure.
    lost: Vec<(TokenPlace, Instant, KmsError)>,
}

impl Module {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            library: None,
            is_started: false,
            opened: Vec::new(),
            wrong_pins: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// Finds a key and returns its fingerprint.
    pub(super) fn fingerprint(&mut self, place: &TokenPlace) -> Result<Fingerprint, KmsError> {
        if self.find(place).is_none() {
            self.open(place)?;
        }
        let opened = self.find(place).expect("it was opened above");
        opened.fingerprint().map_err(|error| failed(&error))
    }

    pub(super) fn encrypt(
        &mut self, of: (&TokenPlace, Fingerprint), nonce: [u8; NONCE], name: &str, plain: &[u8],
    ) -> Result<Vec<u8>, KmsError> {
        self.call(of, |opened| opened.encrypt(nonce, name, plain))
    }

    pub(super) fn decrypt(
        &mut self, of: (&TokenPlace, Fingerprint), nonce: [u8; NONCE], name: &str, sealed: &[u8],
    ) -> Result<Vec<u8>, KmsError> {
        self.call(of, |opened| opened.decrypt(nonce, name, sealed))
    }

    /// Makes a key of 32 bytes that never leaves the token, and encrypts and decrypts only.
    pub(super) fn make(&mut self, place: &TokenPlace) -> Result<(), KmsError> {
        let library = self.started()?;
        let session = library.open_rw_session(self.slot(&library, place)?).map_err(|error| failed(&error))?;
        self.log_in(&session, place)?;
        let (class, label) = named(place);
        if !session.find_objects(&[class, label.clone()]).map_err(|error| failed(&error))?.is_empty() {
            return Err(KmsError::Exists(place.key.clone()));
        }
        let attributes = [
            label,
            Attribute::Id(Random::open().bytes::<16>().to_vec()),
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
            Attribute::Wrap(false),
            Attribute::Unwrap(false),
            Attribute::Sign(false),
            Attribute::Verify(false),
            Attribute::ValueLen(32.into()),
        ];
        session.generate_key(&Mechanism::AesKeyGen, &attributes).map_err(|error| failed(&error))?;
        Ok(())
    }

    /// Closes everything. The next call begins anew.
    pub(super) fn forget(&mut self) {
        self.opened.clear();
        if let Some(library) = self.library.clone().filter(|_| self.is_started) {
            // A library that lost its token may refuse, and is started anew all the same.
            let _refused = library.finalize();
        }
        self.is_started = false;
    }

    /// Calls with an open key, and once more with everything opened anew if the first call failed by the token.
    fn call<T>(
        &mut self, (place, known): (&TokenPlace, Fingerprint), work: impl Fn(&Opened) -> Result<T, Error>,
    ) -> Result<T, KmsError> {
        if let Some(opened) = self.find(place) {
            let error = match work(opened) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            // Libraries report wrong bytes and lost tokens by the same codes.
            if opened.fingerprint().is_ok_and(|found| found == known) {
                return work(opened).map_err(|error| KmsError::Refused(plain(&error)));
            }
            tracing::warn!(
                error = plain(&error),
                token = place.token,
                "the token of the master key is lost; it is opened again"
            );
            self.forget();
        }
        self.find_again(place, known)?;
        let opened = self.find(place).expect("it was found above");
        work(opened).map_err(|error| KmsError::Refused(plain(&error)))
    }

    fn find_again(&mut self, place: &TokenPlace, known: Fingerprint) -> Result<(), KmsError> {
        let lost = self.lost.iter().find(|(of, at, _)| of == place && at.elapsed() < PAUSE);
        if let Some((_, _, error)) = lost {
            return Err(error.clone());
        }
        let found = self.fingerprint(place).and_then(|found| {
            if found == known { Ok(()) } else { Err(KmsError::OtherKey(place.key.clone())) }
        });
        match &found {
            Ok(()) => tracing::info!(token = place.token, "the token of the master key is open again"),
            // A module that is half open would hide a token that comes back.
            Err(_) => self.forget(),
        }
        self.lost.retain(|(of, ..)| of != place);
        self.lost.extend(found.clone().err().map(|error| (place.clone(), Instant::now(), error)));
        found
    }

    fn find(&self, place: &TokenPlace) -> Option<&Opened> {
        self.opened.iter().find(|one| one.place == *place)
    }

    /// The library, loaded and started.
    fn started(&mut self) -> Result<Pkcs11, KmsError> {
        let wrong = |error: Error| KmsError::Module(self.path.clone(), plain(&error));
        let library = match &self.library {
            Some(library) => library.clone(),
            None => Pkcs11::new(&self.path).map_err(wrong)?,
        };
        self.library = Some(library.clone());
        if !self.is_started {
            match library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
                Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
                Err(error) => return Err(wrong(error)),
            }
        }
        self.is_started = true;
        Ok(library)
    }

    fn open(&mut self, place: &TokenPlace) -> Result<(), KmsError> {
        let library = self.started()?;
        let session = library.open_ro_session(self.slot(&library, place)?).map_err(|error| failed(&error))?;
        self.log_in(&session, place)?;
        let (class, label) = named(place);
        let found = session.find_objects(&[class, label]).map_err(|error| failed(&error))?;
        let [key] = found[..] else {
            let (key, token) = (place.key.clone(), place.token.clone());
            return Err(if found.is_empty() {
                KmsError::NoKey { key, token }
            } else {
                KmsError::SeveralKeys(key)
            });
        };
        if let Some(fault) = fault(&session, key).map_err(|error| failed(&error))? {
            return Err(KmsError::Unfit(place.key.clone(), fault));
        }
        let opened = Opened { place: place.clone(), session, key };
        if !opened.opens_what_it_seals().map_err(|error| failed(&error))? {
            return Err(KmsError::Unfit(place.key.clone(), "the token takes no nonce from its caller"));
        }
        self.opened.push(opened);
        Ok(())
    }

    /// The slot whose token has the name.
    fn slot(&self, library: &Pkcs11, place: &TokenPlace) -> Result<Slot, KmsError> {
        let slots = library.get_slots_with_token().map_err(|error| failed(&error))?;
        // A slot that fails is as good as empty.
        let label = |slot: &Slot| library.get_token_info(*slot).ok().filter(TokenInfo::token_initialized);
        let labels: Vec<(Slot, String)> = slots
            .into_iter()
            .filter_map(|slot| label(&slot).map(|info| (slot, info.label().trim_end().to_owned())))
            .collect();
        let mut fitting = labels.iter().filter(|(_, label)| *label == place.token);
        match (fitting.next(), fitting.next()) {
            (Some((slot, _)), None) => Ok(*slot),
            (Some(_), Some(_)) => Err(KmsError::SeveralTokens(place.token.clone())),
            (None, _) => {
                let shown: Vec<String> = labels.iter().map(|(_, label)| format!("{label:?}")).collect();
                let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
                Err(KmsError::NoToken { token: place.token.clone(), module: self.path.clone(), shown })
            }
        }
    }

    /// Logs a session in. A login counts for all sessions of a token, so a second key of it needs none, but the same PIN.
    fn log_in(&mut self, session: &Session, place: &TokenPlace) -> Result<(), KmsError> {
        let of_token = |one: &&Opened| one.place.token == place.token;
        let is_wrong = self.wrong_pins.contains(place)
            || self.opened.iter().find(of_token).is_some_and(|one| one.place.pin != place.pin);
        if is_wrong {
            return Err(KmsError::Pin(place.token.clone()));
        }
        match session.login(UserType::User, Some(&place.pin.to_string().into())) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(RvError::PinIncorrect | RvError::PinLenRange | RvError::PinInvalid, _)) => {
                self.wrong_pins.push(place.clone());
                Err(KmsError::Pin(place.token.clone()))
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(KmsError::Locked(place.token.clone())),
            Err(error) => Err(failed(&error)),
        }
    }
}

impl Opened {
    fn encrypt(&self, mut nonce: [u8; NONCE], name: &str, plain: &[u8]) -> Result<Vec<u8>, Error> {
        let parameters = GcmParams::new(&mut nonce, name.as_bytes(), TAG_BITS.into())?;
        self.session.encrypt(&Mechanism::AesGcm(parameters), self.key, plain)
    }

    fn decrypt(&self, mut nonce: [u8; NONCE], name: &str, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let parameters = GcmParams::new(&mut nonce, name.as_bytes(), TAG_BITS.into())?;
        self.session.decrypt(&Mechanism::AesGcm(parameters), self.key, sealed)
    }

    /// Whether the key decrypts a constant. A token that makes its own nonces, as some do in a FIPS mode, does not.
    fn opens_what_it_seals(&self) -> Result<bool, Error> {
        let (name, nonce, plain) = MARK;
        let sealed = self.encrypt(nonce, name, &plain)?;
        Ok(self.decrypt(nonce, name, &sealed).is_ok_and(|opened| opened == plain))
    }

    /// A hash of a constant that the key encrypts. Labels and ids could be those of another key.
    fn fingerprint(&self) -> Result<Fingerprint, Error> {
        let (name, nonce, plain) = MARK;
        let mark = self.encrypt(nonce, name, &plain)?;
        let hash = Sha256::new().chain_update(b"dinie master key in a token\0").chain_update(mark);
        let whole: [u8; 32] = hash.finalize().into();
        let mut fingerprint = Fingerprint::default();
        fingerprint.copy_from_slice(&whole[..16]);
        Ok(fingerprint)
    }
}

/// The attributes by which a key is found.
fn named(place: &TokenPlace) -> (Attribute, Attribute) {
    (Attribute::Class(ObjectClass::SECRET_KEY), Attribute::Label(place.key.as_bytes().to_vec()))
}

/// Why a key cannot be a master key.
fn fault(session: &Session, key: ObjectHandle) -> Result<Option<&'static str>, Error> {
    let asked = [
        AttributeType::KeyType,
        AttributeType::ValueLen,
        AttributeType::Sensitive,
        AttributeType::Extractable,
        AttributeType::Encrypt,
        AttributeType::Decrypt,
    ];
    Ok(fault_in(&session.get_attributes(key, &asked)?))
}

/// A property that the token does not name counts against its key.
fn fault_in(attributes: &[Attribute]) -> Option<&'static str> {
    let needed = [
        (Attribute::KeyType(KeyType::AES), "it is no AES key"),
        (Attribute::ValueLen(32.into()), "it has not 256 bits"),
        (Attribute::Sensitive(true), "its bytes can be read (CKA_SENSITIVE is false)"),
        (Attribute::Extractable(false), "its bytes can leave the token (CKA_EXTRACTABLE is true)"),
        (Attribute::Encrypt(true), "it may not encrypt (CKA_ENCRYPT is false)"),
        (Attribute::Decrypt(true), "it may not decrypt (CKA_DECRYPT is false)"),
    ];
    needed.into_iter().find(|(attribute, _)| !attributes.contains(attribute)).map(|(_, fault)| fault)
}

fn failed(error: &Error) -> KmsError {
    KmsError::Failed(plain(error))
}

/// The library's error: its code instead of the standard's sentences.
fn plain(error: &Error) -> String {
    match error {
        Error::LibraryLoading(error) => error.to_string(),
        Error::Pkcs11(code, function) => format!("C_{function:?} answers {code:?}"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_can_leave_its_token_is_no_master_key() {
        let good = [
            Attribute::KeyType(KeyType::AES),
            Attribute::ValueLen(32.into()),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Encrypt(true),
            Attribute::Decrypt(true),
        ];
        assert_eq!(fault_in(&good), None);
        let changed = |at: usize, attribute: Attribute| {
            let mut all = good.to_vec();
            all[at] = attribute;
            fault_in(&all).unwrap()
        };
        assert!(changed(1, Attribute::ValueLen(16.into())).contains("256 bits"));
        assert!(changed(2, Attribute::Sensitive(false)).contains("CKA_SENSITIVE"));
        assert!(changed(3, Attribute::Extractable(true)).contains("CKA_EXTRACTABLE"));
        assert!(fault_in(&good[..3]).unwrap().contains("CKA_EXTRACTABLE"));
    }
}
