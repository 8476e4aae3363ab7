//! Moments and the business day of São Paulo.
//!
//! A [`Timestamp`] is microseconds since the Unix epoch, UTC. It is never read from a clock here.

use std::time::Duration;

use jiff::tz::TimeZone;

pub use jiff::civil::{Date, DateTime};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Wraps microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Wraps whole seconds since the epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment and `span` later; saturates at the end of time.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// `span` before this moment.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long after `earlier` this is; zero where it is not after.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// The business date: the calendar day in America/Sao_Paulo.
    pub fn business_date(self) -> Date {
        self.business_datetime().date()
    }

    /// The calendar day and the time of day in America/Sao_Paulo.
    pub fn business_datetime(self) -> DateTime {
        sao_paulo().to_datetime(self.instant())
    }

    /// The last second of `date` in America/Sao_Paulo.
    pub fn end_of_business_date(date: Date) -> Self {
        let last = date.at(23, 59, 59, 0);
        // A day of São Paulo that lacks its last second does not exist in the tz database.
        let zoned = sao_paulo().to_ambiguous_timestamp(last).compatible();
        Self::from_seconds(zoned.map_or(0, jiff::Timestamp::as_second))
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::MAX)
    }
}

fn sao_paulo() -> TimeZone {
    use std::sync::LazyLock;
    /// The zone comes with the binary, so that no machine's tz files can move a due date.
    static ZONE: LazyLock<TimeZone> = LazyLock::new(|| {
        TimeZone::get("America/Sao_Paulo").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(-3)))
    });
    ZONE.clone()
}

/// Calendar days from `earlier` to `later`; negative where `later` comes first.
pub fn days_between(earlier: Date, later: Date) -> i32 {
    (later - earlier).get_days()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_business_date_is_sao_paulos() {
        let two_in_the_morning_utc = Timestamp::from_seconds(1_767_232_800 + 7_200 - 7_200);
        assert_eq!(two_in_the_morning_utc.business_date(), date(2025, 12, 31));
        assert_eq!(two_in_the_morning_utc.plus(Duration::from_secs(3_600)).business_date(), date(2026, 1, 1));
    }

    #[test]
    fn a_business_day_ends_three_hours_into_the_next_utc_day() {
        let end = Timestamp::end_of_business_date(date(2026, 1, 1));
        assert_eq!(end.seconds(), 1_767_322_799);
        assert_eq!(end.business_date(), date(2026, 1, 1));
        assert_eq!(end.plus(Duration::from_secs(1)).business_date(), date(2026, 1, 2));
    }

    #[test]
    fn days_are_counted_on_the_calendar() {
        assert_eq!(days_between(date(2026, 1, 15), date(2026, 3, 15)), 59);
        assert_eq!(days_between(date(2026, 3, 15), date(2026, 1, 15)), -59);
    }
}
