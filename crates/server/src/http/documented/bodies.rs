//! The bodies of requests and answers: their schemas, media types and examples.

use std::collections::BTreeSet;

use serde_json::json;
use utoipa::openapi::path::Operation;
use utoipa::openapi::response::Response;
use utoipa::openapi::schema::{ArrayItems, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Content, ContentBuilder, OpenApi, Ref, RefOr};

use super::composed::example_of;
use super::operations::{self, Facts};
use super::schemas::{Schemas, list_name, name_of};

/// The schemas of request bodies, with the schemas inside them.
pub(super) fn requests(document: &OpenApi) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let Some(components) = &document.components else { return names };
    let mut waiting: Vec<&RefOr<Schema>> = Vec::new();
    for item in document.paths.paths.values() {
        for operation in [&item.post, &item.patch].into_iter().flatten() {
            waiting.extend(operations::body_schemas(operation));
        }
    }
    while let Some(schema) = waiting.pop() {
        match schema {
            RefOr::Ref(reference) => {
                let name = name_of(reference);
                if names.insert(name.to_owned()) {
                    waiting.extend(components.schemas.get(name));
                }
            }
            RefOr::T(Schema::Object(object)) => waiting.extend(object.properties.values()),
            RefOr::T(Schema::OneOf(one_of)) => waiting.extend(&one_of.items),
            RefOr::T(Schema::Array(array)) => {
                if let ArrayItems::RefOrSchema(items) = &array.items {
                    waiting.push(items);
                }
            }
            RefOr::T(_) => {}
        }
    }
    names
}

/// Completes the bodies of an operation.
pub(super) fn complete(facts: &Facts, operation: &mut Operation, schemas: &Schemas) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.description.get_or_insert_with(|| "The input of the operation.".to_owned());
        for content in body.content.values_mut() {
            with_example(content, schemas);
        }
        describe(body, schemas);
    }
    for (status, response) in &mut operation.responses.responses {
        let RefOr::T(response) = response else { continue };
        if status == "201" {
            show_secret(&facts.id, response);
        }
        if let Some(types) = files_of(&facts.id) {
            files(types, response);
            continue;
        }
        for content in response.content.values_mut() {
            with_example(content, schemas);
        }
    }
}

/// Copies the description of a body from its schema.
fn describe(body: &mut utoipa::openapi::request_body::RequestBody, schemas: &Schemas) {
    let reference = body.content.values().find_map(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(reference)), .. }) => Some(name_of(reference)),
        _inline => None,
    });
    if let Some(RefOr::T(Schema::Object(object))) = reference.and_then(|name| schemas.get(name)) {
        body.description.clone_from(&object.description);
    }
}

fn with_example(content: &mut RefOr<Content>, schemas: &Schemas) {
    let RefOr::T(content) = content else { return };
    let Some(schema) = &mut content.schema else { return };
    if let RefOr::Ref(reference) = schema {
        *reference = Ref::from_schema_name(list_name(name_of(reference)));
    }
    if content.example.is_none() && content.examples.is_empty() {
        content.example = Some(example_of(schemas, "", "", schema));
    }
}

/// Adds the secret to the schema of the answer that creates it.
fn show_secret(operation: &str, response: &mut Response) {
    let created = match operation {
        "createCredential" => "CreatedCredential",
        "createPartnerCredential" => "CreatedPartnerCredential",
        "createWebhookEndpoint" => "CreatedEndpoint",
        _no_secret => return,
    };
    for content in response.content.values_mut() {
        if let RefOr::T(content) = content {
            content.schema = Some(RefOr::Ref(Ref::from_schema_name(created)));
        }
    }
}

/// The media types of an operation that answers with a file.
fn files_of(operation: &str) -> Option<&'static [&'static str]> {
    Some(match operation {
        "getDocument" => &["application/pdf", "image/jpeg", "image/png"],
        "getDocumentPage" => &["image/png", "image/jpeg"],
        "getContract" => &["application/pdf"],
        "exportPersonalData" => &["application/zip"],
        _no_file => return None,
    })
}

/// Sets the media types of an answer with a file.
fn files(types: &[&str], response: &mut Response) {
    if response.content.is_empty() || response.content.contains_key("application/problem+json") {
        return;
    }
    response.content.clear();
    for media_type in types {
        let beginning = match *media_type {
            "image/jpeg" => "\u{ff}\u{d8}\u{ff}\u{e0}…",
            "image/png" => "\u{89}PNG\r\n…",
            "application/zip" => "PK\u{3}\u{4}…",
            _pdf => "%PDF-1.7\n…",
        };
        let bytes = ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary)))
            .description(Some("The bytes of the file."));
        let content = ContentBuilder::new().schema(Some(bytes)).example(Some(json!(beginning))).build();
        response.content.insert((*media_type).to_owned(), RefOr::T(content));
    }
}
