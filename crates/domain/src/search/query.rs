//! The text that an operator searches for, read in every way in which it can be meant.

use super::terms::{Term, names};
use super::words::{beginning, is_short, words};
use crate::customer::Customer;
use crate::loan::CcbNumber;
use crate::person::{Email, Phone};
use crate::tagged::Tagged;
use crate::tax_id::{Cnpj, Cpf};

/// Longest text of a search, in characters. The longest names have 120.
pub const LONGEST: usize = 128;

/// Most words of a name that are looked up. The others are compared with the names that were found.
const MOST_LOOKED_UP: usize = 4;

/// The text of a search. It may be a person's name or number, so it is never logged.
#[derive(Clone, PartialEq, Eq)]
pub struct Query(String);

impl std::fmt::Debug for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[private]")
    }
}

impl Query {
    /// Trims a text; `None` if nothing is left, or if it is too long or has control characters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text as it was given, such as an id or the reference of a payment.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The prefix of the id that the text looks like: `cust` for `cust_0190…`.
    pub fn id_prefix(&self) -> Option<&str> {
        let (prefix, digits) = self.0.split_once('_')?;
        let is_id = digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then_some(prefix)
    }

    /// The text without spaces and punctuation.
    fn characters(&self) -> String {
        self.0.chars().filter(|letter| letter.is_alphanumeric()).collect()
    }

    /// The text as a CPF, with or without punctuation.
    pub fn cpf(&self) -> Option<Cpf> {
        Cpf::parse(&self.characters()).ok()
    }

    /// The text as a CNPJ, with or without punctuation.
    pub fn cnpj(&self) -> Option<Cnpj> {
        Cnpj::parse(&self.characters()).ok()
    }

    /// The text as an e-mail address.
    pub fn email(&self) -> Option<Email> {
        Email::parse(&self.0).ok()
    }

    /// The text as a telephone number. Without a country it is a Brazilian one.
    pub fn phone(&self) -> Option<Phone> {
        if !self.0.chars().all(|c| c.is_ascii_digit() || "+()-. ".contains(c)) {
            return None;
        }
        let digits = self.characters();
        let country = match (self.0.starts_with('+'), digits.len()) {
            (true, _) => "+",
            (false, 10 | 11) => "+55",
            (false, 12 | 13) if digits.starts_with("55") => "+",
            (false, _) => return None,
        };
        Phone::parse(&format!("{country}{digits}")).ok()
    }

    /// The text as the number of a contract: `CCB-2026-001234`, `ccb 2026/1234`.
    pub fn ccb_number(&self) -> Option<CcbNumber> {
        let mut numbers = self.0.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
        let first = numbers.next()?;
        let year = if first.eq_ignore_ascii_case("ccb") { numbers.next()? } else { first };
        let number = numbers.next()?.parse().ok()?;
        let is_year = year.len() == 4 && numbers.next().is_none();
        is_year.then(|| Some(CcbNumber { year: year.parse().ok()?, number }))?
    }

    /// The text as the txid of a Pix charge.
    pub fn pix_txid(&self) -> Option<Tagged> {
        self.0.parse().ok()
    }

    /// The text as a name; `None` if it has no letter or digit, or looks like an id.
    pub fn name(&self) -> Option<NameQuery> {
        let words = words(&self.0);
        (!words.is_empty() && self.id_prefix().is_none()).then_some(NameQuery { words })
    }
}

/// The words of a name that was typed, perhaps not to its end.
#[derive(Clone, PartialEq, Eq)]
pub struct NameQuery {
    words: Vec<String>,
}

impl NameQuery {
    /// The terms that a customer must have to be found. Longer words come first, because fewer customers have them.
    pub fn terms(&self) -> Vec<Term> {
        let only_short = self.words.iter().all(|word| is_short(word));
        let mut sought: Vec<&str> = self.words.iter().map(|word| beginning(word)).collect();
        sought.retain(|part| only_short || !is_short(part));
        sought.sort_by_key(|part| (std::cmp::Reverse(part.len()), *part));
        sought.dedup();
        sought.into_iter().take(MOST_LOOKED_UP).map(Term::name_part).collect()
    }

    /// Whether each word of the query begins a word of the customer's names.
    pub fn matches(&self, customer: &Customer) -> bool {
        let found: Vec<String> = names(customer).flat_map(|name| words(name.as_str())).collect();
        self.words.iter().all(|word| found.iter().any(|found| found.starts_with(word.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Query {
        Query::parse(text).unwrap()
    }

    #[test]
    fn tax_numbers_are_read_with_any_punctuation() {
        for text in ["529.982.247-25", "52998224725", "529982247-25", " 529 982 247 25 "] {
            assert_eq!(query(text).cpf(), Cpf::parse("52998224725").ok(), "{text}");
        }
        for text in ["12.ABC.345/01DE-35", "12abc34501de35", "12ABC345/01DE-35"] {
            assert_eq!(query(text).cnpj(), Cnpj::parse("12ABC34501DE35").ok(), "{text}");
        }
        assert_eq!(query("Padaria Sol").cpf(), None);
    }

    #[test]
    fn telephones_are_brazilian_unless_they_name_a_country() {
        for text in ["+5511999999999", "(11) 99999-9999", "11999999999", "55 11 99999-9999"] {
            assert_eq!(query(text).phone().unwrap().as_str(), "+5511999999999", "{text}");
        }
        assert_eq!(query("+1 202-555-0123").phone().unwrap().as_str(), "+12025550123");
        for text in ["123", "rua 11 99999", "12345678901234567"] {
            assert!(query(text).phone().is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_of_contracts_are_read_with_and_without_their_zeros() {
        for text in ["CCB-2026-001234", "ccb 2026/1234", "2026-001234"] {
            assert_eq!(query(text).ccb_number(), Some(CcbNumber { year: 2026, number: 1234 }), "{text}");
        }
        for text in ["CCB", "CCB-2026", "CCB-26-1", "CCB-2026-1-2", "2026-abc"] {
            assert_eq!(query(text).ccb_number(), None, "{text}");
        }
    }

    #[test]
    fn ids_are_no_names_and_empty_texts_no_queries() {
        let id = query("cust_0190f3b4c5d67e8f90a1b2c3d4e5f607");
        assert_eq!(id.id_prefix(), Some("cust"));
        assert!(id.name().is_none());
        assert!(query("minha_padaria").name().is_some());
        for text in ["", "  ", "a\u{0}b", &"x".repeat(LONGEST + 1)] {
            assert!(Query::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn short_words_are_looked_up_only_if_there_is_no_longer_one() {
        let terms = |text: &str| -> Vec<String> {
            query(text).name().unwrap().terms().iter().map(|term| term.value().to_owned()).collect()
        };
        assert_eq!(terms("pa mercearias Sol"), ["merceari", "sol"]);
        assert_eq!(terms("sa"), ["sa"]);
        assert_eq!(terms("um dois três quatro cinco seis"), ["quatro", "cinco", "dois", "seis"]);
    }
}
