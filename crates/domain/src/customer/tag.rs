//! Tags: short words of operators on a customer, to find those that belong together.

use std::fmt;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Most tags of a customer.
pub const MOST_TAGS: usize = 10;

/// A tag: lower-case letters and digits, joined by hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tag(String);

/// The text is no tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be letters, digits and hyphens, {} to {} characters", Tag::SHORTEST, Tag::LONGEST)]
pub struct InvalidTag;

/// Hides the text: an operator may have written a name.
impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tag([private])")
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tag {
    /// Fewest characters.
    pub const SHORTEST: usize = 2;
    /// Most characters.
    pub const LONGEST: usize = 30;

    /// Reads a tag as people write it: case does not count, and spaces and underscores become hyphens.
    pub fn parse(text: &str) -> Result<Self, InvalidTag> {
        let composed: String = text.nfc().flat_map(char::to_lowercase).collect();
        let is_gap = |letter: char| letter.is_whitespace() || letter == '_' || letter == '-';
        let words: Vec<&str> = composed.split(is_gap).filter(|word| !word.is_empty()).collect();
        let tag = words.join("-");
        let length = tag.chars().count();
        let is_short = text.chars().count() <= Self::LONGEST;
        let is_plain = tag.chars().all(|letter| letter.is_alphanumeric() || letter == '-');
        let fits = (Self::SHORTEST..=Self::LONGEST).contains(&length);
        if is_plain && is_short && fits { Ok(Self(tag)) } else { Err(InvalidTag) }
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag without accents. Tags that differ in accents alone are the same.
    pub fn identity(&self) -> String {
        self.0.nfkd().filter(|letter| !is_combining_mark(*letter)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_tag_is_written_in_one_way() {
        for (text, expected) in [
            ("Revisão", "revisão"),
            ("  suspeita de  fraude ", "suspeita-de-fraude"),
            ("VIP_2026", "vip-2026"),
            ("--a--b--", "a-b"),
        ] {
            assert_eq!(Tag::parse(text).unwrap().as_str(), expected, "{text}");
        }
        for text in [
            "",
            " ",
            "a",
            "-",
            "a/b",
            "a\u{0}b",
            "<b>",
            "x?y",
            &"a".repeat(Tag::LONGEST + 1),
            &format!("ab{:29}", ""),
        ] {
            assert_eq!(Tag::parse(text), Err(InvalidTag), "{text}");
        }
    }

    #[test]
    fn accents_do_not_make_another_tag() {
        let [one, other, third] =
            ["revisão", "REVISAO", "revisar"].map(|text| Tag::parse(text).unwrap().identity());
        assert!(one == other && one != third);
    }

    proptest! {
        #[test]
        fn reading_a_tag_again_changes_nothing(text in "\\PC{0,34}") {
            if let Ok(tag) = Tag::parse(&text) {
                prop_assert_eq!(Tag::parse(tag.as_str()), Ok(tag.clone()));
                prop_assert!(tag.as_str().chars().count() <= Tag::LONGEST);
            }
        }
    }
}
