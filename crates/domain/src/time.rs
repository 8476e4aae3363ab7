//! Moments on two clocks, and the business day of São Paulo.
//!
//! A [`Timestamp`] is a moment of the business, on a partner's clock. Contracts, offers, installments and events use
//! it. A [`RealTime`] is a moment on the machine's clock. Tokens, credentials, keys, limits, leases and webhook
//! attempts use it. In the sandbox a partner's clock can be ahead of the machine's; [`RealTime::on_clock`] and
//! [`Timestamp::off_clock`] convert between them.
//!
//! Both are microseconds since the Unix epoch, UTC, within the years of the calendar, so every moment has a date.
//! This module reads no clock.

use std::fmt;
use std::time::Duration;

use jiff::tz::TimeZone;

pub use jiff::civil::{Date, DateTime};

/// A moment of the business, in microseconds since 1970-01-01T00:00:00Z, from [`Timestamp::MIN`] to
/// [`Timestamp::MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The first moment of the calendar, in the year -9999.
    pub const MIN: Self = Self(-377_705_023_201_000_000);

    /// The last moment of the calendar, in the evening of 9999-12-30 in UTC. A day follows its business date.
    pub const MAX: Self = Self(253_402_207_200_000_000);

    /// The moment so many microseconds after the epoch. A number beyond the calendar becomes its first or last
    /// moment, so every stored number can be read.
    pub const fn from_micros(micros: i64) -> Self {
        if micros > Self::MAX.0 {
            Self::MAX
        } else if micros < Self::MIN.0 {
            Self::MIN
        } else {
            Self(micros)
        }
    }

    /// The moment so many whole seconds after the epoch, limited to the calendar like [`Timestamp::from_micros`].
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// The moment so many whole seconds after the epoch, for values from callers; `None` beyond the calendar.
    pub fn of_seconds(seconds: i64) -> Option<Self> {
        let moment = Self::from_seconds(seconds);
        (moment.seconds() == seconds).then_some(moment)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The moment `span` later; at most the last moment of the calendar.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self::from_micros(self.0.saturating_add(micros_of(span)))
    }

    /// The moment `span` earlier; at least the first moment of the calendar.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self::from_micros(self.0.saturating_sub(micros_of(span)))
    }

    /// The time from `earlier` to this moment; zero if this moment is not later.
    pub fn since(self, earlier: Self) -> Duration {
        // The calendar's ends are less than i64::MAX microseconds apart.
        Duration::from_micros((self.0 - earlier.0).max(0).unsigned_abs())
    }

    /// The business date: the calendar day in America/Sao_Paulo.
    pub fn business_date(self) -> Date {
        self.business_datetime().date()
    }

    /// The calendar day and the time of day in America/Sao_Paulo.
    pub fn business_datetime(self) -> DateTime {
        sao_paulo().to_datetime(self.instant())
    }

    /// The last second of `date` in America/Sao_Paulo, at most the last moment of the calendar.
    pub fn end_of_business_date(date: Date) -> Self {
        let last = date.at(23, 59, 59, 0);
        // Only the last dates of the calendar end after its last moment. If clocks skip this hour, the time after the
        // gap counts.
        let zoned = sao_paulo().to_ambiguous_timestamp(last).compatible();
        zoned.map_or(Self::MAX, |end| Self::from_seconds(end.as_second()))
    }

    /// The first second of `date` in America/Sao_Paulo.
    pub fn start_of_business_date(date: Date) -> Self {
        // No day precedes the first one of the calendar.
        date.yesterday()
            .map_or(Self::MIN, |before| Self::end_of_business_date(before).plus(Duration::from_secs(1)))
    }

    fn instant(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).expect("a timestamp lies within the calendar")
    }

    /// This moment on the machine's clock, if the partner's clock is `ahead` of it.
    pub fn off_clock(self, ahead: Duration) -> RealTime {
        RealTime(self.minus(ahead))
    }

    /// This moment on the machine's clock, if the partner's clock was never moved. For times that a caller names,
    /// such as the expiry of a credential, and for cutoffs.
    pub const fn unmoved(self) -> RealTime {
        RealTime(self)
    }
}

/// A stretch of time. An open side has no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span<T> {
    /// Includes this moment and later ones.
    pub since: Option<T>,
    /// Includes only earlier moments.
    pub until: Option<T>,
}

impl<T> Default for Span<T> {
    fn default() -> Self {
        Self { since: None, until: None }
    }
}

impl<T> Span<T> {
    /// The same stretch in another measure of time.
    pub fn map<U>(self, of: impl Fn(T) -> U) -> Span<U> {
        Span { since: self.since.map(&of), until: self.until.map(of) }
    }
}

/// A moment on the machine's clock, in microseconds since the Unix epoch, within the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RealTime(Timestamp);

impl fmt::Debug for RealTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RealTime").field(&self.micros()).finish()
    }
}

impl RealTime {
    /// The last moment of the calendar.
    pub const MAX: Self = Self(Timestamp::MAX);

    /// The moment so many microseconds after the epoch, limited to the calendar like [`Timestamp::from_micros`].
    pub const fn from_micros(micros: i64) -> Self {
        Self(Timestamp::from_micros(micros))
    }

    /// The moment so many whole seconds after the epoch, limited to the calendar like [`Timestamp::from_micros`].
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(Timestamp::from_seconds(seconds))
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0.micros()
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.seconds()
    }

    /// The moment `span` later; at most the last moment of the calendar.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.plus(span))
    }

    /// The moment `span` earlier; at least the first moment of the calendar.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.minus(span))
    }

    /// The time from `earlier` to this moment; zero if this moment is not later.
    pub fn since(self, earlier: Self) -> Duration {
        self.0.since(earlier.0)
    }

    /// This moment on a partner's clock that is `ahead` of the machine's.
    pub fn on_clock(self, ahead: Duration) -> Timestamp {
        self.0.plus(ahead)
    }

    /// This moment on a partner's clock that was never moved. For answers that show a time of the machine, and for
    /// business records without a partner.
    pub const fn unmoved(self) -> Timestamp {
        self.0
    }
}

/// A moment on either clock. Ids are made from it.
pub trait Moment: Copy {
    /// Whole milliseconds since the epoch, the unit of UUIDv7; 0 before the epoch.
    fn unix_millis(self) -> u64;
}

impl Moment for Timestamp {
    fn unix_millis(self) -> u64 {
        if self.0 < 0 { 0 } else { self.0.unsigned_abs() / 1_000 }
    }
}

impl Moment for RealTime {
    fn unix_millis(self) -> u64 {
        self.0.unix_millis()
    }
}

/// A span in microseconds. One that is too long for the type is limited to its maximum, which is longer than the
/// calendar.
fn micros_of(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).map_or(i64::MAX, |micros| micros)
}

fn sao_paulo() -> TimeZone {
    use std::sync::LazyLock;
    /// The zone is part of the binary, so that no machine's tz files can move a due date.
    static ZONE: LazyLock<TimeZone> =
        LazyLock::new(|| TimeZone::get("America/Sao_Paulo").expect("the time zones are part of the binary"));
    ZONE.clone()
}

/// Calendar days from `earlier` to `later`; negative if `later` comes first.
pub fn days_between(earlier: Date, later: Date) -> i32 {
    (later - earlier).get_days()
}

/// Calendar days by which `later` is after `earlier`; 0 if it is not after.
pub fn days_after(earlier: Date, later: Date) -> u32 {
    days_between(earlier, later).max(0).unsigned_abs()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_business_date_is_the_date_in_sao_paulo() {
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
        assert_eq!(Timestamp::start_of_business_date(date(2026, 1, 2)), end.plus(Duration::from_secs(1)));
    }

    #[test]
    fn every_number_is_a_moment_with_a_date_and_a_next_day() {
        for micros in [i64::MIN, i64::MAX, 253_402_300_800_000_000, -1, 0] {
            let moment = Timestamp::from_micros(micros);
            assert!(moment.business_date().tomorrow().is_ok(), "{micros}");
            assert!((Timestamp::MIN..=Timestamp::MAX).contains(&moment), "{micros}");
        }
        assert_eq!(Timestamp::MIN.micros(), jiff::Timestamp::MIN.as_microsecond());
        assert_eq!(Timestamp::MAX.seconds(), jiff::Timestamp::MAX.as_second());
        assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::ZERO);
        assert_eq!(Timestamp::MIN.plus(Timestamp::MAX.since(Timestamp::MIN)), Timestamp::MAX);
        for date in [date(9999, 12, 30), date(9999, 12, 31)] {
            assert_eq!(Timestamp::end_of_business_date(date), Timestamp::MAX);
        }
        assert_eq!(Timestamp::from_micros(-5).unix_millis(), 0);
    }

    #[test]
    fn seconds_beyond_the_calendar_are_refused() {
        assert_eq!(Timestamp::of_seconds(1_700_000_000), Some(Timestamp::from_seconds(1_700_000_000)));
        for seconds in [i64::MAX, i64::MIN, 253_402_300_800] {
            assert_eq!(Timestamp::of_seconds(seconds), None, "{seconds}");
        }
    }

    #[test]
    fn days_are_counted_on_the_calendar() {
        assert_eq!(days_between(date(2026, 1, 15), date(2026, 3, 15)), 59);
        assert_eq!(days_between(date(2026, 3, 15), date(2026, 1, 15)), -59);
        assert_eq!(days_after(date(2026, 1, 15), date(2026, 3, 15)), 59);
        assert_eq!(days_after(date(2026, 3, 15), date(2026, 1, 15)), 0);
    }
}
