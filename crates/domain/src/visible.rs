//! Checks of text that people read. No character may be invisible or turn the direction of the text around it, and no
//! name may be a link.
//!
//! Names appear in the lender's e-mails and contracts. A name could mislead readers there if it is invisible,
//! reverses the rest of its line, or becomes a link in an e-mail program.

use unicode_normalization::UnicodeNormalization as _;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory as _};

/// The reason why a text is unfit for people to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A line break, a tab or another control character.
    #[error("must not hold control characters")]
    Control,
    /// A character that turns the direction of writing.
    #[error("must not hold characters that turn the direction of writing, such as U+202E")]
    Direction,
    /// A character that shows nothing, such as a zero-width space.
    #[error("must not hold invisible characters, such as U+200B")]
    Invisible,
    /// Neither a letter nor a digit.
    #[error("must hold a letter or a digit")]
    NoLetter,
    /// A web address, or a text that an e-mail program shows as a link.
    #[error("must not hold a web address: write \"Loja com\" for \"Loja.com\"")]
    Link,
}

/// A text on one line, with single spaces.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Checks the name of a person, a company, a partner or a credential.
pub fn check_name(text: &str) -> Result<(), Unfit> {
    text.chars().try_for_each(|character| check(character, Joiners::Refused))?;
    if !text.chars().any(char::is_alphanumeric) {
        return Err(Unfit::NoLetter);
    }
    if has_link(text) { Err(Unfit::Link) } else { Ok(()) }
}

/// Checks a note. It may have web addresses and joined emoji.
pub fn check_note(text: &str) -> Result<(), Unfit> {
    text.chars().try_for_each(|character| check(character, Joiners::Allowed))
}

/// Whether the characters that join emoji are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joiners {
    Allowed,
    Refused,
}

fn check(character: char, joiners: Joiners) -> Result<(), Unfit> {
    match character {
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Err(Unfit::Direction)
        }
        '\u{200d}' | '\u{fe0f}' if joiners == Joiners::Allowed => Ok(()),
        _ if character.is_control() => Err(Unfit::Control),
        _ if is_invisible(character) => Err(Unfit::Invisible),
        _visible => Ok(()),
    }
}

fn is_invisible(character: char) -> bool {
    // Unicode counts these as letters, marks or symbols, but they show nothing: fillers, the empty Braille pattern
    // and variation selectors.
    let blank = matches!(
        character,
        '\u{34f}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{ffa0}'
            | '\u{e0100}'..='\u{e01ef}'
    );
    blank
        || matches!(
            character.general_category(),
            GeneralCategory::Format
                | GeneralCategory::LineSeparator
                | GeneralCategory::ParagraphSeparator
                | GeneralCategory::PrivateUse
                | GeneralCategory::Surrogate
                | GeneralCategory::Unassigned
        )
}

/// Top-level domains that e-mail programs show as links even without a scheme. Abbreviations in Brazilian names
/// (`S.A.`, `Ltda.ME`) do not end in them.
const TOP_LEVEL: [&str; 21] = [
    "com", "net", "org", "br", "info", "biz", "io", "app", "dev", "online", "site", "xyz", "shop", "store",
    "link", "click", "top", "club", "live", "page", "web",
];

fn has_link(text: &str) -> bool {
    // E-mail programs treat dots of other widths as the same dot.
    let plain: String =
        text.nfkc().flat_map(char::to_lowercase).map(|c| if c == '。' { '.' } else { c }).collect();
    plain.contains("://")
        || plain.split(|c: char| !(c.is_alphanumeric() || c == '.' || c == '-')).any(|word| {
            let word = word.trim_matches('.');
            word.starts_with("www.")
                || word
                    .rsplit_once('.')
                    .is_some_and(|(host, last)| !host.is_empty() && TOP_LEVEL.contains(&last))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_companies_are_accepted() {
        for name in [
            "João d'Ávila",
            "Ana Souza-Lima",
            "Padaria S.A.",
            "J. Silva Ind. e Com. Ltda.",
            "Silva.ME",
            "99",
            "Łódź Ørsted",
            "Nguyễn Văn Å",
            "李小龙",
            "Mercearia 3 Irmãos & Cia",
            "Café ☕",
        ] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }

    #[test]
    fn an_invisible_or_misleading_text_is_refused_as_a_name() {
        for (name, why) in [
            ("\u{200b}", Unfit::Invisible),
            ("Ana\u{200b}Souza", Unfit::Invisible),
            ("Ana\u{ad}Souza", Unfit::Invisible),
            ("\u{feff}Ana", Unfit::Invisible),
            ("\u{3164}", Unfit::Invisible),
            ("\u{2800}\u{2800}", Unfit::Invisible),
            ("Ana\u{e000}", Unfit::Invisible),
            ("Ana\u{2028}Souza", Unfit::Invisible),
            ("Ana\u{202e}azuoS", Unfit::Direction),
            ("Ana\u{2066}Souza\u{2069}", Unfit::Direction),
            ("Ana\u{200f}", Unfit::Direction),
            ("Ana\u{0}", Unfit::Control),
            ("Ana\nSouza", Unfit::Control),
            ("...", Unfit::NoLetter),
            ("- ☕ -", Unfit::NoLetter),
        ] {
            assert_eq!(check_name(name), Err(why), "{name:?}");
        }
    }

    #[test]
    fn a_name_must_not_be_a_link_and_a_note_may_have_one() {
        for name in [
            "https://evil.example",
            "Ana http://x",
            "Clique www.evil",
            "Ana (evil.com)",
            "ana@evil.com.br",
            "EVIL.COM/pague",
            "evil．com",
            "evil。com",
            "pague em evil.shop.",
        ] {
            assert_eq!(check_name(name), Err(Unfit::Link), "{name}");
        }
        assert_eq!(check_note("ligado a https://example.com/hooks 👩‍💻 ✔️"), Ok(()));
        assert_eq!(check_note("a\u{202e}b"), Err(Unfit::Direction));
        assert_eq!(check_note("a\u{200b}b"), Err(Unfit::Invisible));
    }
}
