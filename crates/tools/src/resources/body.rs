//! The body of a request, from flags and `--data`.

use std::io::Read as _;
use std::path::Path;

use anyhow::Context as _;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value};

use super::document::{Field, Kind};
use crate::failure::Failure;

/// The JSON that an argument names: itself, a file as `@FILE`, or the input as `-`.
pub(super) fn json_of(argument: &str) -> anyhow::Result<Value> {
    let text = match argument.strip_prefix('@') {
        _any if argument == "-" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("the input")?;
            text
        }
        Some(path) => text_of(Path::new(path))?,
        None => argument.to_owned(),
    };
    serde_json::from_str(&text).map_err(|error| Failure::Usage(format!("--data is no JSON: {error}")).into())
}

/// The text of a file that an argument names.
pub(crate) fn text_of(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::Settings(format!("the file {}: {error}", path.display())).into())
}

/// Puts a field into a body. The name of an inner field is its path.
pub(super) fn put(body: &mut Map<String, Value>, field: &Field, values: &[String]) -> anyhow::Result<()> {
    let value = value_of(field, values)?;
    let mut parts: Vec<&str> = field.name.split('.').collect();
    let last = parts.pop().expect("a name has a part");
    let mut place = body;
    for part in parts {
        let inner = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
        place =
            inner.as_object_mut().ok_or_else(|| Failure::Usage(format!("{part} of --data is no object")))?;
    }
    place.insert(last.to_owned(), value);
    Ok(())
}

fn value_of(field: &Field, values: &[String]) -> anyhow::Result<Value> {
    let text = values.first().map_or("", String::as_str);
    let wrong =
        |what: &str| Failure::Usage(format!("--{} {text} is no {what}", field.name.replace('_', "-")));
    Ok(match field.kind {
        Kind::Text | Kind::File => text.into(),
        Kind::Texts => values.into(),
        Kind::Boolean => (text == "true").into(),
        Kind::Number => match serde_json::from_str(text) {
            Ok(Value::Number(number)) => Value::Number(number),
            _other => return Err(wrong("number").into()),
        },
        Kind::Json => serde_json::from_str(text).map_err(|_error| wrong("JSON"))?,
    })
}

/// A form with files.
pub(super) fn form(given: &[(&Field, Vec<String>)]) -> anyhow::Result<Form> {
    let mut form = Form::new();
    for (field, values) in given {
        let text = values.first().cloned().unwrap_or_else(String::new);
        if field.kind != Kind::File {
            form = form.text(field.name.clone(), text);
            continue;
        }
        let content =
            std::fs::read(&text).map_err(|error| Failure::Settings(format!("the file {text}: {error}")))?;
        let name = Path::new(&text).file_name().map(|name| name.to_string_lossy().into_owned());
        let part = Part::bytes(content).file_name(name.unwrap_or_else(|| "upload".to_owned()));
        form = form.part(field.name.clone(), part);
    }
    Ok(form)
}
