//! Codes of authenticator apps (TOTP, RFC 6238: SHA-1, six digits, thirty seconds), and recovery codes.

use domain::access::AuthenticatorSecret;
use domain::time::RealTime;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::Tx;
use store::seal::sha256_hex;
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a secret, as RFC 4226 recommends.
pub const SECRET: usize = 20;
/// Recovery codes of a person.
const RECOVERY_CODES: usize = 10;
/// The name under which apps show the code.
const ISSUER: &str = "Dinie";

/// A second factor as a person typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Six digits of the authenticator app.
    Code(String),
    /// The hash of a recovery code.
    Recovery(String),
}

impl Given {
    /// Reads a second factor. Spaces, hyphens and case do not count.
    pub fn read(text: &str) -> Self {
        let plain: String = text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect();
        if plain.len() == 6 && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(plain)
        } else {
            Self::Recovery(recovery_hash(text))
        }
    }
}

/// The text is not a secret of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSecret;

/// The secret in base32, for people who type it.
pub fn written(secret: &AuthenticatorSecret) -> String {
    Secret::from(secret.0.clone()).to_base32()
}

/// Reads a secret that [`written`] wrote.
pub fn read(text: &str) -> Result<AuthenticatorSecret, InvalidSecret> {
    let secret = Secret::try_from_base32(text).map_err(|_malformed| InvalidSecret)?;
    let bytes = secret.as_bytes().to_vec();
    if bytes.len() == SECRET { Ok(AuthenticatorSecret(bytes)) } else { Err(InvalidSecret) }
}

/// The address that apps read as a QR code.
pub fn address(secret: &AuthenticatorSecret, email: &str) -> String {
    let account = utf8_percent_encode(email, NON_ALPHANUMERIC);
    format!("otpauth://totp/{ISSUER}:{account}?secret={}&issuer={ISSUER}", written(secret))
}

/// The time step of a code, if it is a code of the last minute or so.
pub fn step_of(secret: &AuthenticatorSecret, code: &str, now: RealTime) -> Option<u64> {
    let time = u64::try_from(now.seconds()).ok()?;
    totp(secret)?.check(code, time)
}

fn totp(secret: &AuthenticatorSecret) -> Option<Totp> {
    Builder::new().with_secret(secret.0.clone()).build().ok()
}

/// New recovery codes, and the hashes that are stored.
pub fn recovery_codes(tx: &mut Tx<'_>) -> (Vec<String>, Vec<String>) {
    let code = |tx: &mut Tx<'_>| {
        let digits = store::seal::hex(&tx.random_bytes::<8>());
        format!("{}-{}-{}-{}", &digits[..4], &digits[4..8], &digits[8..12], &digits[12..])
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code(tx)).collect();
    let hashes = codes.iter().map(|code| recovery_hash(code)).collect();
    (codes, hashes)
}

/// The hash of a recovery code. Spaces, hyphens and case do not count.
pub fn recovery_hash(code: &str) -> String {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    sha256_hex(plain.to_ascii_lowercase().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, has the secret `12345678901234567890` and the last six of these digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = AuthenticatorSecret(b"12345678901234567890".to_vec());
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            let now = RealTime::from_seconds(seconds);
            assert!(step_of(&secret, code, now).is_some(), "{seconds}");
            assert_eq!(step_of(&secret, "000000", now), None);
        }
    }

    #[test]
    fn a_code_is_of_its_own_step_also_in_the_next_one() {
        let secret = AuthenticatorSecret(b"12345678901234567890".to_vec());
        let at = |seconds| step_of(&secret, "287082", RealTime::from_seconds(seconds));
        assert_eq!(at(59), at(60), "a slow typist");
        assert_eq!(at(59), Some(1));
        assert_eq!(at(120), None);
    }

    #[test]
    fn a_secret_reads_back_and_others_do_not() {
        let secret = AuthenticatorSecret(vec![7; 20]);
        assert_eq!(read(&written(&secret)).unwrap(), secret);
        assert!(read("MZXW6").is_err() && read("não").is_err());
        assert!(address(&secret, "a@b.example").starts_with("otpauth://totp/Dinie:a%40b%2Eexample?secret="));
    }

    #[test]
    fn six_digits_are_a_code_and_anything_else_a_recovery_code() {
        assert_eq!(Given::read(" 123 456 "), Given::Code("123456".to_owned()));
        assert_eq!(Given::read("AB12-CD34"), Given::Recovery(recovery_hash("ab12cd34")));
        assert_eq!(Given::read("1234567"), Given::Recovery(recovery_hash("1234567")));
    }

    #[test]
    fn a_recovery_code_is_the_same_however_it_is_typed() {
        assert_eq!(recovery_hash("ab12-cd34"), recovery_hash("AB12 CD34"));
    }
}
