//! Passwords: which are good enough, and their hashes (argon2id, RFC 9106).
//!
//! A password is judged by its length and by how soon it would be guessed, not by kinds of characters (NIST SP
//! 800-63B).
//! A hash takes tens of milliseconds and 19 MiB on purpose. So callers compute it outside a transaction, and away from
//! the threads that answer requests. Reasons: docs/decisions/0028.

use std::sync::LazyLock;

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use domain::access::PasswordHash;
use zxcvbn::Score;

/// The fewest characters.
pub const SHORTEST: usize = 12;
/// The most characters. A longer text would only take time.
pub const LONGEST: usize = 128;

/// The reason why a password was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordRefused {
    /// It has fewer than [`SHORTEST`] characters.
    TooShort,
    /// It has more than [`LONGEST`] characters.
    TooLong,
    /// It is known, or follows from the person's own words or from a pattern.
    Guessable,
}

/// Checks a new password. `own` are words that others know of the person: name, address, company.
pub fn check(password: &str, own: &[&str]) -> Result<(), PasswordRefused> {
    match password.chars().count() {
        ..SHORTEST => Err(PasswordRefused::TooShort),
        SHORTEST..=LONGEST if is_hard_to_guess(password, own) => Ok(()),
        SHORTEST..=LONGEST => Err(PasswordRefused::Guessable),
        _longer => Err(PasswordRefused::TooLong),
    }
}

/// Whether it would take about 100 million guesses, by somebody who tries the person's own words early.
fn is_hard_to_guess(password: &str, own: &[&str]) -> bool {
    let words = |text: &&str| -> Vec<String> {
        text.split(|sign: char| !sign.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let apart: Vec<Vec<String>> = own.iter().map(words).collect();
    let together = apart.iter().map(|words| words.concat());
    let guesses: Vec<String> = together.chain(apart.iter().flatten().cloned()).collect();
    let guesses: Vec<&str> = guesses.iter().map(String::as_str).collect();
    zxcvbn::zxcvbn(password, &guesses).score() >= Score::Three
}

/// The hash of a password under a random salt.
///
/// # Panics
///
/// If there is no memory for it.
pub fn hash(password: &str, salt: [u8; 16]) -> PasswordHash {
    let hash = Argon2::default().hash_password_with_salt(password.as_bytes(), &salt);
    PasswordHash(hash.expect("the parameters are the library's own").to_string())
}

/// Whether a password has this hash. Without a hash it takes the same time and answers no, so that nobody learns from
/// the time which addresses have a password.
pub fn matches(password: &str, hash: Option<&PasswordHash>) -> bool {
    static OF_NOBODY: LazyLock<PasswordHash> = LazyLock::new(|| self::hash("", [0; 16]));
    // No person has a longer one, and a long text takes longer.
    let fits = password.chars().count() <= LONGEST;
    let given = if fits { password } else { "" };
    let known = hash.map_or_else(|| OF_NOBODY.0.as_str(), |hash| hash.0.as_str());
    let right = Argon2::default().verify_password(given.as_bytes(), known).is_ok();
    right && fits && hash.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_judged_by_length_and_guesses_and_not_by_kinds_of_characters() {
        let own = ["Rui Tavares", "rui@mercado-sol.example", "Financeira Lua"];
        assert_eq!(check("correct hors", &own), Ok(()));
        assert_eq!(check("cavalo bateria grampo certo", &own), Ok(()));
        assert_eq!(check("Xk3#mQ9!z", &own), Err(PasswordRefused::TooShort));
        for known in [
            "passwordpassword",
            "123456789012",
            "aaaaaaaaaaaaaaaa",
            "ruitavares12",
            "mercadosol99",
            "qwertyuiop123",
        ] {
            assert_eq!(check(known, &own), Err(PasswordRefused::Guessable), "{known}");
        }
        assert_eq!(check(&"é".repeat(129), &own), Err(PasswordRefused::TooLong));
    }

    #[test]
    fn only_the_password_matches_its_hash() {
        let hash = hash("cavalo bateria grampo certo", [7; 16]);
        assert!(hash.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "OWASP's parameters: {}", hash.0);
        assert!(matches("cavalo bateria grampo certo", Some(&hash)));
        assert!(!matches("cavalo bateria grampo errado", Some(&hash)));
        assert!(!matches("", None), "nobody has the password of nobody");
        assert!(!matches(&"x".repeat(200), Some(&self::hash("", [1; 16]))));
    }
}
