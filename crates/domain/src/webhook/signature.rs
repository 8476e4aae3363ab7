//! Standard Webhooks 1.0 signatures: `v1,` and base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// A signing secret: 32 random bytes, shown as `whsec_` and base64.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// Wraps 32 random bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, which are sealed before they are stored.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The form for the partner, who receives it once.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.0))
    }

    /// Signs one attempt.
    fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        sign_with(&self.0, id, timestamp, body)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The `webhook-signature` header: one entry for each live secret, separated by spaces.
pub fn header(secrets: &[&Secret], id: &str, timestamp: i64, body: &[u8]) -> String {
    let entries: Vec<String> = secrets.iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    entries.join(" ")
}

fn sign_with(key: &[u8], id: &str, timestamp: i64, body: &[u8]) -> String {
    // HMAC accepts keys of any length, so the error cannot occur.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(format!("{id}.{timestamp}.").as_bytes());
    mac.update(body);
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks reference implementations, and the example of Svix's page on verifying
    /// manually.
    #[test]
    fn signatures_match_the_two_published_vectors() {
        let signed = |key: &str, id, timestamp, body: &str| {
            sign_with(&STANDARD.decode(key).unwrap(), id, timestamp, body.as_bytes())
        };
        assert_eq!(
            signed(
                "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                1_614_265_330,
                r#"{"test": 2432232314}"#
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert_eq!(
            signed(
                "plJ3nmyCDGBKInavdOK15jsl",
                "msg_loFOjxBNrRLzqYUf",
                1_731_705_121,
                r#"{"event_type":"ping","data":{"success":true}}"#
            ),
            "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
        );
    }

    #[test]
    fn a_header_has_one_entry_for_each_secret() {
        let (new, old) = (Secret::new([1; 32]), Secret::new([2; 32]));
        let both = header(&[&new, &old], "evt_1", 1, b"{}");
        assert_eq!(both, format!("{} {}", new.sign("evt_1", 1, b"{}"), old.sign("evt_1", 1, b"{}")));
    }

    #[test]
    fn a_secret_has_the_form_for_partners_and_debug_hides_it() {
        let secret = Secret::new([0; 32]);
        assert_eq!(secret.reveal(), "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        assert_eq!(format!("{secret:?}"), "[secret]");
    }
}
