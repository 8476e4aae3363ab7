//! The examples of objects and lists, composed of their parts' examples.

use serde_json::{Map, Value};
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Array, ArrayItems, Object, Schema, SchemaType, Type};

use super::schemas::{Schemas, name_of};
use super::vocabulary;

/// Gives every object and array an example, composed of its parts' examples.
pub(super) fn compose_examples(schemas: &mut Schemas) {
    let whole = schemas.clone();
    for (name, schema) in schemas.iter_mut() {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for (field, schema) in &mut object.properties {
            if let RefOr::T(Schema::Array(Array { example: example @ None, items, .. })) = schema
                && let ArrayItems::RefOrSchema(items) = items
            {
                *example = Some(Value::Array(vec![example_of(&whole, name, field, items)]));
            }
        }
    }
}

/// An example of a schema, as the `field` of `name`.
pub(super) fn example_of(schemas: &Schemas, name: &str, field: &str, schema: &RefOr<Schema>) -> Value {
    if vocabulary::is_null(name, field) {
        return Value::Null;
    }
    match schema {
        RefOr::Ref(reference) => {
            let name = name_of(reference);
            schemas.get(name).map_or(Value::Null, |schema| example_of(schemas, name, "", schema))
        }
        RefOr::T(Schema::Object(object)) => object_example(schemas, name, object),
        RefOr::T(Schema::Array(array)) => match (&array.example, &array.items) {
            (Some(example), _) => example.clone(),
            (None, ArrayItems::RefOrSchema(items)) => {
                Value::Array(vec![example_of(schemas, name, field, items)])
            }
            (None, ArrayItems::False) => Value::Array(Vec::new()),
        },
        RefOr::T(Schema::OneOf(one_of)) => {
            let first = one_of.items.iter().find(|item| !is_null_type(item));
            first.map_or(Value::Null, |item| example_of(schemas, name, field, item))
        }
        RefOr::T(_) => Value::Null,
    }
}

fn object_example(schemas: &Schemas, name: &str, object: &Object) -> Value {
    if let Some(example) = object.example.clone().or_else(|| object.examples.first().cloned()) {
        return example;
    }
    let shown = object.properties.iter().filter(|(field, _)| !vocabulary::is_absent(name, field));
    let fields = shown.map(|(field, schema)| (field.clone(), example_of(schemas, name, field, schema)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn is_null_type(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
