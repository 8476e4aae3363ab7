//! The scalars that are the same in every generation.

use std::fmt::{self, Display, Write};

use domain::money::{Cents, Rate};
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
        // Written from its decimal digits, so a rate never becomes a binary fraction.
        serialize_number(serializer, Short::percent(self.0).text())
    }
}

/// Writes decimal digits as a JSON number.
pub(crate) fn serialize_number<S: Serializer>(serializer: S, digits: &str) -> Result<S::Ok, S::Error> {
    serde_json::from_str::<&RawValue>(digits).map_err(S::Error::custom)?.serialize(serializer)
}

/// Writes a short text at once. A formatter would write it in pieces, and each piece would be searched for characters
/// to escape.
pub(crate) fn serialize_short<S: Serializer>(serializer: S, text: &impl Display) -> Result<S::Ok, S::Error> {
    let mut short = Short::default();
    match write!(short, "{text}") {
        Ok(()) => serializer.serialize_str(short.text()),
        Err(_longer) => serializer.collect_str(text),
    }
}

/// A text of at most 40 bytes.
pub(crate) struct Short {
    bytes: [u8; 40],
    length: usize,
}

impl Default for Short {
    fn default() -> Self {
        Self { bytes: [0; 40], length: 0 }
    }
}

impl Short {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).expect("only whole strings were written")
    }

    fn push(&mut self, byte: u8) {
        self.bytes[self.length] = byte;
        self.length += 1;
    }

    /// Writes the last `count` decimal digits of a number.
    fn digits(&mut self, mut number: u64, count: usize) {
        for place in (self.length..self.length + count).rev() {
            self.bytes[place] = b'0' + u8::try_from(number % 10).expect("a remainder by ten is a digit");
            number /= 10;
        }
        self.length += count;
    }

    /// An amount with two decimals.
    pub(crate) fn cents(amount: Cents) -> Self {
        let mut short = Self::default();
        if amount.get() < 0 {
            short.push(b'-');
        }
        let cents = amount.get().unsigned_abs();
        short.digits(cents / 100, digits_of(cents / 100));
        short.push(b'.');
        short.digits(cents % 100, 2);
        short
    }

    /// A rate in percent, without trailing zeros.
    fn percent(rate: Rate) -> Self {
        let mut short = Self::default();
        if rate.scaled() < 0 {
            short.push(b'-');
        }
        let millionths = rate.scaled().unsigned_abs();
        let (whole, mut rest) = (millionths / 1_000_000, millionths % 1_000_000);
        short.digits(whole, digits_of(whole));
        let mut decimals = 6;
        while rest > 0 && rest.is_multiple_of(10) {
            (rest, decimals) = (rest / 10, decimals - 1);
        }
        if rest > 0 {
            short.push(b'.');
            short.digits(rest, decimals);
        }
        short
    }

    /// A date such as 2026-05-01; `None` if the year does not have four digits.
    pub(crate) fn date(date: time::Date) -> Option<Self> {
        let mut short = Self::default();
        let parts = [(i64::from(date.year()), 4), (date.month().into(), 2), (date.day().into(), 2)];
        for (part, count) in parts {
            if short.length > 0 {
                short.push(b'-');
            }
            short.digits(u64::try_from(part).ok()?, count);
        }
        Some(short)
    }

    /// A time in UTC such as 2026-05-01T23:59:59Z; `None` if the year does not have four digits.
    pub(crate) fn moment(moment: jiff::Timestamp) -> Option<Self> {
        let moment = jiff::tz::Offset::UTC.to_datetime(moment);
        let mut short = Self::date(moment.date())?;
        for (mark, part) in [(b'T', moment.hour()), (b':', moment.minute()), (b':', moment.second())] {
            short.push(mark);
            short.digits(u64::try_from(part).ok()?, 2);
        }
        short.push(b'Z');
        Some(short)
    }
}

fn digits_of(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |tens| usize::try_from(tens).expect("a u64 has twenty digits") + 1)
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
        match Short::date(self.0) {
            Some(short) => serializer.serialize_str(short.text()),
            None => serialize_short(serializer, &self.0),
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    proptest! {
        #[test]
        fn a_percentage_is_written_as_its_exact_decimal(scaled: i64) {
            let rate = Rate::from_scaled(scaled);
            prop_assert_eq!(json(&Percent(rate)), rate.percent().to_string());
        }

        #[test]
        fn an_amount_is_written_with_its_two_decimals(cents: i64) {
            let amount = Cents::new(cents);
            prop_assert_eq!(json(&crate::text_scalar::Money(amount)), format!("\"{amount}\""));
            prop_assert_eq!(json(&crate::sdk::scalar::Money(amount)), amount.to_string());
        }

        #[test]
        fn a_percentage_of_few_digits_is_written_without_trailing_zeros(digits in -999_i64..999, zeros in 0_u32..9) {
            let rate = Rate::from_scaled(digits * 10_i64.pow(zeros));
            prop_assert_eq!(json(&Percent(rate)), rate.percent().to_string());
        }

        #[test]
        fn dates_and_moments_are_written_as_their_library_writes_them(
            seconds in time::Timestamp::MIN.seconds()..=time::Timestamp::MAX.seconds()
        ) {
            let moment = jiff::Timestamp::from_second(seconds).unwrap();
            let written = json(&crate::text_scalar::Timestamp(time::Timestamp::from_seconds(seconds)));
            prop_assert_eq!(written, format!("\"{moment}\""));
            let date = jiff::tz::Offset::UTC.to_datetime(moment).date();
            prop_assert_eq!(json(&Date(date)), format!("\"{date}\""));
        }
    }
}
