//! The scalars that every generation writes and reads alike.

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

/// A calendar date.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, format = Date, example = "2026-05-01", pattern = r"^\d{4}-\d{2}-\d{2}$")]
pub struct Date(pub time::Date);

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
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
