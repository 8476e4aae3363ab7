//! What only the sandbox has: the partner's clock.

use domain::time::{self, Timestamp as Moment};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::problem::{Code, Problem};
use crate::read::{Fields, Wrong, integer, string};
use crate::text_scalar::{Timestamp, timestamp};

/// The most days that a clock can be moved at once: ten years.
pub const MOST_DAYS: i64 = 3_653;

/// The partner's clock.
#[derive(Debug, Serialize, ToSchema)]
pub struct Clock {
    /// The partner's time.
    now: Timestamp,
    /// How far it is ahead of the real time, in whole seconds.
    offset_seconds: u64,
}

impl Clock {
    /// A clock that shows `now` while the real time is `real`.
    pub fn of(now: Moment, real: Moment) -> Self {
        Self { now: Timestamp(now), offset_seconds: now.since(real).as_secs() }
    }
}

/// The body of `POST /sandbox/clock/advance`: either of the two.
#[derive(Debug, Clone, Copy, ToSchema)]
pub struct AdvanceClock {
    /// How many days are to pass.
    #[schema(value_type = Option<i64>, minimum = 1, maximum = 3653, example = 30)]
    pub days: Option<i64>,
    /// Up to which moment time is to pass, or up to the end of which day of São Paulo.
    #[schema(value_type = Option<String>, example = "2026-12-31")]
    pub until: Option<Moment>,
}

impl AdvanceClock {
    /// Reads the body; the moment up to which time is to pass, from the partner's `now`.
    pub fn read(body: &Value, now: Moment) -> Result<Moment, Problem> {
        let mut fields = Fields::of(body)?;
        let days = fields.optional("days", integer(1, MOST_DAYS));
        let until = fields.optional("until", moment_or_day);
        fields.finish()?;
        let day = |days: u64| std::time::Duration::from_secs(days * 86_400);
        match (days.and_then(|days| u64::try_from(days).ok()), until) {
            (Some(days), None) => Ok(now.plus(day(days))),
            (None, Some(until)) if until <= now => Err(Problem::of_field(
                "until",
                Code::InvalidFormat,
                "must be after the clock's time: it never goes back",
            )),
            (None, Some(until)) if until > now.plus(day(MOST_DAYS.unsigned_abs())) => Err(Problem::of_field(
                "until",
                Code::InvalidFormat,
                format!("may be at most {MOST_DAYS} days ahead"),
            )),
            (None, Some(until)) => Ok(until),
            (Some(_), Some(_)) => {
                Err(Problem::of_field("until", Code::InvalidFormat, "give either days or until"))
            }
            (None, None) => {
                Err(Problem::of_field("days", Code::MissingRequiredField, "give either days or until"))
            }
        }
    }
}

fn moment_or_day(value: &Value) -> Result<Moment, Wrong> {
    let day: Option<time::Date> = string(value)?.parse().ok().filter(|_| value.as_str().is_some_and(is_day));
    match day {
        Some(day) => Ok(Moment::end_of_business_date(day)),
        None => timestamp(value).map_err(|_| {
            Wrong::format("must be a moment such as 2026-04-01T23:59:59Z or a day such as 2026-04-01")
        }),
    }
}

fn is_day(text: &str) -> bool {
    text.len() == 10
}

/// A letter that the sandbox keeps instead of sending it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Letter {
    /// Its id.
    pub id: String,
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// When it was written.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_clock_is_told_by_days_or_by_its_end() {
        let now = Moment::from_seconds(1_768_478_400);
        let read = |body: Value| AdvanceClock::read(&body, now);
        assert_eq!(read(json!({"days": 2})).unwrap(), now.plus(std::time::Duration::from_secs(172_800)));
        let end = read(json!({"until": "2026-02-15"})).unwrap();
        assert_eq!(end.business_date().to_string(), "2026-02-15");
        assert!(read(json!({"until": "2026-01-16T00:00:00Z"})).is_ok());
        for (wrong, param) in [
            (json!({}), "days"),
            (json!({"days": 0}), "days"),
            (json!({"days": 1.5}), "days"),
            (json!({"days": "3"}), "days"),
            (json!({"days": 4000}), "days"),
            (json!({"days": 1, "until": "2026-02-15"}), "until"),
            (json!({"until": "2026-01-14"}), "until"),
            (json!({"until": "2099-01-01"}), "until"),
            (json!({"until": "soon"}), "until"),
            (json!({"until": 7}), "until"),
        ] {
            let problem = read(wrong.clone()).unwrap_err();
            assert_eq!(problem.errors[0].param, param, "{wrong}");
        }
    }
}
