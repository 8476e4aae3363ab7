//! An id with a tag from a keyed hash. A link made of it can be checked without being stored, and nobody can invent
//! one.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::id::ResourceId;

/// An id and its tag: 33 letters and digits, so that it fits a Pix txid (26 to 35).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tagged {
    uuid: Uuid,
    tag: u64,
}

/// The text is not an id with a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id with its tag")]
pub struct InvalidTagged;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of base 62 that hold 128 bits.
const ID_DIGITS: usize = 22;
/// Digits of base 62 that hold 64 bits.
const TAG_DIGITS: usize = 11;

impl Tagged {
    /// Joins an id and its tag.
    pub fn new(id: impl ResourceId, tag: u64) -> Self {
        Self { uuid: id.uuid(), tag }
    }

    /// The id. The tag tells nothing about its kind, so the caller names it.
    pub fn id<I: ResourceId>(self) -> I {
        I::from_uuid(self.uuid)
    }

    /// The tag, for comparison with the expected one.
    pub fn tag(self) -> u64 {
        self.tag
    }
}

impl fmt::Display for Tagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&digits::<ID_DIGITS>(self.uuid.as_u128()))?;
        f.write_str(&digits::<TAG_DIGITS>(u128::from(self.tag)))
    }
}

fn digits<const N: usize>(mut number: u128) -> String {
    let mut text = [b'0'; N];
    for digit in text.iter_mut().rev() {
        let place = usize::try_from(number % 62).expect("a remainder of 62 fits");
        *digit = ALPHABET[place];
        number /= 62;
    }
    text.iter().map(|digit| char::from(*digit)).collect()
}

fn number(text: &str) -> Option<u128> {
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = ALPHABET.iter().position(|known| *known == byte)?;
        number.checked_mul(62)?.checked_add(u128::try_from(digit).ok()?)
    })
}

impl FromStr for Tagged {
    type Err = InvalidTagged;

    fn from_str(text: &str) -> Result<Self, InvalidTagged> {
        if text.len() != ID_DIGITS + TAG_DIGITS || !text.is_ascii() {
            return Err(InvalidTagged);
        }
        let (id, tag) = text.split_at(ID_DIGITS);
        let uuid = Uuid::from_u128(number(id).ok_or(InvalidTagged)?);
        let tag = number(tag).and_then(|tag| u64::try_from(tag).ok()).ok_or(InvalidTagged)?;
        Ok(Self { uuid, tag })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::LoanId;

    proptest! {
        #[test]
        fn a_tagged_id_is_read_back_and_no_other_text_is_read_as_it(id: u128, tag: u64, place in 0_usize..33) {
            let tagged = Tagged::new(LoanId::from_uuid(Uuid::from_u128(id)), tag);
            let text = tagged.to_string();
            prop_assert_eq!(text.len(), 33);
            prop_assert_eq!(text.parse::<Tagged>(), Ok(tagged));
            let mut other = text.into_bytes();
            other[place] = if other[place] == b'0' { b'1' } else { b'0' };
            let other = String::from_utf8(other).unwrap();
            prop_assert_ne!(other.parse::<Tagged>(), Ok(tagged));
        }
    }

    #[test]
    fn a_text_with_other_length_too_large_numbers_or_other_characters_is_refused() {
        for text in [
            "",
            "0",
            &"z".repeat(33),
            &"0".repeat(32),
            &"0".repeat(34),
            &"é".repeat(17),
            "/".repeat(33).as_str(),
        ] {
            assert!(text.parse::<Tagged>().is_err(), "{text}");
        }
    }
}
