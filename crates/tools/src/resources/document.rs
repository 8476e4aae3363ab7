//! The operations of a generation, from its OpenAPI document as `build.rs` has shortened it.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::partner::ApiGeneration;

/// An operation of the document.
#[derive(Deserialize)]
pub(super) struct Operation {
    /// The id of the operation; its first word is the action.
    pub(super) id: String,
    /// The method.
    pub(super) method: String,
    /// The path with its parameters in braces.
    pub(super) path: String,
    /// The meaning of the group of operations to which it belongs.
    pub(super) about: Option<String>,
    /// The operation in a line.
    pub(super) summary: Option<String>,
    /// The operation in sentences.
    pub(super) description: Option<String>,
    /// The parameters in the path.
    pub(super) path_parameters: Vec<Field>,
    /// The parameters after the path.
    pub(super) query: Vec<Field>,
    /// The header of the idempotency key, if the operation has one.
    pub(super) idempotency_key: Option<String>,
    /// The body, if the operation has one.
    pub(super) body: Option<Body>,
    /// Whether the answer is a page of a list.
    pub(super) has_pages: bool,
}

/// The body of a request.
#[derive(Deserialize)]
pub(super) struct Body {
    /// The media type.
    pub(super) media: String,
    /// The fields. A field of an inner object has its path, such as `bank_account.branch`.
    pub(super) fields: Vec<Field>,
}

/// A parameter, or a field of a body.
#[derive(Deserialize)]
pub(super) struct Field {
    /// The name in the API.
    pub(super) name: String,
    /// The meaning in words.
    pub(super) description: Option<String>,
    /// Whether it must be given.
    pub(super) required: bool,
    /// The form of its values.
    pub(super) kind: Kind,
    /// All possible values, if the document lists them.
    pub(super) values: Vec<String>,
}

/// The form of a field's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    /// A text.
    Text,
    /// A number, kept digit for digit.
    Number,
    /// `true` or `false`.
    Boolean,
    /// A list of texts.
    Texts,
    /// A file, given by its path.
    File,
    /// Any JSON.
    Json,
}

/// The operations of a generation.
pub(super) fn operations(generation: ApiGeneration) -> &'static [Operation] {
    static REFERENCE: LazyLock<Vec<Operation>> =
        LazyLock::new(|| read(include_str!(concat!(env!("OUT_DIR"), "/reference.json"))));
    static SDK: LazyLock<Vec<Operation>> =
        LazyLock::new(|| read(include_str!(concat!(env!("OUT_DIR"), "/sdk.json"))));
    match generation {
        ApiGeneration::Reference => &REFERENCE,
        ApiGeneration::Sdk => &SDK,
    }
}

fn read(text: &str) -> Vec<Operation> {
    serde_json::from_str(text).expect("the build script writes what is read here")
}

impl Operation {
    /// The words of the command, such as `customers documents upload`: the parts of the path without parameters, and the
    /// action. A last part that names the action itself, such as `retry`, is not repeated.
    pub(super) fn words(&self, base: &str) -> Vec<String> {
        let path = self.path.strip_prefix(base).unwrap_or(&self.path);
        let parts = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
        let mut words: Vec<String> = parts.map(str::to_owned).collect();
        let action: String = self.id.chars().take_while(char::is_ascii_lowercase).collect();
        if ACTIONS.contains(&&*action) {
            words.push(action);
        }
        words
    }
}

/// The actions on a whole resource or on a list. Any other action is the last part of its path.
const ACTIONS: [&str; 8] = ["create", "list", "get", "update", "delete", "revoke", "upload", "set"];
