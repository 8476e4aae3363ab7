//! The catalogues of events and errors: the words that neither the OpenAPI documents nor the table of errors has.

use std::sync::LazyLock;

use serde::Deserialize;
use wire::problem::Code;

use crate::pages::texts::Language;

/// An event.
#[derive(Debug, Deserialize)]
pub(super) struct EventEntry {
    #[serde(rename = "type")]
    pub(super) name: String,
    /// When the server sends it.
    pub(super) when: String,
    /// Its place among the other events.
    pub(super) order: String,
    /// The action of the receiver.
    #[serde(rename = "do")]
    pub(super) action: String,
    /// The differences at `/api/v3`.
    pub(super) sdk: Option<String>,
    /// The command that makes it happen in a sandbox.
    pub(super) trigger: String,
}

/// The words about a code.
#[derive(Debug, Deserialize)]
pub(super) struct ErrorEntry {
    code: String,
    pub(super) repeat: Repeat,
    /// Whether the refusal is kept under the idempotency key for 24 hours.
    pub(super) kept: bool,
    pub(super) causes: Vec<String>,
}

/// Whether it helps to repeat a refused request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Repeat {
    No,
    /// After a correction.
    Changed,
    /// With another token.
    Token,
    /// After a pause.
    Later,
}

#[derive(Deserialize)]
struct Events {
    event: Vec<EventEntry>,
}

#[derive(Deserialize)]
struct Errors {
    error: Vec<ErrorEntry>,
}

/// The texts of one language.
struct Catalogue {
    events: Vec<EventEntry>,
    errors: Vec<ErrorEntry>,
}

impl Catalogue {
    fn read(events: &str, errors: &str) -> Self {
        let valid = "a test reads every catalogue";
        let events: Events = toml::from_str(events).expect(valid);
        let errors: Errors = toml::from_str(errors).expect(valid);
        Self { events: events.event, errors: errors.error }
    }

    fn of(language: Language) -> &'static Self {
        match language {
            Language::Portuguese => &PORTUGUESE,
            Language::English => &ENGLISH,
        }
    }
}

static PORTUGUESE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("events.pt-BR.toml"), include_str!("errors.pt-BR.toml")));
static ENGLISH: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::read(include_str!("events.en.toml"), include_str!("errors.en.toml")));

/// The events, in the order in which a customer causes them.
pub(super) fn events(language: Language) -> &'static [EventEntry] {
    &Catalogue::of(language).events
}

/// The catalogue's words about a code.
pub(super) fn error(code: Code, language: Language) -> &'static ErrorEntry {
    let found = Catalogue::of(language).errors.iter().find(|entry| entry.code == code.name());
    found.expect("a test looks up every code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_both_catalogues() {
        for code in Code::ALL {
            let [portuguese, english] = [Language::Portuguese, Language::English].map(|l| error(*code, l));
            assert_eq!(
                (portuguese.repeat, portuguese.kept),
                (english.repeat, english.kept),
                "{}",
                code.name()
            );
            assert!(!portuguese.causes.is_empty() && !english.causes.is_empty(), "{}", code.name());
        }
    }

    #[test]
    fn both_catalogues_have_the_same_events_in_the_same_order() {
        let names = |language| events(language).iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(Language::Portuguese), names(Language::English));
    }
}
