//! The months of the tables that grow with time, on an engine that divides tables into parts.
//!
//! On such an engine `events`, `deliveries`, `delivery_bodies` and `delivery_attempts` have a part for each month of
//! their ids and one for the rest. Two functions of the database make and drop months for a role without rights over
//! tables. Each takes its locks only for a moment and returns `locked` if it does not get them. Another engine has no
//! months.
//!
//! Reasons: docs/decisions/0018.

use std::fmt;

use domain::time::{Date, RealTime};
use jiff::tz::TimeZone;

use crate::args;
use crate::db::error::StoreError;
use crate::db::tx::Tx;
use crate::document::corrupt;

/// The tables with months.
const TABLES: [&str; 4] = ["events", "deliveries", "delivery_bodies", "delivery_attempts"];
/// Number of months that are made ahead. Each month costs every statement that cannot tell the month of its rows.
const AHEAD: usize = 3;
/// Maximum size of the part for the rest if a month is made while nodes work, because that part is read under a lock.
const MOST_BYTES: i64 = 4 << 20;

/// A calendar month in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    year: i16,
    /// 1 to 12.
    month: i8,
}

impl Month {
    /// The month of a moment, in UTC.
    pub fn of(at: RealTime) -> Self {
        let at = jiff::Timestamp::from_microsecond(at.micros()).expect("a timestamp is within the calendar");
        let date = TimeZone::UTC.to_datetime(at).date();
        Self { year: date.year(), month: date.month() }
    }

    /// Its first moment; beyond the calendar, the calendar's last moment.
    pub fn start(self) -> RealTime {
        let first = Date::new(self.year, self.month, 1).map(|first| first.at(0, 0, 0, 0));
        let first = first.and_then(|first| TimeZone::UTC.to_timestamp(first));
        first.map_or(RealTime::MAX, |first| RealTime::from_seconds(first.as_second()))
    }

    /// The month after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self { year, month: 12 } => Self { year: year.saturating_add(1), month: 1 },
            Self { year, month } => Self { year, month: month + 1 },
        }
    }

    /// Reads the end of a part's name, `2026_01`.
    fn of_name(name: &str) -> Option<Self> {
        let (year, month) = name.split_once('_')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        (1..=12).contains(&month).then_some(Self { year, month })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A month of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    table: &'static str,
    month: Month,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.table, self.month)
    }
}

/// The result of making or dropping a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The part was made or dropped, or that was done before.
    Done,
    /// Others hold a lock that it needs. Try again.
    Locked,
    /// Impossible now: rows of a past month wait to be sent, or the part for the rest is too large.
    Held,
}

/// The existing months of a table.
fn present(tx: &mut Tx<'_>, table: &'static str) -> Result<Vec<Part>, StoreError> {
    let Some(parts) = tx.dialect().parts else { return Ok(Vec::new()) };
    let names: Vec<String> = tx.fetch_all(parts.names, args![*table])?;
    let month = |name: &String| name.strip_prefix(table)?.strip_prefix('_').and_then(Month::of_name);
    Ok(names.iter().filter_map(month).map(|month| Part { table, month }).collect())
}

/// The missing parts from a moment until some months after `now`, nearest first.
pub fn missing(tx: &mut Tx<'_>, from: RealTime, now: RealTime) -> Result<Vec<Part>, StoreError> {
    let mut missing = Vec::new();
    if tx.dialect().parts.is_none() {
        return Ok(missing);
    }
    let ahead = std::iter::successors(Some(Month::of(now)), |month| Some(month.next())).take(AHEAD + 1);
    let before = std::iter::successors(Some(Month::of(from)), |month| Some(month.next()));
    let wanted: Vec<Month> = before.take_while(|month| *month < Month::of(now)).chain(ahead).collect();
    for table in TABLES {
        let there = present(tx, table)?;
        let parts = wanted.iter().map(|month| Part { table, month: *month });
        missing.extend(parts.filter(|part| !there.contains(part)));
    }
    missing.sort_by_key(|part| part.month);
    Ok(missing)
}

/// [`missing`] at the database's present time.
pub(crate) fn missing_now(tx: &mut Tx<'_>) -> Result<Vec<Part>, StoreError> {
    let Some(parts) = tx.dialect().parts else { return Ok(Vec::new()) };
    let seconds = tx.fetch_one(parts.now, &[])?;
    let now = RealTime::from_seconds(seconds);
    missing(tx, now, now)
}

/// Makes a part. Its rows in the part for the rest move into it.
pub fn make(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    let parts = tx.dialect().parts.ok_or_else(no_parts)?;
    outcome(&tx.fetch_one::<String>(parts.make, args![*part.table, part.month.to_string(), MOST_BYTES])?)
}

/// The parts whose months have ended before a moment.
pub fn expired(tx: &mut Tx<'_>, before: RealTime) -> Result<Vec<Part>, StoreError> {
    let mut expired = Vec::new();
    for table in TABLES {
        expired.extend(present(tx, table)?.into_iter().filter(|part| part.month.next().start() <= before));
    }
    Ok(expired)
}

/// Drops a part with its rows, unless some of them are still to be sent.
pub fn drop_part(tx: &mut Tx<'_>, part: &Part) -> Result<Outcome, StoreError> {
    let parts = tx.dialect().parts.ok_or_else(no_parts)?;
    outcome(&tx.fetch_one::<String>(parts.remove, args![*part.table, part.month.to_string()])?)
}

/// The error of a part on an engine that has none.
fn no_parts() -> StoreError {
    StoreError::Defect("this engine has no months".to_owned())
}

fn outcome(said: &str) -> Result<Outcome, StoreError> {
    match said {
        "made" | "there" | "dropped" | "gone" => Ok(Outcome::Done),
        "locked" => Ok(Outcome::Locked),
        "full" | "held" => Ok(Outcome::Held),
        other => Err(corrupt(format!("a month is neither made nor dropped: {other}"))),
    }
}

/// The moment before which rows are dropped if all rows since `cutoff` must stay. If tables have months, only whole
/// months are dropped.
pub fn first_kept(tx: &Tx<'_>, cutoff: RealTime) -> RealTime {
    if tx.dialect().parts.is_some() { Month::of(cutoff).start() } else { cutoff }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_month_begins_when_the_one_before_ends() {
        let midnight = RealTime::from_seconds(1_767_225_600);
        let [december, january] = [midnight.minus(Duration::from_micros(1)), midnight].map(Month::of);
        assert_eq!((december.to_string(), january.to_string()), ("2025-12".into(), "2026-01".into()));
        assert_eq!((december.next(), january.start()), (january, midnight));
        assert_eq!(Month::of(RealTime::MAX).next().start(), RealTime::MAX);
        for (name, month) in
            [("2026_01", Some(january)), ("rest", None), ("2026_13", None), ("2026_0x", None)]
        {
            assert_eq!(Month::of_name(name), month, "{name}");
        }
    }
}
