//! People who sign in to the console: their address, their password and their second factors.

use std::fmt;

use crate::closed::{Changed, closed};
use crate::id::OperatorId;
use crate::person::Email;
use crate::time::RealTime;

/// The hash of a password, with its algorithm, parameters and salt in PHC form.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(pub String);

/// The secret that a person's authenticator app shares with the server.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthenticatorSecret(pub Vec<u8>);

macro_rules! secret_debug {
    ($($name:ident),+) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[secret]")
            }
        }
    )+};
}

secret_debug!(PasswordHash, AuthenticatorSecret);

/// A person's authenticator app (TOTP, RFC 6238).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// The shared secret.
    pub secret: AuthenticatorSecret,
    /// The time step of the last code that was used. Codes of this step and before it no longer work.
    pub last_step: u64,
}

/// A passkey (WebAuthn) of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// The id of the credential, in base64url.
    pub id: String,
    /// Its name, for the person.
    pub name: String,
    /// Its public key with the counter, as the library's JSON.
    pub document: String,
    /// Time at which it was added.
    pub added_at: RealTime,
    /// Time of its last use.
    pub used_at: Option<RealTime>,
}

/// An account at the lender's own provider (OpenID Connect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// The provider.
    pub issuer: String,
    /// The provider's name for the account. It never changes, and is never given to another account.
    pub subject: String,
}

closed! {
    /// A person. Only its commands change it.
    pub struct Person(PersonRecord);
}

/// The fields of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRecord {
    /// The operator that the person is.
    pub id: OperatorId,
    /// The address with which the person signs in.
    pub email: Email,
    /// The account at the lender's provider. A person with one signs in there alone.
    pub provider: Option<Subject>,
    /// The password, if the person has chosen one.
    pub password: Option<PasswordHash>,
    /// The authenticator app, if the person has one.
    pub authenticator: Option<Authenticator>,
    /// SHA-256 of the recovery codes that are left. Each stands in for a second factor once.
    pub recovery_codes: Vec<String>,
    /// The passkeys.
    pub passkeys: Vec<Passkey>,
    /// Time of creation.
    pub created_at: RealTime,
}

/// Most passkeys of a person.
pub const MOST_PASSKEYS: usize = 10;

/// The person is linked to another account at the provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the person has another account at the provider")]
pub struct OtherAccount;

/// The reason why a factor was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FactorRefused {
    /// The code was used before, or the code is not one of the person's.
    #[error("the code does not work, or was used before")]
    Wrong,
    /// There is no such passkey or authenticator app.
    #[error("the person has no such factor")]
    Unknown,
    /// The lender's provider signs the person in.
    #[error("the lender's provider signs the person in")]
    AtProvider,
    /// There are as many passkeys as a person may have.
    #[error("a person has at most {MOST_PASSKEYS} passkeys")]
    TooMany,
    /// Without it the person would have no second factor.
    #[error("this is the last second factor")]
    Last,
}

impl Person {
    /// A person who has chosen nothing yet.
    pub fn create(id: OperatorId, email: Email, now: RealTime) -> Changed<Self> {
        Changed::silent(Self(PersonRecord {
            id,
            email,
            provider: None,
            password: None,
            authenticator: None,
            recovery_codes: Vec::new(),
            passkeys: Vec::new(),
            created_at: now,
        }))
    }

    /// Whether the person has an authenticator app.
    pub fn has_authenticator(&self) -> bool {
        self.authenticator.is_some()
    }

    /// Links the person to an account at the lender's provider. The provider alone signs the person in from now on, so
    /// the person's own factors end. Otherwise whom the provider shuts out could still use a password.
    pub fn link(self, account: Subject) -> Result<Changed<Self>, OtherAccount> {
        match &self.provider {
            Some(known) if *known != account => Err(OtherAccount),
            Some(_same) => Ok(Changed::silent(self)),
            None => {
                let mut linked = self.forget_factors().into_value();
                linked.0.provider = Some(account);
                Ok(Changed::silent(linked))
            }
        }
    }

    /// Whether a password alone does not sign the person in.
    pub fn has_second_factor(&self) -> bool {
        self.has_authenticator() || !self.passkeys.is_empty()
    }

    /// Chooses a password.
    pub fn choose_password(mut self, hash: PasswordHash) -> Changed<Self> {
        self.0.password = Some(hash);
        Changed::silent(self)
    }

    /// Sets up an authenticator app with new recovery codes. `step` is the step of the code that proved the secret.
    pub fn set_authenticator(
        mut self, secret: AuthenticatorSecret, step: u64, recovery_codes: Vec<String>,
    ) -> Changed<Self> {
        self.0.authenticator = Some(Authenticator { secret, last_step: step });
        self.0.recovery_codes = recovery_codes;
        Changed::silent(self)
    }

    /// Replaces the recovery codes. They stand in for a second factor, so only a person with one has them.
    pub fn replace_recovery_codes(mut self, hashes: Vec<String>) -> Result<Changed<Self>, FactorRefused> {
        if !self.has_second_factor() {
            return Err(FactorRefused::Unknown);
        }
        self.0.recovery_codes = hashes;
        Ok(Changed::silent(self))
    }

    /// Uses the code of a time step. A code works once.
    pub fn use_code(mut self, step: u64) -> Result<Changed<Self>, FactorRefused> {
        let authenticator = self.0.authenticator.as_mut().ok_or(FactorRefused::Wrong)?;
        if step <= authenticator.last_step {
            return Err(FactorRefused::Wrong);
        }
        authenticator.last_step = step;
        Ok(Changed::silent(self))
    }

    /// Uses a recovery code, which then no longer works.
    pub fn use_recovery_code(mut self, hash: &str) -> Result<Changed<Self>, FactorRefused> {
        let place = self.recovery_codes.iter().position(|code| code == hash).ok_or(FactorRefused::Wrong)?;
        self.0.recovery_codes.remove(place);
        Ok(Changed::silent(self))
    }

    /// Adds a passkey. A person without a second factor needs recovery codes too.
    pub fn add_passkey(mut self, passkey: Passkey) -> Result<Changed<Self>, FactorRefused> {
        if self.passkeys.len() >= MOST_PASSKEYS {
            return Err(FactorRefused::TooMany);
        }
        self.0.passkeys.retain(|known| known.id != passkey.id);
        self.0.passkeys.push(passkey);
        Ok(Changed::silent(self))
    }

    /// Notes a use of a passkey, with its changed document.
    pub fn use_passkey(
        mut self, id: &str, document: String, now: RealTime,
    ) -> Result<Changed<Self>, FactorRefused> {
        let passkey =
            self.0.passkeys.iter_mut().find(|known| known.id == id).ok_or(FactorRefused::Unknown)?;
        passkey.document = document;
        passkey.used_at = Some(now);
        Ok(Changed::silent(self))
    }

    /// Removes a passkey, unless the person would have no second factor without it.
    pub fn remove_passkey(mut self, id: &str) -> Result<Changed<Self>, FactorRefused> {
        let before = self.passkeys.len();
        self.0.passkeys.retain(|known| known.id != id);
        if self.passkeys.len() == before {
            return Err(FactorRefused::Unknown);
        }
        if self.has_second_factor() { Ok(Changed::silent(self)) } else { Err(FactorRefused::Last) }
    }

    /// Forgets the password, every factor and the account at the provider. The person then chooses them again, by a link.
    pub fn forget_factors(mut self) -> Changed<Self> {
        self.0.provider = None;
        self.0.password = None;
        self.0.authenticator = None;
        self.0.recovery_codes.clear();
        self.0.passkeys.clear();
        Changed::silent(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ResourceId as _;

    const NOW: RealTime = RealTime::from_seconds(1_790_000_000);

    fn person() -> Person {
        let email = Email::parse("helena@example.com").unwrap();
        Person::create(OperatorId::new(NOW, [1; 10]), email, NOW).into_value()
    }

    fn with_app() -> Person {
        let codes = vec!["a".to_owned(), "b".to_owned()];
        let hash = PasswordHash("$argon2id$".to_owned());
        let person = person().choose_password(hash).into_value();
        person.set_authenticator(AuthenticatorSecret(vec![1; 20]), 10, codes).into_value()
    }

    fn passkey(id: &str) -> Passkey {
        Passkey {
            id: id.to_owned(),
            name: "MacBook".into(),
            document: "{}".into(),
            added_at: NOW,
            used_at: None,
        }
    }

    #[test]
    fn a_linked_person_has_no_factors_of_their_own_and_one_account() {
        let account =
            |subject: &str| Subject { issuer: "https://id.example".into(), subject: subject.into() };
        let linked = with_app().link(account("1")).unwrap().into_value();
        assert!(linked.password.is_none() && !linked.has_second_factor() && linked.recovery_codes.is_empty());
        assert_eq!(linked.clone().link(account("2")), Err(OtherAccount));
        assert_eq!(linked.clone().link(account("1")).unwrap().into_value(), linked);
        assert!(linked.forget_factors().into_value().provider.is_none());
    }

    #[test]
    fn a_code_works_once_and_older_ones_never() {
        let person = with_app();
        assert_eq!(person.clone().use_code(10), Err(FactorRefused::Wrong));
        let used = person.use_code(12).unwrap().into_value();
        assert_eq!(used.clone().use_code(12), Err(FactorRefused::Wrong));
        assert_eq!(used.use_code(11), Err(FactorRefused::Wrong));
    }

    #[test]
    fn new_recovery_codes_replace_the_old_ones() {
        let new = with_app().replace_recovery_codes(vec!["c".to_owned()]).unwrap().into_value();
        assert_eq!(new.clone().use_recovery_code("a"), Err(FactorRefused::Wrong));
        assert!(new.use_recovery_code("c").is_ok());
        assert_eq!(person().replace_recovery_codes(Vec::new()), Err(FactorRefused::Unknown));
    }

    #[test]
    fn a_recovery_code_works_once() {
        let used = with_app().use_recovery_code("b").unwrap().into_value();
        assert_eq!(used.recovery_codes, ["a"]);
        assert_eq!(used.use_recovery_code("b"), Err(FactorRefused::Wrong));
    }

    #[test]
    fn nobody_removes_their_last_second_factor() {
        let only = person().add_passkey(passkey("k")).unwrap().into_value();
        assert!(only.has_second_factor());
        assert_eq!(only.clone().remove_passkey("x"), Err(FactorRefused::Unknown));
        assert_eq!(only.remove_passkey("k"), Err(FactorRefused::Last));
        let both = with_app().add_passkey(passkey("k")).unwrap().into_value();
        assert!(both.remove_passkey("k").unwrap().value().passkeys.is_empty());
    }

    #[test]
    fn a_person_has_at_most_ten_passkeys_and_each_once() {
        let mut person = with_app();
        for number in 0..MOST_PASSKEYS {
            person = person.add_passkey(passkey(&number.to_string())).unwrap().into_value();
        }
        assert_eq!(person.clone().add_passkey(passkey("more")), Err(FactorRefused::TooMany));
        let fewer = person.remove_passkey("3").unwrap().into_value();
        let again = fewer.add_passkey(passkey("4")).unwrap().into_value();
        assert_eq!(again.passkeys.len(), MOST_PASSKEYS - 1);
        let used = again.use_passkey("4", "{1}".to_owned(), NOW).unwrap().into_value();
        assert!(used.passkeys.iter().any(|known| known.document == "{1}" && known.used_at == Some(NOW)));
        assert_eq!(used.use_passkey("3", String::new(), NOW), Err(FactorRefused::Unknown));
    }

    #[test]
    fn secrets_are_never_printed() {
        assert!(!format!("{:?}", with_app()).contains("argon2id"));
    }
}
