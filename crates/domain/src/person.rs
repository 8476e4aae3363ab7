//! Names and contacts of people and companies, each with one constructor that may fail.

use std::fmt;

use crate::visible::{self, Unfit};

/// The reason why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// It is empty or too long.
    #[error("a name has 1 to 120 characters")]
    Length,
    /// People could not read it, or it would mislead them.
    #[error("a name {0}")]
    Unfit(#[from] Unfit),
}

/// The text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address, such as ana@example.com")]
pub struct InvalidEmail;

/// The text is not an E.164 telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a telephone number in E.164 form, such as +5511999999999")]
pub struct InvalidPhone;

macro_rules! private_text {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        /// Hides the text: logs hold no names and no contacts.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("[private]")
            }
        }
    )*};
}

private_text! {
    /// A person's or a company's name, trimmed, 1 to 120 characters.
    Name;
    /// An e-mail address.
    Email;
    /// A telephone number in E.164: `+` and 8 to 15 digits.
    Phone;
}

impl Name {
    /// Trims and checks a name.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        let text = text.trim();
        let length = text.chars().count();
        if length == 0 || length > 120 {
            return Err(InvalidName::Length);
        }
        visible::check_name(text)?;
        Ok(Self(text.to_owned()))
    }

    /// A stored name. It is not checked, because the rules may have become stricter since.
    pub fn kept(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl Email {
    /// Checks the shape that mail systems accept without quoting: `local@domain.tld`, at most 254 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let (local, domain) = text.split_once('@').ok_or(InvalidEmail)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b))
            && !local.split('.').any(str::is_empty);
        let label_ok = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if text.len() > 254 || !local_ok || !domain.contains('.') || !domain.split('.').all(label_ok) {
            return Err(InvalidEmail);
        }
        Ok(Self(text.to_owned()))
    }

    /// The address as it is compared: its case does not count.
    pub fn mailbox(&self) -> String {
        self.0.to_lowercase()
    }
}

impl Phone {
    /// Checks E.164: a plus sign, then 8 to 15 digits of which the first is not zero.
    pub fn parse(text: &str) -> Result<Self, InvalidPhone> {
        let digits = text.strip_prefix('+').ok_or(InvalidPhone)?;
        let well_formed = (8..=15).contains(&digits.len())
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !digits.starts_with('0');
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidPhone) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_with_tags_are_accepted_and_malformed_ones_refused() {
        let email = Email::parse("ana+kyc_rejected+ltda@example.com").unwrap();
        assert_eq!(email.as_str(), "ana+kyc_rejected+ltda@example.com");
        for text in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "ana@example",
            "a na@example.com",
            "ana@exam ple.com",
            "ana@@example.com",
            "ana@example..com",
            "ana.@example.com",
            "ana@-example.com",
            "ana@example.com\n",
        ] {
            assert_eq!(Email::parse(text), Err(InvalidEmail), "{text}");
        }
    }

    #[test]
    fn telephone_numbers_are_e164() {
        assert!(Phone::parse("+5511999999999").is_ok());
        for text in ["", "11999999999", "+0511999999999", "+55 11 99999", "+1234567", "+1234567890123456"] {
            assert_eq!(Phone::parse(text), Err(InvalidPhone), "{text}");
        }
    }

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(Name::parse("  João da Silva ").unwrap().as_str(), "João da Silva");
        for text in ["", "   ", &"x".repeat(121)] {
            assert_eq!(Name::parse(text), Err(InvalidName::Length));
        }
        assert_eq!(Name::parse("a\u{0}b"), Err(InvalidName::Unfit(Unfit::Control)));
        let message = Name::parse("Ana\u{202e}").unwrap_err().to_string();
        assert!(message.contains("direction"), "{message}");
    }
}
