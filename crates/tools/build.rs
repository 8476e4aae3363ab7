//! Shortens the OpenAPI documents of the partners' API to what the resource commands are made of: operations with their
//! parameters and the fields of their bodies. The documents have a megabyte each, and every start of the program would
//! read them.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

fn main() {
    let folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("../../openapi");
    let target = PathBuf::from(variable("OUT_DIR"));
    println!("cargo:rerun-if-changed=build.rs");
    for name in ["reference.json", "sdk.json"] {
        let path = folder.join(name);
        println!("cargo:rerun-if-changed={}", path.display());
        let document = read(&path);
        std::fs::write(target.join(name), operations(&document).to_string()).expect("OUT_DIR can be written");
    }
}

#[expect(clippy::disallowed_methods, reason = "this is how Cargo talks to a build script")]
fn variable(name: &str) -> String {
    std::env::var(name).expect("Cargo sets the variable")
}

fn read(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).expect("the committed document exists");
    serde_json::from_str(&text).expect("the committed document is JSON")
}

/// Every operation that a bearer token may call.
fn operations(document: &Value) -> Value {
    let mut operations = Vec::new();
    for (path, methods) in object(&document["paths"]) {
        for (method, operation) in object(methods) {
            // An operation with its own security is the sign-in.
            if operation["operationId"].is_string() && operation["security"].is_null() {
                operations.push(short(document, path, method, operation));
            }
        }
    }
    operations.into()
}

fn short(document: &Value, path: &str, method: &str, operation: &Value) -> Value {
    let parameters: Vec<&Value> =
        array(&operation["parameters"]).map(|parameter| resolved(document, parameter)).collect();
    let of = |place: &str| -> Vec<Value> {
        let placed = parameters.iter().filter(|parameter| parameter["in"] == place);
        placed
            .map(|parameter| field(document, parameter, &parameter["schema"], &parameter["required"]))
            .collect()
    };
    let mut keys = parameters.iter().filter_map(|parameter| parameter["name"].as_str());
    json!({
        "id": operation["operationId"],
        "method": method.to_uppercase(),
        "path": path,
        "about": tag_about(document, operation),
        "summary": operation["summary"],
        "description": operation["description"],
        "path_parameters": of("path"),
        "query": of("query"),
        "idempotency_key": keys.find(|name| name.to_lowercase().contains("idempotency-key")),
        "body": body(document, operation),
        "has_pages": parameters.iter().any(|parameter| parameter["name"] == "starting_after"),
    })
}

/// The meaning of the operation's group.
fn tag_about<'a>(document: &'a Value, operation: &Value) -> &'a Value {
    let tag = array(&document["tags"]).find(|tag| tag["name"] == operation["tags"][0]);
    tag.map_or(&Value::Null, |tag| &tag["description"])
}

/// The media type and the fields of a body. JSON is preferred, then a form with files.
fn body(document: &Value, operation: &Value) -> Value {
    let body = resolved(document, &operation["requestBody"]);
    let medias = ["application/json", "multipart/form-data"];
    let media = medias.into_iter().find(|media| body["content"][media].is_object());
    let Some(media) = media else { return Value::Null };
    let mut fields = Vec::new();
    add_fields(document, &body["content"][media]["schema"], "", &mut fields);
    json!({"media": media, "fields": fields})
}

/// The fields of an object, and those of objects in it under their path.
fn add_fields(document: &Value, schema: &Value, above: &str, fields: &mut Vec<Value>) {
    let schema = resolved(document, schema);
    for one in array(&schema["oneOf"]) {
        add_fields(document, one, above, fields);
    }
    let required: Vec<&Value> = array(&schema["required"]).collect();
    for (name, given) in object(&schema["properties"]) {
        let name = format!("{above}{name}");
        let inner = resolved(document, given);
        if inner["properties"].is_object() {
            add_fields(document, inner, &format!("{name}."), fields);
        } else {
            let is_required = required.iter().any(|one| *one == &name) && above.is_empty();
            fields.push(field(
                document,
                &json!({"name": name, "description": given["description"]}),
                given,
                &json!(is_required),
            ));
        }
    }
}

fn field(document: &Value, named: &Value, schema: &Value, required: &Value) -> Value {
    let schema = resolved(document, schema);
    let mut types = array(&schema["type"]).chain([&schema["type"]]);
    let is = |kind: &str| types.clone().any(|one| one == kind);
    let kind = if schema["format"] == "binary" {
        "file"
    } else if is("array") {
        "texts"
    } else if is("integer") || is("number") {
        "number"
    } else if is("boolean") {
        "boolean"
    } else if types.any(|one| one == "object") {
        "json"
    } else {
        "text"
    };
    let description =
        if named["description"].is_null() { &schema["description"] } else { &named["description"] };
    json!({
        "name": named["name"],
        "description": description,
        "required": required == &json!(true),
        "kind": kind,
        "values": array(&schema["enum"]).filter(|value| value.is_string()).collect::<Vec<_>>(),
    })
}

/// The value behind a reference within the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            let target =
                document.pointer(reference.trim_start_matches('#')).expect("references lead somewhere");
            resolved(document, target)
        }
        None => value,
    }
}

fn array(value: &Value) -> impl Iterator<Item = &Value> + Clone {
    value.as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
