//! The JSON Schema of the configuration's file, for editors: `dinie config schema`.

use serde_json::{Map, Value, json};

use super::catalogue::{Setting, settings};

/// The settings with few values.
const CHOICES: [(&str, &[&str]); 2] =
    [("environment", &["sandbox", "production"]), ("forwarded_header", &["x-forwarded-for", "forwarded"])];

/// The settings with a largest value.
const MOST: [(&str, u64); 5] = [
    ("connections.drain_s", 20),
    ("sessions.hours", 24),
    ("requests.days", 365),
    ("requests.bodies_days", 365),
    ("requests.per_second", 100_000),
];

/// The tables whose numbers may be zero, and single settings.
const FROM_ZERO: [&str; 4] = ["connections.drain_s", "files.", "lifetimes.", "queues."];

/// The schema, in the dialect 2020-12.
pub fn schema() -> Value {
    let (tables, settings) = settings();
    let mut properties = Map::new();
    for table in tables {
        let object = object(&table.about);
        properties.insert(table.name, object);
    }
    for setting in settings {
        let described = described(&setting);
        match setting.key.split_once('.') {
            None => drop(properties.insert(setting.key, described)),
            Some((table, key)) => properties[table]["properties"][key] = described,
        }
    }
    let mut schema = object("The configuration of Dinie.");
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("dinie.toml");
    schema["properties"] = Value::Object(properties);
    schema
}

fn object(about: &str) -> Value {
    json!({"type": "object", "description": about, "additionalProperties": false, "properties": {}})
}

fn described(setting: &Setting) -> Value {
    let mut described = shape(&setting.value);
    described["description"] = json!(setting.about);
    if setting.is_default {
        described["default"] = json!(setting.value);
    } else {
        described["examples"] = json!([setting.value]);
    }
    if let Some((_, choices)) = CHOICES.iter().find(|(key, _)| *key == setting.key) {
        described["enum"] = json!(choices);
    }
    if described["type"] == "integer" {
        let least = u8::from(!FROM_ZERO.iter().any(|table| setting.key.starts_with(table)));
        described["minimum"] = json!(least);
    }
    if let Some((_, most)) = MOST.iter().find(|(key, _)| *key == setting.key) {
        described["maximum"] = json!(most);
    }
    described
}

/// The type of a value, with those of its parts.
fn shape(value: &toml::Value) -> Value {
    match value {
        toml::Value::String(_) | toml::Value::Datetime(_) => json!({"type": "string"}),
        toml::Value::Integer(_) => json!({"type": "integer"}),
        toml::Value::Float(_) => json!({"type": "number"}),
        toml::Value::Boolean(_) => json!({"type": "boolean"}),
        toml::Value::Array(items) => {
            json!({"type": "array", "items": items.first().map_or_else(|| json!({}), shape)})
        }
        toml::Value::Table(parts) => {
            let properties: Map<String, Value> =
                parts.iter().map(|(key, part)| (key.clone(), shape(part))).collect();
            let required: Vec<&String> = parts.keys().collect();
            json!({
                "type": "object", "additionalProperties": false, "properties": properties, "required": required,
            })
        }
    }
}
