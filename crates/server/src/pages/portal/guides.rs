//! The guides, rendered when the first reader asks for one.

use std::sync::LazyLock;

use serde::Deserialize;

use super::markdown::{Rendered, render};
use crate::pages::texts::Language;

/// The address of this server in the texts, as whoever runs them at home has it.
pub(super) const HOME: &str = "http://127.0.0.1:8080";

macro_rules! sources {
    ($($name:literal),* $(,)?) => {
        /// The name and the texts of each guide: Portuguese, English.
        const SOURCES: &[(&str, [&str; 2])] = &[$((
            $name,
            [include_str!(concat!("guides/pt-BR/", $name, ".md")), include_str!(concat!("guides/en/", $name, ".md"))],
        )),*];
    };
}

sources![
    "quick-start",
    "registration-and-kyc",
    "offers-to-signed-loan",
    "collection",
    "webhooks",
    "authentication",
    "errors",
    "idempotency",
    "pagination",
    "testing-with-clocks",
    "environments",
    "two-generations",
    "going-to-production",
];

/// A guide in one language.
#[derive(Debug)]
pub(super) struct Guide {
    pub(super) name: &'static str,
    pub(super) front: Front,
    pub(super) text: Rendered,
}

/// The front matter.
#[derive(Debug, Deserialize)]
pub(super) struct Front {
    pub(super) title: String,
    pub(super) summary: String,
    /// The list of the guides sorts by it.
    pub(super) order: u16,
}

impl Guide {
    /// The group of the guide in the navigation.
    pub(super) fn group(&self) -> Group {
        match self.name {
            "quick-start" | "environments" | "testing-with-clocks" => Group::Begin,
            "registration-and-kyc" | "offers-to-signed-loan" | "collection" | "webhooks" => Group::Integrate,
            "going-to-production" => Group::Publish,
            _rules_of_the_api => Group::Rules,
        }
    }

    /// The address of the guide.
    pub(super) fn href(&self, language: Language) -> String {
        format!("/docs/{}/{}", language.texts().tag, self.name)
    }
}

/// A group of guides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Begin,
    Integrate,
    Rules,
    Publish,
}

impl Group {
    /// The groups, in the order of the navigation.
    pub(super) const ALL: [Self; 4] = [Self::Begin, Self::Integrate, Self::Rules, Self::Publish];
}

static PORTUGUESE: LazyLock<Vec<Guide>> = LazyLock::new(|| rendered(Language::Portuguese));
static ENGLISH: LazyLock<Vec<Guide>> = LazyLock::new(|| rendered(Language::English));

/// The guides in a language, in the order in which a developer reads them.
pub(super) fn guides(language: Language) -> &'static [Guide] {
    match language {
        Language::Portuguese => &PORTUGUESE,
        Language::English => &ENGLISH,
    }
}

fn rendered(language: Language) -> Vec<Guide> {
    let mut all: Vec<Guide> = SOURCES.iter().map(|(name, texts)| guide(name, texts, language)).collect();
    all.sort_by_key(|guide| guide.front.order);
    all
}

fn guide(name: &'static str, texts: &[&'static str; 2], language: Language) -> Guide {
    let text = match language {
        Language::Portuguese => texts[0],
        Language::English => texts[1],
    };
    let (front, text) = text
        .strip_prefix("+++\n")
        .and_then(|rest| rest.split_once("\n+++\n"))
        .expect("a test reads every guide, and scripts/guides/run checks its front matter");
    let front = toml::from_str(front).expect("a test reads every guide");
    let tag = language.texts().tag;
    let text = render(text, language.texts(), |to| Some(address(to, tag)));
    Guide { name, front, text }
}

/// The address behind a link of a guide. `NAME.md#heading` is another guide in the same language.
fn address(to: &str, tag: &str) -> String {
    match to.split_once(".md") {
        Some((name, anchor)) if !to.contains('/') => format!("/docs/{tag}/{name}{anchor}"),
        _page_of_the_server => to.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_guide_of_the_folder_is_served_in_both_languages() {
        for (language, folder) in [(Language::Portuguese, "pt-BR"), (Language::English, "en")] {
            let path = format!("{}/src/pages/portal/guides/{folder}", env!("CARGO_MANIFEST_DIR"));
            let files = std::fs::read_dir(path).unwrap().map(|file| file.unwrap().file_name());
            let mut files: Vec<String> =
                files.map(|name| name.into_string().unwrap().trim_end_matches(".md").to_owned()).collect();
            let mut served: Vec<&str> = guides(language).iter().map(|guide| guide.name).collect();
            files.sort_unstable();
            served.sort_unstable();
            assert_eq!(served, files);
            for guide in guides(language) {
                assert!(!guide.text.contents.is_empty(), "{} has no headings", guide.name);
            }
        }
    }
}
