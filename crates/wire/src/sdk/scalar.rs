//! The generation's scalars: money and percentages as numbers, times as Unix seconds.

use domain::money::Cents;
use domain::time;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::read::{Wrong, whole};
pub use crate::scalar::{Date, Percent, date};
use crate::scalar::{Short, serialize_number};

/// An amount in BRL: a JSON number, written with its two decimals.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = f64, example = 25000.0, minimum = 0, maximum = 999_999_999.99)]
pub struct Money(pub Cents);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Written from its decimal digits, so an amount never becomes a binary fraction.
        serialize_number(serializer, Short::cents(self.0).text())
    }
}

/// A time: whole seconds of Unix time.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = i64, example = 1_775_087_999, minimum = 0, maximum = 253_402_207_200_i64)]
pub struct Timestamp(pub time::Timestamp);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.seconds())
    }
}

impl Timestamp {
    /// A time of the machine's clock.
    pub const fn real(moment: time::RealTime) -> Self {
        Self(moment.unmoved())
    }
}

/// Reads an amount: a number with at most two decimals.
///
/// The number's shortest decimal form is read digit by digit. For amounts of up to fifteen digits it is the number that
/// was sent.
pub fn money(value: &Value) -> Result<Cents, Wrong> {
    let wrong = || Wrong::format("must be a number with at most two decimals, such as 2370.55");
    let text = value.as_number().ok_or_else(wrong)?.to_string();
    let (reais, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 2 {
        return Err(wrong());
    }
    Cents::parse(&format!("{reais}.{decimals:0<2}")).map_err(|_| wrong())
}

/// Reads a time.
pub fn timestamp(value: &Value) -> Result<time::Timestamp, Wrong> {
    let seconds = whole(value).filter(|seconds| *seconds >= 0);
    let moment = seconds.and_then(time::Timestamp::of_seconds);
    moment.ok_or_else(|| Wrong::format("must be whole seconds of Unix time, before the year 9999 ends"))
}

#[cfg(test)]
mod tests {
    use domain::money::Rate;
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_are_numbers() {
        let json = |value: &serde_json::Value| value.to_string();
        let of = |value: serde_json::Result<Value>| json(&value.unwrap());
        assert_eq!(serde_json::to_string(&Money(Cents::new(237_055))).unwrap(), "2370.55");
        assert_eq!(serde_json::to_string(&Money(Cents::new(2_500_000))).unwrap(), "25000.00");
        assert_eq!(serde_json::to_string(&Percent(Rate::from_scaled(3_500_000))).unwrap(), "3.5");
        assert_eq!(of(serde_json::to_value(Timestamp(time::Timestamp::from_micros(1_999_999)))), "1");
    }

    #[test]
    fn money_is_read_digit_by_digit() {
        for (value, cents) in [
            (json!(25000), 2_500_000),
            (json!(25000.0), 2_500_000),
            (json!(2370.5), 237_050),
            (json!(2370.55), 237_055),
            (json!(0.1), 10),
            (json!(999_999_999.99), 99_999_999_999),
        ] {
            assert_eq!(money(&value).unwrap(), Cents::new(cents), "{value}");
        }
        for value in [json!("25000.00"), json!(2370.555), json!(-1), json!(1e300), json!(1e-7), json!(null)] {
            assert!(money(&value).is_err(), "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn an_amount_reads_back(cents in 0_i64..100_000_000_000) {
            let text = serde_json::to_string(&Money(Cents::new(cents))).unwrap();
            let value: Value = serde_json::from_str(&text).unwrap();
            proptest::prop_assert_eq!(money(&value).unwrap(), Cents::new(cents));
        }
    }

    #[test]
    fn moments_are_whole_seconds() {
        assert_eq!(timestamp(&json!(1_775_087_999)).unwrap().seconds(), 1_775_087_999);
        assert_eq!(timestamp(&json!(1_775_087_999.0)).unwrap().seconds(), 1_775_087_999);
        for value in [json!("2026-04-01T23:59:59Z"), json!(1.5), json!(-1), json!(9_999_999_999_999_i64)] {
            assert!(timestamp(&value).is_err(), "{value}");
        }
    }
}
