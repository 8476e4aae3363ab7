//! The example of a field, and the common form of its values.

use domain::money::Cents;
use domain::time::Timestamp;
use serde_json::{Value, json};
use utoipa::openapi::schema::{Object, SchemaType, Type};
use utoipa::openapi::{KnownFormat, SchemaFormat};
use wire::text_scalar;

/// The example of a field, and the common form of its values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sample {
    /// An id with this prefix.
    Id(&'static str),
    /// The client id of a credential.
    ClientId,
    /// Any text.
    Text(&'static str),
    /// A text of a fixed form: the pattern, then the example.
    Form(&'static str, &'static str),
    /// A text of a registered format, such as `uri`: the format, then the example.
    Format(&'static str, &'static str),
    /// One of these texts; the first is the example.
    OneOf(&'static [&'static str]),
    /// An amount in cents.
    Amount(i64),
    /// A moment in Unix seconds.
    Moment(i64),
    /// A count.
    Count(i64),
    /// A count from the first to the second number; the third is the example.
    Between(i64, i64, i64),
    /// A percentage.
    Percent(&'static str),
    /// Yes or no.
    Flag(bool),
    /// Null: the only value that the server sends today.
    Null,
}

/// The middle of every id in the examples.
const UUID: &str = "0190f3b4c5d67e8f90a1b2c3d4e5f607";
/// The pattern of a moment in UTC.
const MOMENT: &str = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$";
/// The pattern of a text without control characters. No request may contain them.
pub(super) const PRINTABLE: &str = r"^[^\x00-\x1F\x7F-\x9F]*$";
/// [`PRINTABLE`], and not empty.
const VISIBLE: &str = r"^[^\x00-\x1F\x7F-\x9F]+$";
impl Sample {
    /// The example as a value of the given type.
    pub(super) fn value(self, of_type: &SchemaType) -> Value {
        let is_text = is(of_type, &Type::String);
        match self {
            Self::Id(prefix) => json!(format!("{prefix}_{UUID}")),
            Self::ClientId => json!(format!("dinie_ci_test_{UUID}")),
            Self::Text(text) | Self::Form(_, text) | Self::Format(_, text) => json!(text),
            Self::OneOf(texts) => json!(texts.first()),
            Self::Amount(cents) if is_text => json!(Cents::new(cents).to_string()),
            Self::Amount(cents) => number(&Cents::new(cents).to_string()),
            Self::Moment(seconds) if is_text => {
                json!(text_scalar::Timestamp(Timestamp::from_seconds(seconds)))
            }
            Self::Moment(number) | Self::Count(number) | Self::Between(_, _, number) => json!(number),
            Self::Percent(text) => number(text),
            Self::Flag(flag) => json!(flag),
            Self::Null => Value::Null,
        }
    }

    /// Whether a value of this type can be the sample.
    fn fits(self, of_type: &SchemaType) -> bool {
        let wanted: &[Type] = match self {
            Self::Id(_)
            | Self::ClientId
            | Self::Text(_)
            | Self::Form(..)
            | Self::Format(..)
            | Self::OneOf(_) => &[Type::String],
            Self::Amount(_) => &[Type::String, Type::Number],
            Self::Moment(_) => &[Type::String, Type::Integer],
            Self::Count(_) | Self::Between(..) => &[Type::Integer],
            Self::Percent(_) => &[Type::Number],
            Self::Flag(_) => &[Type::Boolean],
            Self::Null => &[Type::Null],
        };
        wanted.iter().any(|wanted| is(of_type, wanted))
    }

    /// Writes the example and the common form into a schema, if the schema has none.
    pub(super) fn complete(self, object: &mut Object) {
        if !self.fits(&object.schema_type) {
            return;
        }
        if object.example.is_none() && object.examples.is_empty() {
            match self.value(&object.schema_type) {
                // A null under `example` reads as if there were no example.
                Value::Null => object.examples = vec![Value::Null],
                value => object.example = Some(value),
            }
        }
        self.bound(object);
    }

    /// Writes the common form of the values.
    fn bound(self, object: &mut Object) {
        let pattern = |object: &mut Object, pattern: String| {
            object.pattern.get_or_insert(pattern);
        };
        match self {
            Self::Id(prefix) => pattern(object, format!("^{prefix}_[0-9a-f]{{32}}$")),
            Self::ClientId => pattern(object, "^dinie_ci_(test|live)_[0-9a-f]{32}$".to_owned()),
            Self::Form(form, _) => pattern(object, form.to_owned()),
            Self::Format(format, _) => {
                object.format.get_or_insert(SchemaFormat::Custom(format.to_owned()));
            }
            Self::OneOf(texts) => {
                let null = is(&object.schema_type, &Type::Null).then_some(Value::Null);
                let values = || texts.iter().map(|text| json!(text)).chain(null).collect();
                object.enum_values.get_or_insert_with(values);
            }
            Self::Between(least, most, _) => {
                object.minimum = Some(bound(least));
                object.maximum = Some(bound(most));
            }
            Self::Count(_) => object.minimum = Some(bound(0)),
            Self::Moment(_) if is(&object.schema_type, &Type::String) => {
                object.format.get_or_insert(SchemaFormat::KnownFormat(KnownFormat::DateTime));
                pattern(object, MOMENT.to_owned());
            }
            Self::Moment(_) => {
                object.minimum.get_or_insert(bound(0));
                object.maximum.get_or_insert(bound(Timestamp::MAX.seconds()));
            }
            Self::Text(_) | Self::Amount(_) | Self::Percent(_) | Self::Flag(_) | Self::Null => {}
        }
    }
}

/// A bound in the form of the schema.
fn bound(number: i64) -> utoipa::Number {
    utoipa::Number::Int(isize::try_from(number).expect("a bound of the table fits 64 bits"))
}

fn number(text: &str) -> Value {
    serde_json::from_str(text).expect("the table's numbers are JSON")
}

/// Whether a schema type is, or allows, a type.
pub(super) fn is(of_type: &SchemaType, wanted: &Type) -> bool {
    match of_type {
        SchemaType::Type(only) => only == wanted,
        SchemaType::Array(several) => several.contains(wanted),
        SchemaType::AnyValue => false,
    }
}

/// Forbids control characters in a text of a request that has no other form.
pub(super) fn printable(object: &mut Object) {
    if is_free(object) {
        object.pattern = Some(PRINTABLE.to_owned());
    }
}

/// [`printable`], and not empty.
pub(super) fn visible(object: &mut Object) {
    if is_free(object) {
        object.pattern = Some(VISIBLE.to_owned());
        object.min_length = Some(1);
    }
}

/// Whether a text may have any form.
fn is_free(object: &Object) -> bool {
    is(&object.schema_type, &Type::String)
        && object.enum_values.is_none()
        && object.format.is_none()
        && object.pattern.is_none()
        && object.content_media_type.is_empty()
}
