//! Scalars as text: money as strings, times as ISO 8601. The reference generation and the server's own APIs write
//! and read them.

use domain::money::Cents;
use domain::time;
use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use utoipa::ToSchema;

use crate::read::{Wrong, string};
use crate::scalar::{Short, serialize_short};

/// An amount in BRL: a string with exactly two decimals.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, example = "25000.00", pattern = r"^(0|[1-9]\d{0,8})\.\d{2}$")]
pub struct Money(pub Cents);

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(Short::cents(self.0).text())
    }
}

/// A time: ISO 8601, UTC, whole seconds.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(
    value_type = String,
    format = DateTime,
    example = "2026-04-01T23:59:59Z",
    pattern = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$"
)]
pub struct Timestamp(pub time::Timestamp);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let moment =
            jiff::Timestamp::from_second(self.0.seconds()).expect("a timestamp is within the calendar");
        match Short::moment(moment) {
            Some(short) => serializer.serialize_str(short.text()),
            None => serialize_short(serializer, &moment),
        }
    }
}

impl Timestamp {
    /// A time of the machine's clock.
    pub const fn real(moment: time::RealTime) -> Self {
        Self(moment.unmoved())
    }
}

/// Reads an amount.
pub fn money(value: &Value) -> Result<Cents, Wrong> {
    let text = value.as_str().ok_or_else(|| Wrong::format("must be a string such as \"25000.00\""))?;
    Cents::parse(text).map_err(|error| Wrong::format(error.to_string()))
}

/// Reads a time after `now`, such as an expiry.
pub fn future(now: time::RealTime) -> impl Fn(&Value) -> Result<time::RealTime, Wrong> {
    move |value| {
        let moment = timestamp(value)?.unmoved();
        if moment > now { Ok(moment) } else { Err(Wrong::format("must be in the future")) }
    }
}

/// Reads a time that ends in `Z`.
pub fn timestamp(value: &Value) -> Result<time::Timestamp, Wrong> {
    let text = string(value)?;
    let wrong = || Wrong::format("must be a moment such as 2026-04-01T23:59:59Z");
    if !text.ends_with('Z') {
        return Err(wrong());
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| wrong())?;
    Ok(time::Timestamp::from_micros(moment.as_microsecond()))
}

#[cfg(test)]
mod tests {
    use domain::money::Rate;
    use serde_json::json;

    use super::*;
    use crate::scalar::{Percent, date};

    #[test]
    fn scalars_are_written_as_the_reference_writes_them() {
        let json = |value: &dyn erased::Json| value.text();
        assert_eq!(json(&Money(Cents::new(2_500_000))), r#""25000.00""#);
        assert_eq!(json(&Money(Cents::new(i64::MIN))), r#""-92233720368547758.08""#);
        assert_eq!(json(&Percent(Rate::from_scaled(3_500_000))), "3.5");
        assert_eq!(json(&Percent(Rate::from_scaled(40_660_000))), "40.66");
        assert_eq!(json(&Percent(Rate::from_scaled(3_000_000))), "3");
        assert_eq!(
            json(&Timestamp(time::Timestamp::from_micros(1_775_087_999_999_999))),
            r#""2026-04-01T23:59:59Z""#
        );
    }

    mod erased {
        pub(super) trait Json {
            fn text(&self) -> String;
        }

        impl<T: serde::Serialize> Json for T {
            fn text(&self) -> String {
                serde_json::to_string(self).unwrap()
            }
        }
    }

    #[test]
    fn money_is_a_string_and_never_a_number() {
        assert_eq!(money(&json!("25000.00")).unwrap(), Cents::new(2_500_000));
        for value in [json!(25000), json!(25000.0), json!("25000"), json!("-1.00"), json!(null)] {
            assert!(money(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn dates_and_moments_are_read_strictly() {
        assert!(date(&json!("2026-05-01")).is_ok());
        for value in
            [json!("2026-5-1"), json!("2026-02-30"), json!("01/05/2026"), json!(20_260_501), json!("")]
        {
            assert!(date(&value).is_err(), "{value}");
        }
        assert_eq!(timestamp(&json!("2026-04-01T23:59:59Z")).unwrap().seconds(), 1_775_087_999);
        for value in
            [json!("2026-04-01"), json!("2026-04-01T23:59:59"), json!("2026-04-01T20:59:59-03:00"), json!(1)]
        {
            assert!(timestamp(&value).is_err(), "{value}");
        }
    }
}
