//! Settings that no message may show.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use zeroize::Zeroize as _;

/// A text that is used but never printed, not even by `{:?}`. Its memory is zeroed when it is dropped.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Hidden(String);

impl Hidden {
    /// The secret text, for its use.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl FromStr for Hidden {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(text)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Flags};
    use super::*;

    #[test]
    fn printed_flags_and_configuration_show_no_secret() {
        let hidden = |text: &str| Some(Hidden::from(text.to_owned()));
        let key = "5ec4e7".repeat(11)[..64].to_owned();
        let flags = Flags {
            database: hidden("postgres://dinie:5ec4e7@db/dinie"),
            master_key: Some(key.into()),
            smtp_url: hidden("smtp://dinie:5ec4e7@mail.example"),
            sso_client_secret: hidden("5ec4e7"),
            mail_from: Some("dinie@example.com".into()),
            ..Flags::default()
        };
        let config = Config::load(&flags).unwrap();
        let printed = format!("{flags:?} {config:?} {config:#?}");
        assert!(printed.contains("[hidden]") && printed.contains("dinie@example.com"));
        assert!(!printed.contains("5ec4e7"), "{printed}");
    }
}
