//! Logins of programs: `dinie login` asks, a person of the partner's team confirms by a code, and the program receives a
//! credential. As in RFC 8628, the program never sees the person's password, and the person never sees the secret.

use std::time::Duration;

use domain::credential::{Environment, Maker, Scope};
use domain::id::{OperatorId, PartnerId};
use domain::time::RealTime;
use store::partners::Partner;
use store::program_logins::{self, ProgramLogin};
use store::{Failed, StoreError, Tx};

use super::credentials::{self, CreateCredential, CreateCredentialRefused, CreatedCredential};
use crate::random;
use crate::refused::NotFound;

/// The time in which a person can confirm a login.
pub const VALIDITY: Duration = Duration::from_mins(10);
/// Letters of a code: none looks like another one, and without vowels they make no words.
const LETTERS: &[u8; 20] = b"BCDFGHJKLMNPQRSTVWXZ";
/// Letters in a code: 20⁸ codes for ten minutes.
const LENGTH: usize = 8;
/// Most characters of a program's name.
const MOST_NAME: usize = 60;

/// A login that has begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    /// The secret with which the program collects its credential.
    pub secret: String,
    /// The code for the person.
    pub code: String,
}

/// Begins a login. `name` is what the program calls itself.
pub fn begin(tx: &mut Tx<'_>, now: RealTime, name: &str) -> Result<Begun, StoreError> {
    let secret = format!("dinie_pl_{}", random::hex::<32>(tx));
    let code = new_code(tx);
    let login = ProgramLogin {
        code: code.clone(),
        name: name.to_owned(),
        confirmed: None,
        created_at: now,
        expires_at: now.plus(VALIDITY),
    };
    program_logins::insert(tx, &login, &secret)?;
    Ok(Begun { secret, code })
}

/// A name that people can read and that fits; `None` for any other.
pub fn name_of(text: &str) -> Option<String> {
    let name = text.trim();
    let fits = (1..=MOST_NAME).contains(&name.chars().count()) && domain::visible::check_name(name).is_ok();
    fits.then(|| name.to_owned())
}

/// A code as people type it, in its form.
pub fn code_of(text: &str) -> Option<String> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    let letters = letters.to_ascii_uppercase();
    let is_code = letters.len() == LENGTH && letters.bytes().all(|letter| LETTERS.contains(&letter));
    is_code.then(|| format!("{}-{}", &letters[..LENGTH / 2], &letters[LENGTH / 2..]))
}

fn new_code(tx: &mut Tx<'_>) -> String {
    let mut number = u64::from_be_bytes(tx.random_bytes());
    let mut letters = String::with_capacity(LENGTH + 1);
    for place in 0..LENGTH {
        if place == LENGTH / 2 {
            letters.push('-');
        }
        let letter = usize::try_from(number % 20).expect("the remainder is small");
        letters.push(char::from(LETTERS[letter]));
        number /= 20;
    }
    letters
}

/// The login that a person may confirm.
pub fn waiting(tx: &mut Tx<'_>, now: RealTime, code: &str) -> Result<ProgramLogin, Failed<NotFound>> {
    let login = program_logins::find_by_code(tx, code)?;
    let login = login.filter(|login| login.confirmed.is_none() && login.expires_at > now);
    login.ok_or(Failed::Refused(NotFound))
}

/// Confirms a login for a partner. Nobody else can confirm it afterwards.
pub fn confirm(
    tx: &mut Tx<'_>, tenant: PartnerId, now: RealTime, person: OperatorId, code: &str,
) -> Result<(), Failed<NotFound>> {
    if program_logins::confirm(tx, code, tenant, person, now)? {
        Ok(())
    } else {
        Err(Failed::Refused(NotFound))
    }
}

/// The reason why a program gets no credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CollectRefused {
    /// There is no such login, its time is over, or its credential was collected.
    NotFound,
    /// The partner has too many active credentials.
    TooMany,
}

/// Makes the credential of a confirmed login, once; `None` while nobody has confirmed it. It is made only now, so that no
/// secret is stored.
pub fn collect(
    tx: &mut Tx<'_>, now: RealTime, environment: Environment, secret: &str,
) -> Result<Option<(Partner, CreatedCredential)>, Failed<CollectRefused>> {
    let login = program_logins::find(tx, secret)?.filter(|login| login.expires_at > now);
    let login = login.ok_or(Failed::Refused(CollectRefused::NotFound))?;
    let Some((tenant, person)) = login.confirmed else { return Ok(None) };
    let partner = store::partners::find(tx, tenant)?.ok_or(Failed::Refused(CollectRefused::NotFound))?;
    if !program_logins::take(tx, secret)? {
        return Err(Failed::Refused(CollectRefused::NotFound));
    }
    let command = CreateCredential {
        environment,
        name: format!("dinie login: {}", login.name),
        scope: Scope::Partner,
        expires_at: None,
        created_by: Maker::Operator(person),
    };
    let created = credentials::create(tx, tenant, now, &command).map_err(|failed| {
        failed.map_refused(|refused| match refused {
            CreateCredentialRefused::TooMany => CollectRefused::TooMany,
            CreateCredentialRefused::NotFound
            | CreateCredentialRefused::AlreadyOver
            | CreateCredentialRefused::MakerEnded => CollectRefused::NotFound,
        })
    })?;
    Ok(Some((partner, created)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(code_of("bcdf ghjk").as_deref(), Some("BCDF-GHJK"));
        assert_eq!(code_of("BCDF-GHJK").as_deref(), Some("BCDF-GHJK"));
        assert!(code_of("BCDF-GHJ").is_none() && code_of("ABCD-EFGH").is_none());
    }

    #[test]
    fn a_programs_name_is_short_and_visible() {
        assert_eq!(name_of(" laptop ").as_deref(), Some("laptop"));
        assert!(
            name_of("").is_none() && name_of(&"x".repeat(61)).is_none() && name_of("a\u{202e}b").is_none()
        );
    }
}
