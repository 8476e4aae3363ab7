//! The parts of the portal that are made once for each server: the reference from the OpenAPI documents, and the index of the search.

use std::sync::OnceLock;

use super::document::{Api, Documents, Generation};
use super::index::Index;
use crate::pages::texts::Language;
use crate::state::AppState;

/// The parts of the portal that the first reader makes.
pub(super) struct Library {
    make: fn(&AppState) -> Documents,
    apis: OnceLock<[Api; 3]>,
    portuguese: OnceLock<Index>,
    english: OnceLock<Index>,
}

impl Library {
    /// An empty library. `make` makes the OpenAPI documents.
    pub(super) fn new(make: fn(&AppState) -> Documents) -> Self {
        Self { make, apis: OnceLock::new(), portuguese: OnceLock::new(), english: OnceLock::new() }
    }

    /// The documents, in the order of [`Generation::ALL`].
    pub(super) fn apis(&self, state: &AppState) -> &[Api; 3] {
        self.apis.get_or_init(|| {
            let made = (self.make)(state);
            [
                Api::read(Generation::Reference, &made.reference),
                Api::read(Generation::Sdk, &made.sdk),
                Api::read(Generation::Sandbox, &made.sandbox),
            ]
        })
    }

    /// The document of a generation.
    pub(super) fn api(&self, generation: Generation, state: &AppState) -> &Api {
        let [reference, sdk, sandbox] = self.apis(state);
        match generation {
            Generation::Reference => reference,
            Generation::Sdk => sdk,
            Generation::Sandbox => sandbox,
        }
    }

    /// The index of the search in a language.
    pub(super) fn index(&self, language: Language, state: &AppState) -> &Index {
        let kept = match language {
            Language::Portuguese => &self.portuguese,
            Language::English => &self.english,
        };
        kept.get_or_init(|| Index::of(language, self.apis(state)))
    }
}
