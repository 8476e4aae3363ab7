//! The index of the search: guides by section, operations, errors and events. It is built once and read in memory.

use domain::search::words::words;
use wire::problem::Code;

use super::catalogue;
use super::document::{Api, Generation};
use super::guides::guides;
use crate::pages::errors;
use crate::pages::texts::Language;

/// The most hits of a kind in one answer.
const MOST: usize = 6;

/// Everything that a search finds in a language.
pub(super) struct Index(Vec<Entry>);

struct Entry {
    kind: Kind,
    href: String,
    title: String,
    about: String,
    /// The words of the title.
    named: Vec<String>,
    /// The words of everything else.
    told: Vec<String>,
}

/// The kind of a hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Guide,
    Operation,
    Error,
    Event,
}

/// A hit.
pub(super) struct Found<'a> {
    pub(super) kind: Kind,
    pub(super) href: &'a str,
    pub(super) title: &'a str,
    pub(super) about: &'a str,
}

impl Index {
    /// The index of a language.
    pub(super) fn of(language: Language, apis: &[Api; 3]) -> Self {
        let mut entries = Vec::new();
        of_guides(language, &mut entries);
        for api in apis {
            of_operations(api, language, &mut entries);
        }
        of_errors(language, &mut entries);
        of_events(language, &mut entries);
        Self(entries)
    }

    /// The entries in which every word of the text begins a word, the best ones first.
    pub(super) fn find(&self, text: &str) -> Vec<Found<'_>> {
        let sought = words(text);
        if sought.is_empty() {
            return Vec::new();
        }
        let whole = text.trim().to_lowercase();
        // The name itself comes before everything that mentions it.
        let named = |entry: &Entry| if entry.title.to_lowercase() == whole { 100 } else { 0 };
        let scored = self.0.iter().filter_map(|entry| Some((entry.score(&sought)? + named(entry), entry)));
        let mut scored: Vec<(u32, &Entry)> = scored.collect();
        scored.sort_by_key(|(score, entry)| (u32::MAX - score, entry.kind));
        let mut hits: Vec<Found<'_>> = Vec::new();
        for (_, entry) in scored {
            if hits.iter().filter(|hit| hit.kind == entry.kind).count() < MOST {
                let Entry { kind, href, title, about, .. } = entry;
                hits.push(Found { kind: *kind, href, title, about });
            }
        }
        hits
    }
}

impl Entry {
    fn new(kind: Kind, href: String, (title, about): (String, String), told: &str) -> Self {
        let mut all = words(told);
        all.extend(words(&about));
        all.sort_unstable();
        all.dedup();
        // `customer_already_exists` and `createLoan` are also found by their later words.
        let named = words(&format!("{title} {}", title.replace(['_', '.', '/'], " ")));
        Self { kind, href, title, about, named, told: all }
    }

    /// How well the entry fits; `None` if a word is missing. A whole word of the title counts most.
    fn score(&self, sought: &[String]) -> Option<u32> {
        let begins =
            |words: &[String], word: &String| words.iter().any(|known| known.starts_with(word.as_str()));
        let of_word = |word: &String| {
            if self.named.contains(word) {
                Some(8)
            } else if begins(&self.named, word) {
                Some(4)
            } else if self.told.binary_search(word).is_ok() {
                Some(2)
            } else {
                begins(&self.told, word).then_some(1)
            }
        };
        sought.iter().map(of_word).sum()
    }
}

fn of_guides(language: Language, entries: &mut Vec<Entry>) {
    for guide in guides(language) {
        let href = guide.href(language);
        for section in &guide.text.sections {
            let heading = &section.heading;
            let (title, about, href) = if heading.anchor.is_empty() {
                (guide.front.title.clone(), guide.front.summary.clone(), href.clone())
            } else {
                (heading.text.clone(), guide.front.title.clone(), format!("{href}#{}", heading.anchor))
            };
            entries.push(Entry::new(Kind::Guide, href, (title, about), &section.text));
        }
    }
}

fn of_operations(api: &Api, language: Language, entries: &mut Vec<Entry>) {
    let t = language.texts();
    let name = match api.generation {
        Generation::Reference | Generation::Sdk => api.generation.prefix(),
        Generation::Sandbox => t.sandbox,
    };
    for operation in &api.operations {
        let title = operation.summary.clone();
        let about = format!("{} {} · {name}", operation.method, operation.path);
        let told = format!("{} {} {}", operation.id, operation.tag, operation.description);
        entries.push(Entry::new(Kind::Operation, api.href(operation), (title, about), &told));
    }
}

fn of_errors(language: Language, entries: &mut Vec<Entry>) {
    for code in Code::ALL {
        let texts = errors::texts_of(*code, language);
        let causes = catalogue::error(*code, language).causes.join(" ");
        let title = code.name().to_owned();
        let about = format!("{} · {}", code.status(), texts.meaning);
        let href = format!("/errors/{}#{}", code.slug(), code.name());
        entries.push(Entry::new(Kind::Error, href, (title, about), &format!("{causes} {}", texts.resolve)));
    }
}

fn of_events(language: Language, entries: &mut Vec<Entry>) {
    for event in catalogue::events(language) {
        let href = format!("/docs/events#{}", event.name);
        let told = format!("{} {}", event.order, event.action);
        entries.push(Entry::new(Kind::Event, href, (event.name.clone(), event.when.clone()), &told));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        let mut entries = Vec::new();
        of_guides(Language::Portuguese, &mut entries);
        of_errors(Language::Portuguese, &mut entries);
        of_events(Language::Portuguese, &mut entries);
        Index(entries)
    }

    #[test]
    fn a_search_finds_by_parts_of_names_and_without_accents() {
        let index = index();
        for (text, href) in [
            ("idempotencia", "/docs/pt-BR/idempotency"),
            ("already exists", "/errors/conflict#customer_already_exists"),
            ("loan.active", "/docs/events#loan.active"),
            ("simulation_mismatch", "/errors/validation-failed#simulation_mismatch"),
            ("producao", "/docs/pt-BR/going-to-production"),
        ] {
            assert!(index.find(text).iter().any(|hit| hit.href == href), "{text} must find {href}");
        }
        assert_eq!(index.find("loan.active")[0].href, "/docs/events#loan.active", "a name comes first");
        assert!(index.find("").is_empty() && index.find("xyzzy").is_empty());
    }
}
