//! The OpenAPI documents as the portal reads them: the same texts that the server sends to programs.

use serde_json::Value;

/// The OpenAPI documents as text.
pub(crate) struct Documents {
    /// The document of `/v3`.
    pub(crate) reference: String,
    /// The document of `/api/v3`.
    pub(crate) sdk: String,
    /// The document of the sandbox's own operations.
    pub(crate) sandbox: String,
}

/// An API with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Generation {
    /// The reference, at `/v3`.
    Reference,
    /// The API of the client libraries, at `/api/v3`.
    Sdk,
    /// The sandbox's own operations.
    Sandbox,
}

impl Generation {
    /// The generations, in the order of the portal.
    pub(super) const ALL: [Self; 3] = [Self::Reference, Self::Sdk, Self::Sandbox];

    /// The generation with this name in addresses.
    pub(super) fn of_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }

    /// The name in addresses.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Reference => "v3",
            Self::Sdk => "sdk",
            Self::Sandbox => "sandbox",
        }
    }

    /// The beginning of every path.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Self::Reference => "/v3",
            Self::Sdk => "/api/v3",
            Self::Sandbox => "/sandbox",
        }
    }
}

/// A document, read once.
#[derive(Debug)]
pub(super) struct Api {
    pub(super) generation: Generation,
    pub(super) document: Value,
    /// The names and descriptions of the tags, in the document's order.
    pub(super) tags: Vec<(String, String)>,
    /// The operations by tag, then by path.
    pub(super) operations: Vec<Operation>,
}

/// An operation's own facts. The rest is read from the document when a page shows it.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) id: String,
    /// In capitals.
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) tag: String,
    pub(super) summary: String,
    pub(super) description: String,
}

impl Operation {
    /// The class that colours the method.
    pub(super) fn class(&self) -> &'static str {
        verb_class(self.method)
    }
}

/// The class that colours a method.
pub(super) fn verb_class(verb: &str) -> &'static str {
    match verb {
        "GET" => "verb verb-get",
        "DELETE" => "verb verb-del",
        _writes => "verb",
    }
}

/// The methods of a path, in the order of the portal.
const METHODS: [(&str, &str); 5] =
    [("post", "POST"), ("get", "GET"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

impl Api {
    /// Reads a document that this server has made.
    pub(super) fn read(generation: Generation, text: &str) -> Self {
        let document: Value = serde_json::from_str(text).expect("the server's own document is JSON");
        let tags = items(&document["tags"]).map(|tag| (text_of(&tag["name"]), text_of(&tag["description"])));
        let tags: Vec<(String, String)> = tags.collect();
        let mut operations = Vec::new();
        for (path, item) in members(&document["paths"]) {
            let of_path = METHODS.iter().filter_map(|(key, method)| Some((*method, item.get(key)?)));
            operations.extend(of_path.map(|(method, found)| Operation {
                id: text_of(&found["operationId"]),
                method,
                path: path.clone(),
                tag: text_of(&found["tags"][0]),
                summary: text_of(&found["summary"]),
                description: text_of(&found["description"]),
            }));
        }
        let place = |tag: &str| tags.iter().position(|(name, _)| name == tag);
        operations.sort_by_key(|operation| place(&operation.tag));
        Self { generation, document, tags, operations }
    }

    /// The operation with an id.
    pub(super) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Everything that the document says about an operation.
    pub(super) fn facts(&self, operation: &Operation) -> &Value {
        &self.document["paths"][&operation.path][operation.method.to_lowercase()]
    }

    /// The value itself, or the component to which it refers.
    pub(super) fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match reference(value) {
            Some((kind, name)) => &self.document["components"][kind][name],
            None => value,
        }
    }

    /// The address of an operation's page.
    pub(super) fn href(&self, operation: &Operation) -> String {
        format!("/docs/reference/{}/{}", self.generation.key(), operation.id)
    }

    /// The sample of an event's body; `None` if the generation does not have the event.
    pub(super) fn event_sample(&self, name: &str) -> Option<&Value> {
        let body = self.document["webhooks"].get(name)?;
        body["post"]["requestBody"]["content"]["application/json"].get("example")
    }
}

/// The kind and the name of the component to which a value refers.
pub(super) fn reference(value: &Value) -> Option<(&str, &str)> {
    value.get("$ref")?.as_str()?.strip_prefix("#/components/")?.split_once('/')
}

/// The members of an object; none of anything else.
pub(super) fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The items of an array; none of anything else.
pub(super) fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The text of a value; empty for anything else.
pub(super) fn text_of(value: &Value) -> String {
    value.as_str().into_iter().collect()
}
