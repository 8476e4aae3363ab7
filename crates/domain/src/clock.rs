//! The clocks that a sandbox partner makes beside its main clock. Each has customers of its own.
//!
//! A clock is a tenant: everything of its customers is stored under [`ClockId::tenant`]. So no use case can find a
//! customer of one clock while it uses the time of another.
//!
//! Reasons: docs/decisions/0041.

use std::fmt;
use std::time::Duration;

use crate::id::{ClockId, PartnerId};
use crate::time::{RealTime, Timestamp};
use crate::visible::{check_name, one_line};

/// Most clocks of a partner beside its main clock.
pub const MOST_CLOCKS: usize = 20;

/// The name of a clock: 1 to 60 characters that people can read, on one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockName(String);

/// The text is empty, too long, or unfit for people to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a name of a clock")]
pub struct InvalidClockName;

impl ClockName {
    /// Most characters of a name.
    pub const MOST: usize = 60;

    /// Reads a name.
    pub fn parse(text: &str) -> Result<Self, InvalidClockName> {
        check_name(text).map_err(|_unfit| InvalidClockName)?;
        let name = one_line(text);
        if name.chars().count() <= Self::MOST { Ok(Self(name)) } else { Err(InvalidClockName) }
    }
}

impl fmt::Display for ClockName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A clock of a sandbox partner, beside its main clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxClock {
    /// The clock's id.
    pub id: ClockId,
    /// The partner that made it.
    pub owner: PartnerId,
    /// Its name.
    pub name: String,
    /// The time of its making.
    pub created_at: RealTime,
    /// The time by which it is ahead of the real time.
    pub ahead: Duration,
    /// The end of the lease of the advance that is under way; it may be over.
    pub advancing_until: Option<RealTime>,
}

/// Whether a clock runs or is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockStatus {
    /// It runs with the real time.
    Running,
    /// It is moved ahead, from one due moment to the next.
    Advancing,
}

impl ClockStatus {
    /// The status at the moment `now` of a clock whose advance has this lease.
    pub fn of(advancing_until: Option<RealTime>, now: RealTime) -> Self {
        match advancing_until {
            Some(until) if until > now => Self::Advancing,
            _over => Self::Running,
        }
    }
}

/// Where an advance ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// At a moment of the clock.
    At(Timestamp),
    /// This far ahead of the real time. The clock runs while it is moved, so a number of days is a distance and not a
    /// moment: one day more is exactly one day more, however long the advance takes.
    Ahead(Duration),
}

impl Goal {
    /// The moment of the clock at which the advance ends, at the real time `real`.
    pub fn at(self, real: RealTime) -> Timestamp {
        match self {
            Self::At(moment) => moment,
            Self::Ahead(ahead) => real.on_clock(ahead),
        }
    }
}

impl SandboxClock {
    /// The status at the moment `now`.
    pub fn status(&self, now: RealTime) -> ClockStatus {
        ClockStatus::of(self.advancing_until, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_at_a_distance_and_a_moment_stays() {
        let (real, second) = (RealTime::from_seconds(1_768_478_400), Duration::from_secs(1));
        let day = Duration::from_secs(86_400);
        assert_eq!(Goal::Ahead(day).at(real).since(real.unmoved()), day);
        assert_eq!(Goal::Ahead(day).at(real.plus(second)).since(real.plus(second).unmoved()), day);
        let moment = real.unmoved().plus(day);
        assert_eq!(Goal::At(moment).at(real.plus(second)), moment);
    }

    #[test]
    fn a_name_has_1_to_60_readable_characters() {
        assert_eq!(ClockName::parse("  Carnaval de 2027 ").unwrap().to_string(), "Carnaval de 2027");
        assert!(ClockName::parse(&"ç".repeat(60)).is_ok());
        for wrong in ["", "   ", "a\nb", "a\u{200b}b", &"a".repeat(61)] {
            assert_eq!(ClockName::parse(wrong), Err(InvalidClockName), "{wrong:?}");
        }
    }
}
