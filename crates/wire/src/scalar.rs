//! The scalars that every generation writes and reads alike.

use std::fmt::{self, Display, Write};

use domain::money::Rate;
use domain::time;
use serde::ser::{Error, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::read::{Wrong, integer, string};

/// A percentage: a JSON number, exact, without trailing zeros.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = f64, example = 3.5, minimum = 0)]
pub struct Percent(pub Rate);

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Written from its decimal digits, so no binary fraction ever touches a rate.
        RawValue::from_string(self.0.percent().to_string()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Writes a short text at once: a formatter would write it piece by piece, each looked through for characters to escape.
pub(crate) fn serialize_short<S: Serializer>(serializer: S, text: &impl Display) -> Result<S::Ok, S::Error> {
    let mut short = Short { bytes: [0; 40], length: 0 };
    match write!(short, "{text}") {
        Ok(()) => serializer.serialize_str(short.text()),
        Err(_longer) => serializer.collect_str(text),
    }
}

/// A text of at most 40 bytes.
struct Short {
    bytes: [u8; 40],
    length: usize,
}

impl Short {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).expect("it was written in whole strings")
    }
}

impl Write for Short {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// A calendar date.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = Date, example = "2026-05-01", pattern = r"^\d{4}-\d{2}-\d{2}$")]
pub struct Date(pub time::Date);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_short(serializer, &self.0)
    }
}

/// Reads a calendar date.
pub fn date(value: &Value) -> Result<time::Date, Wrong> {
    let text = string(value)?;
    let wrong = || Wrong::format("must be a date such as 2026-05-01");
    if text.len() != 10 {
        return Err(wrong());
    }
    text.parse().map_err(|_| wrong())
}

/// Reads a number of installments.
pub(crate) fn installment_count(value: &Value) -> Result<u16, Wrong> {
    integer(1, 1_000)(value)
}
