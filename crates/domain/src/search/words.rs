//! The words of a name, as searches compare them: lower-case, without accents, legal forms and particles.
//!
//! A word is found by its beginning. So each word has several parts: its first three letters, its first four, and so on.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// Fewest letters of the beginning of a word.
const SHORTEST: usize = 3;
/// Most letters of the beginning of a word. Few words share more.
const LONGEST: usize = 8;

/// Words that are not compared. Most companies have one of the legal forms, and half of all people a particle.
const LEFT_OUT: [&str; 13] =
    ["ltda", "limitada", "eireli", "mei", "me", "epp", "cia", "da", "de", "do", "das", "dos", "e"];

/// The compared words of a name. If all of them would be left out, none is.
pub fn words(name: &str) -> Vec<String> {
    let folded: String = name
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !"'’.".contains(*letter))
        // Some letters have two capitals, such as the German sharp s.
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect();
    // A company's form is also written S/A.
    let folded = folded.replace("s/a", "sa");
    let all = || folded.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let kept: Vec<String> = all().filter(|word| !LEFT_OUT.contains(word)).map(str::to_owned).collect();
    if kept.is_empty() { all().map(str::to_owned).collect() } else { kept }
}

/// The parts by which a word is found: its beginnings, or the whole word if it is shorter than those.
pub(super) fn parts(word: &str) -> impl Iterator<Item = &str> {
    let longest = beginning(word);
    let letters = longest.char_indices().map(|(at, letter)| at + letter.len_utf8()).enumerate();
    let whole = longest.len();
    letters.filter(move |(at, end)| at + 1 >= SHORTEST || *end == whole).map(move |(_, end)| &longest[..end])
}

/// The part that finds a word of which at least this much was typed. A short word is found only as a whole.
pub(super) fn beginning(word: &str) -> &str {
    word.char_indices().nth(LONGEST).map_or(word, |(end, _)| &word[..end])
}

/// Whether a word is so short that it is found only as a whole.
pub(super) fn is_short(word: &str) -> bool {
    word.chars().count() < SHORTEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_accents_legal_forms_and_particles() {
        for (name, expected) in [
            ("Padaria Pão da Serra LTDA.", vec!["padaria", "pao", "serra"]),
            ("João D'Ávila e Silva-Gonçalves ME", vec!["joao", "davila", "silva", "goncalves"]),
            ("Tintas União S/A", vec!["tintas", "uniao", "sa"]),
            ("Tintas União S.A.", vec!["tintas", "uniao", "sa"]),
            ("Bar 24h", vec!["bar", "24h"]),
            ("E. De Me", vec!["e", "de", "me"]),
            ("Ｍercado ﬁno", vec!["mercado", "fino"]),
            ("—", vec![]),
        ] {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn a_word_has_its_beginnings_and_a_short_word_only_itself() {
        let of = |word| parts(word).collect::<Vec<_>>();
        assert_eq!(of("serra"), ["ser", "serr", "serra"]);
        assert_eq!(of("mercearia"), ["mer", "merc", "merce", "mercea", "mercear", "merceari"]);
        assert_eq!(of("sol"), ["sol"]);
        assert_eq!(of("sa"), ["sa"]);
        assert_eq!(of("łódź"), ["łód", "łódź"]);
        assert_eq!(beginning("mercearias"), "merceari");
    }
}
