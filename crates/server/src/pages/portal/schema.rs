//! The fields of a schema as a list, with the fields of objects inside it.

use serde_json::Value;

use super::document::{Api, items, members, reference, text_of};
use super::html::{escaped, inline, put};
use crate::pages::texts::Texts;

/// How deep the lists of fields go. Deeper objects are in the sample.
const DEEPEST: usize = 5;

/// The fields of a body that a caller sends. `t` are the texts of the page; descriptions are as in the document.
pub(super) fn fields(api: &Api, schema: &Value, t: &'static Texts) -> String {
    Tree { api, t, is_sent: true, within: Vec::new() }.fields(schema)
}

/// The fields of an answer. All of them are always there, so none is marked as required.
pub(super) fn answer(api: &Api, schema: &Value, t: &'static Texts) -> String {
    Tree { api, t, is_sent: false, within: Vec::new() }.fields(schema)
}

/// The rows of parameters: those of `place`, which is `path`, `query` or `header`.
pub(super) fn parameters(api: &Api, facts: &Value, place: &str, t: &'static Texts) -> String {
    let mut out = String::new();
    let mut tree = Tree { api, t, is_sent: true, within: Vec::new() };
    for given in items(&facts["parameters"]).map(|given| api.resolved(given)) {
        if given["in"] != *place {
            continue;
        }
        let is_required = given["required"] == true;
        let about = given["description"].as_str();
        tree.row(&mut out, &text_of(&given["name"]), &given["schema"], (is_required, about));
    }
    if out.is_empty() { out } else { format!("<dl class=\"params\">{out}</dl>") }
}

struct Tree<'a> {
    api: &'a Api,
    t: &'static Texts,
    /// Whether the caller sends the fields.
    is_sent: bool,
    /// The names of the schemas around the present one. A schema within itself is not shown again.
    within: Vec<Option<&'a str>>,
}

impl<'a> Tree<'a> {
    fn fields(&mut self, schema: &'a Value) -> String {
        let name = reference(schema).map(|(_, name)| name);
        if self.within.len() >= DEEPEST || name.is_some() && self.within.contains(&name) {
            return String::new();
        }
        self.within.push(name);
        let shown = self.inner(self.api.resolved(schema));
        self.within.pop();
        shown
    }

    fn inner(&mut self, schema: &'a Value) -> String {
        if let Some(items) = schema.get("items") {
            return self.fields(items);
        }
        let variants: Vec<&Value> = items(&schema["oneOf"]).filter(|one| one["type"] != "null").collect();
        match variants.as_slice() {
            [] => {}
            [only] => return self.fields(only),
            several => return several.iter().map(|one| self.variant(one)).collect(),
        }
        let required: Vec<&str> = items(&schema["required"]).filter_map(Value::as_str).collect();
        let mut properties: Vec<(&String, &Value)> = members(&schema["properties"]).collect();
        properties.sort_by_key(|(name, _)| (!required.contains(&name.as_str()), *name != "id"));
        let mut out = String::new();
        for (name, property) in properties {
            let about = property["description"].as_str();
            self.row(&mut out, name, property, (required.contains(&name.as_str()), about));
        }
        if out.is_empty() { out } else { format!("<dl class=\"params\">{out}</dl>") }
    }

    fn variant(&mut self, schema: &'a Value) -> String {
        let title = reference(schema).map_or("", |(_, name)| name);
        let shown = self.fields(schema);
        if shown.is_empty() {
            return shown;
        }
        format!("<details class=\"more\"><summary><code>{}</code></summary>{shown}</details>", escaped(title))
    }

    /// A field: its name, its type, and what is known of its values.
    fn row(&mut self, out: &mut String, name: &str, schema: &'a Value, more: (bool, Option<&str>)) {
        let (is_required, about) = more;
        let full = self.api.resolved(schema);
        let kind = escaped(&self.kind(schema));
        put(out, &format!("<div><dt><code>{}</code><span>{kind}</span>", escaped(name)));
        if is_required && self.is_sent {
            put(out, &format!("<span class=\"req\">{}</span>", self.t.portal.required));
        }
        out.push_str("</dt><dd>");
        if let Some(about) = about.or_else(|| full["description"].as_str()) {
            put(out, &format!("<p lang=\"en\">{}</p>", inline(about)));
        }
        out.push_str(&self.limits(full));
        let inside = self.fields(schema);
        if !inside.is_empty() {
            let label = self.t.portal.fields;
            let words = format!("{label}: {}", escaped(name));
            put(out, &format!("<details class=\"more\"><summary>{words}</summary>{inside}</details>"));
        }
        out.push_str("</dd></div>");
    }

    /// The values, the bounds and an example.
    fn limits(&self, schema: &Value) -> String {
        let p = &self.t.portal;
        let mut out = String::new();
        let code = |value: &Value| format!("<code>{}</code>", escaped(&plain(value)));
        let values: Vec<String> = items(&schema["enum"]).filter(|value| !value.is_null()).map(code).collect();
        if values.len() > 1 {
            put(&mut out, &format!("<p class=\"sm\">{}: {}</p>", p.values, values.join(" ")));
        }
        let bound = |key: &str| schema.get(key).map(plain);
        let range = |low: Option<String>, high: Option<String>| match (low, high) {
            (Some(low), Some(high)) => Some(format!("{low} – {high}")),
            (Some(low), None) => Some(format!("≥ {low}")),
            (None, Some(high)) => Some(format!("≤ {high}")),
            (None, None) => None,
        };
        let mut facts: Vec<String> = Vec::new();
        facts.extend(range(bound("minimum"), bound("maximum")));
        facts.extend(range(bound("minLength"), bound("maxLength")).map(|text| format!("{text} ch")));
        facts.extend(schema.get("default").map(|value| format!("default {}", code(value))));
        let example = schema.get("example").filter(|value| !value.is_array() && !value.is_object());
        if values.is_empty() {
            facts.extend(example.map(|value| format!("{}: {}", p.example, code(value))));
        }
        if !facts.is_empty() {
            put(&mut out, &format!("<p class=\"sm faint\">{}</p>", facts.join(" · ")));
        }
        out
    }

    /// The type in the reader's language.
    fn kind(&self, schema: &Value) -> String {
        let p = &self.t.portal;
        let full = self.api.resolved(schema);
        if full.get("oneOf").is_some() {
            let kinds: Vec<&Value> = items(&full["oneOf"]).collect();
            let first = kinds.iter().find(|one| one["type"] != "null");
            let kind = first.map_or_else(|| p.field_object.to_owned(), |one| self.kind(one));
            let nullable = kinds.iter().any(|one| one["type"] == "null");
            return if nullable { format!("{kind} {}", p.or_null) } else { kind };
        }
        let types: Vec<&str> = match &full["type"] {
            Value::String(one) => vec![one],
            several => items(several).filter_map(Value::as_str).collect(),
        };
        let named = |kind: &&str| match *kind {
            "string" if full.get("contentMediaType").is_some() || full["format"] == "binary" => {
                p.field_file.to_owned()
            }
            "string" => match full["format"].as_str() {
                Some(format) => format!("{} ({format})", p.field_string),
                None => p.field_string.to_owned(),
            },
            "integer" => p.field_integer.to_owned(),
            "number" => p.field_number.to_owned(),
            "boolean" => p.field_boolean.to_owned(),
            "array" => format!("{} {}", p.field_array, self.kind(&full["items"])),
            _object => p.field_object.to_owned(),
        };
        let mut kind: Vec<String> = types.iter().filter(|one| **one != "null").take(1).map(named).collect();
        if types.contains(&"null") {
            kind.push(p.or_null.to_owned());
        }
        if kind.is_empty() { p.field_object.to_owned() } else { kind.join(" ") }
    }
}

/// A value as a reader writes it: a text without quotation marks.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
