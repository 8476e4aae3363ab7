//! Completes the schemas of a document. Scalars are written inline. Conditional fields get separate schemas. Each
//! field has an example, and each body's example consists of its fields' examples.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use utoipa::openapi::schema::{AllOf, ArrayItems, Object, OneOf, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};

use super::api::Api;
use super::{sample, vocabulary};

/// The schemas of a document, by name.
pub(super) type Schemas = BTreeMap<String, RefOr<Schema>>;

const PREFIX: &str = "#/components/schemas/";

/// The name of the schema that a reference points to.
pub(super) fn name_of(reference: &Ref) -> &str {
    reference.ref_location.strip_prefix(PREFIX).unwrap_or(&reference.ref_location)
}

fn plain(text: &str) -> String {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

/// Completes every schema of an API. `requests` are the names of the schemas of request bodies.
pub(super) fn complete(api: Api, schemas: &mut Schemas, requests: &BTreeSet<String>) {
    flatten(schemas);
    refer_to_items(schemas);
    let scalars: Schemas = schemas.iter().filter(|(_, schema)| is_scalar(schema)).map(pair).collect();
    for (name, schema) in schemas.iter_mut() {
        let place = Place { scalars: &scalars, is_request: requests.contains(name), name, api };
        place.complete(schema);
    }
    for scalar in scalars.keys() {
        schemas.remove(scalar);
    }
    inherit(schemas);
    with_secret(schemas, "Credential", "client_secret", "CreatedCredential");
    with_secret(schemas, "PartnerCredential", "client_secret", "CreatedPartnerCredential");
    with_secret(schemas, "Endpoint", "secret", "CreatedEndpoint");
    split_by_term(schemas, "Offer", "FixedTermOffer", "TermRangeOffer");
    split_by_term(schemas, "OfferTerms", "FixedOfferTerms", "RangeOfferTerms");
}

/// Limits the name of a requested sample to the generation's event names.
pub(super) fn name_events(schemas: &mut Schemas, names: &[&str]) {
    if let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut("SendTest")
        && let Some(RefOr::T(Schema::Object(name))) = object.properties.get_mut("type")
    {
        name.enum_values = Some(names.iter().map(|name| json!(name)).collect());
        name.pattern = None;
    }
}

fn pair((name, schema): (&String, &RefOr<Schema>)) -> (String, RefOr<Schema>) {
    (name.clone(), schema.clone())
}

/// Whether a schema is a text or a number that is not limited to a few values.
fn is_scalar(schema: &RefOr<Schema>) -> bool {
    let RefOr::T(Schema::Object(object)) = schema else { return false };
    let simple = [Type::String, Type::Number, Type::Integer];
    object.enum_values.is_none()
        && simple.iter().any(|wanted| object.schema_type == SchemaType::Type(wanted.clone()))
}

/// Merges the parts of composed objects.
fn flatten(schemas: &mut Schemas) {
    let parts = schemas.clone();
    for schema in schemas.values_mut() {
        if let RefOr::T(Schema::AllOf(all)) = schema {
            *schema = RefOr::T(Schema::Object(merged(all, &parts)));
        }
    }
}

/// Makes lists refer to their items' schemas. Otherwise each list would contain a copy.
fn refer_to_items(schemas: &mut Schemas) {
    let items: Vec<String> =
        schemas.keys().filter_map(|name| name.strip_prefix("Item_")).map(str::to_owned).collect();
    for item in items {
        let Some(RefOr::T(Schema::OneOf(one_of))) = schemas.get_mut(&format!("Item_{item}")) else {
            continue;
        };
        let what = "An item of the list, or the mark of one that is damaged.";
        one_of.description.get_or_insert_with(|| what.to_owned());
        let inline = one_of.items.iter_mut().find(|item| matches!(item, RefOr::T(_)));
        if let Some(inline) = inline {
            let whole = std::mem::replace(inline, RefOr::Ref(Ref::from_schema_name(&item)));
            schemas.entry(item).or_insert(whole);
        }
    }
    let names: BTreeSet<String> = schemas.keys().cloned().collect();
    for (name, schema) in schemas.iter_mut() {
        let Some(item) = name.strip_prefix("List_") else { continue };
        let marked = format!("Item_{item}");
        let item = if names.contains(&marked) { &marked } else { item };
        if let RefOr::T(Schema::Object(list)) = schema
            && let Some(RefOr::T(Schema::Array(data))) = list.properties.get_mut("data")
            && names.contains(item)
        {
            data.items = ArrayItems::RefOrSchema(Box::new(RefOr::Ref(Ref::from_schema_name(item))));
        }
    }
}

fn merged(all: &AllOf, parts: &Schemas) -> Object {
    let mut whole = Object::new();
    whole.schema_type = SchemaType::Type(Type::Object);
    whole.description.clone_from(&all.description);
    for item in &all.items {
        let part = match item {
            RefOr::Ref(reference) => parts.get(name_of(reference)),
            RefOr::T(_) => Some(item),
        };
        if let Some(RefOr::T(Schema::Object(part))) = part {
            whole.required.extend(part.required.iter().cloned());
            whole
                .properties
                .extend(part.properties.iter().map(|(name, schema)| (name.clone(), schema.clone())));
            if whole.description.is_none() {
                whole.description.clone_from(&part.description);
            }
        }
    }
    whole
}

/// The context of a schema.
struct Place<'a> {
    scalars: &'a Schemas,
    is_request: bool,
    api: Api,
    name: &'a str,
}

impl Place<'_> {
    fn complete(&self, schema: &mut RefOr<Schema>) {
        match schema {
            RefOr::T(Schema::Object(object)) => self.complete_object(object),
            RefOr::T(Schema::OneOf(one_of)) => {
                for item in &mut one_of.items {
                    self.complete(item);
                }
            }
            RefOr::T(_) | RefOr::Ref(_) => {}
        }
    }

    fn complete_object(&self, object: &mut Object) {
        object.description = object.description.as_deref().map(plain);
        if object.enum_values.is_some() && object.example.is_none() {
            object.example = object.enum_values.as_ref().and_then(|values| values.first().cloned());
        }
        for (field, schema) in &mut object.properties {
            let required = object.required.contains(field);
            self.complete_field(field, schema);
            if let (true, RefOr::T(Schema::Object(object))) = (self.is_request, &mut *schema) {
                match self.api {
                    Api::Operator => sample::visible(object),
                    Api::Reference | Api::Sdk | Api::Sandbox => sample::printable(object),
                }
            }
            if !self.is_request && !required {
                never_null(schema);
            }
        }
    }

    fn complete_field(&self, field: &str, schema: &mut RefOr<Schema>) {
        self.inline(field, schema);
        let sample = vocabulary::of(self.name, field);
        match schema {
            RefOr::T(Schema::Object(object)) => {
                object.description = object.description.as_deref().map(plain);
                if self.is_request {
                    vocabulary::limit_length(field, object);
                }
                if let Some(sample) = sample {
                    sample.complete(object);
                }
                if object.example.is_none() && object.examples.is_empty() {
                    object.example = object.enum_values.as_ref().and_then(|values| values.first().cloned());
                }
            }
            RefOr::T(Schema::Array(array)) => {
                array.description = array.description.as_deref().map(plain);
                if let ArrayItems::RefOrSchema(items) = &mut array.items {
                    self.inline("", items);
                }
                if let Some(texts) = vocabulary::texts(field) {
                    array.example.get_or_insert_with(|| json!(texts));
                    if self.is_request {
                        array.max_items = Some(vocabulary::MOST_EVENTS);
                    }
                }
            }
            RefOr::T(Schema::OneOf(one_of)) => lift_description(one_of),
            RefOr::Ref(reference) => reference.description = plain(&reference.description),
            RefOr::T(_) => {}
        }
    }

    /// Replaces a reference to a scalar with the scalar itself, so that the field can have a separate example.
    fn inline(&self, field: &str, schema: &mut RefOr<Schema>) {
        let (reference, nullable) = match schema {
            RefOr::Ref(reference) => (Some(reference.clone()), false),
            RefOr::T(Schema::OneOf(one_of)) => (only_reference(one_of), true),
            RefOr::T(_) => (None, false),
        };
        let Some(reference) = reference else { return };
        let Some(RefOr::T(Schema::Object(scalar))) = self.scalars.get(name_of(&reference)) else { return };
        let mut object = scalar.clone();
        if vocabulary::of(self.name, field).is_some() {
            object.example = None;
        }
        if !reference.description.is_empty() {
            object.description = Some(reference.description.clone());
        }
        if nullable && let SchemaType::Type(only) = &object.schema_type {
            object.schema_type = SchemaType::Array(vec![only.clone(), Type::Null]);
        }
        *schema = RefOr::T(Schema::Object(object));
    }
}

/// The one schema of a value that may be null.
fn only_reference(one_of: &OneOf) -> Option<Ref> {
    match one_of.items.as_slice() {
        [RefOr::Ref(reference), RefOr::T(_)] | [RefOr::T(_), RefOr::Ref(reference)] => {
            Some(reference.clone())
        }
        _other => None,
    }
}

/// Moves the description of the first described part to the whole.
fn lift_description(one_of: &mut OneOf) {
    for item in &mut one_of.items {
        if let RefOr::Ref(reference) = item
            && !reference.description.is_empty()
            && one_of.description.is_none()
        {
            one_of.description = Some(plain(&reference.description));
            reference.description = String::new();
        }
    }
}

/// Removes null from a conditional field of an answer. The field is absent or has a value.
fn never_null(schema: &mut RefOr<Schema>) {
    let replaced = match schema {
        RefOr::T(Schema::Object(object)) => {
            object.schema_type = without_null(&object.schema_type);
            if let Some(values) = &mut object.enum_values {
                values.retain(|value| !value.is_null());
            }
            None
        }
        RefOr::T(Schema::Array(array)) => {
            array.schema_type = without_null(&array.schema_type);
            None
        }
        RefOr::T(Schema::OneOf(one_of)) => only_reference(one_of).map(|mut reference| {
            reference.description = one_of.description.clone().unwrap_or(reference.description);
            RefOr::Ref(reference)
        }),
        RefOr::T(_) | RefOr::Ref(_) => None,
    };
    if let Some(replaced) = replaced {
        *schema = replaced;
    }
}

fn without_null(of_type: &SchemaType) -> SchemaType {
    match of_type {
        SchemaType::Array(types) => match types.as_slice() {
            [only, Type::Null] | [Type::Null, only] => SchemaType::Type(only.clone()),
            _several => of_type.clone(),
        },
        SchemaType::Type(_) | SchemaType::AnyValue => of_type.clone(),
    }
}

/// Copies the descriptions of a resource's fields to the same fields of its events.
fn inherit(schemas: &mut Schemas) {
    let resources = schemas.clone();
    for (name, schema) in schemas.iter_mut().filter(|(name, _)| name.ends_with("Data")) {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        let resource = ["Customer", "Loan", "Offer"]
            .into_iter()
            .find(|r| name.trim_start_matches("Credit").starts_with(r));
        let Some(RefOr::T(Schema::Object(resource))) = resource.and_then(|name| resources.get(name)) else {
            continue;
        };
        for (field, schema) in &mut object.properties {
            if let Some(described) = resource.properties.get(field) {
                describe(schema, description(described));
            }
        }
    }
}

/// The description of a schema.
pub(super) fn description(schema: &RefOr<Schema>) -> Option<&str> {
    match schema {
        RefOr::Ref(reference) => Some(reference.description.as_str()).filter(|text| !text.is_empty()),
        RefOr::T(Schema::Object(object)) => object.description.as_deref(),
        RefOr::T(Schema::Array(array)) => array.description.as_deref(),
        RefOr::T(Schema::OneOf(one_of)) => one_of.description.as_deref(),
        RefOr::T(_) => None,
    }
}

fn describe(schema: &mut RefOr<Schema>, text: Option<&str>) {
    let (None, Some(text)) = (description(schema), text) else { return };
    let text = Some(text.to_owned());
    match schema {
        RefOr::Ref(reference) => reference.description = text.into_iter().collect(),
        RefOr::T(Schema::Object(object)) => object.description = text,
        RefOr::T(Schema::Array(array)) => array.description = text,
        RefOr::T(Schema::OneOf(one_of)) => one_of.description = text,
        RefOr::T(_) => {}
    }
}

/// Adds a separate schema for the answer that shows a secret.
fn with_secret(schemas: &mut Schemas, resource: &str, secret: &str, created: &str) {
    let Some(RefOr::T(Schema::Object(shown))) = schemas.get_mut(resource) else { return };
    if !shown.properties.contains_key(secret) {
        return;
    }
    let mut with_secret = shown.clone();
    shown.properties.shift_remove(secret);
    with_secret.required.push(secret.to_owned());
    with_secret.description =
        with_secret.description.map(|text| format!("{text} With its secret, which only this answer shows."));
    schemas.insert(created.to_owned(), RefOr::T(Schema::Object(with_secret)));
}

/// Splits the schema of an offer in two, for a fixed number of installments and for a choice. They have different keys.
fn split_by_term(schemas: &mut Schemas, name: &str, fixed: &str, range: &str) {
    let Some(RefOr::T(Schema::Object(whole))) = schemas.get(name) else { return };
    if !whole.properties.contains_key("min_installments") {
        return;
    }
    let whole = whole.clone();
    let variant = |without: &[&str], with: &[&str], term: &str| {
        let mut object = whole.clone();
        object.properties.retain(|field, _| !without.contains(&field.as_str()));
        object.required.extend(with.iter().map(|field| (*field).to_owned()));
        object.description = whole.description.as_ref().map(|text| format!("{text} {term}"));
        RefOr::T(Schema::Object(object))
    };
    let choice = ["min_installments", "max_installments"];
    schemas.insert(
        fixed.to_owned(),
        variant(&choice, &["installments"], "The number of installments is fixed."),
    );
    schemas.insert(
        range.to_owned(),
        variant(&["installments"], &choice, "The customer chooses the number of installments."),
    );
    let mut union = OneOf::new();
    union.description.clone_from(&whole.description);
    union.items = [fixed, range].map(|name| RefOr::Ref(Ref::from_schema_name(name))).to_vec();
    schemas.insert(name.to_owned(), RefOr::T(Schema::OneOf(union)));
}

/// Gives lists and their items readable names: `List_Loan` becomes `LoanList`.
pub(super) fn rename_lists(schemas: &mut Schemas) {
    *schemas = std::mem::take(schemas)
        .into_iter()
        .map(|(name, mut schema)| {
            rename_references(&mut schema);
            (list_name(&name), schema)
        })
        .collect();
}

fn rename_references(schema: &mut RefOr<Schema>) {
    match schema {
        RefOr::Ref(reference) => {
            reference.ref_location = format!("{PREFIX}{}", list_name(name_of(reference)));
        }
        RefOr::T(Schema::Object(object)) => object.properties.values_mut().for_each(rename_references),
        RefOr::T(Schema::OneOf(one_of)) => one_of.items.iter_mut().for_each(rename_references),
        RefOr::T(Schema::Array(array)) => {
            if let ArrayItems::RefOrSchema(items) = &mut array.items {
                rename_references(items);
            }
        }
        RefOr::T(_) => {}
    }
}

/// The name of a schema in the finished document.
pub(super) fn list_name(name: &str) -> String {
    let (kind, item) = name.split_once('_').map_or(("", name), |(kind, item)| (kind, item));
    match kind {
        "List" | "Item" => format!("{item}{kind}"),
        _no_list => name.to_owned(),
    }
}
