//! Samples of a request in seven languages, made from the OpenAPI documents.

mod compiled;
mod official;
mod request;
mod scripts;

use self::request::Request;
use super::code::Block;
use super::document::{Api, Generation, Operation};

/// The samples of an operation, a panel for each language.
pub(super) fn blocks(api: &Api, operation: &Operation) -> Vec<Block> {
    let request = Request::of(api, operation);
    let python = match api.generation {
        Generation::Sdk => official::python(operation, &request),
        Generation::Reference | Generation::Sandbox => None,
    };
    [
        ("bash", scripts::curl(&request)),
        ("python", python.unwrap_or_else(|| scripts::python(&request))),
        ("javascript", scripts::javascript(&request)),
        ("ruby", scripts::ruby(&request)),
        ("java", compiled::java(&request)),
        ("go", compiled::go(&request)),
        ("php", scripts::php(&request)),
    ]
    .map(|(language, text)| Block::of_panel(language, language, text))
    .into()
}
