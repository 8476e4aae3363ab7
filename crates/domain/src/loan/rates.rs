//! The rate table: taxes and late charges by date. They are configuration with versions, never constants.

pub use super::iof::IofVersion;
use super::late::LateRates;
use crate::time::Date;

/// The rates of late charges from a date on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateVersion {
    /// The first due date to which they apply.
    pub since: Date,
    /// The rates.
    pub rates: LateRates,
}

/// The rate table: every version of every rate, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RateBook {
    iof: Vec<IofVersion>,
    late: Vec<LateVersion>,
}

impl RateBook {
    /// Sorts the versions by their dates.
    pub fn new(mut iof: Vec<IofVersion>, mut late: Vec<LateVersion>) -> Self {
        iof.sort_by_key(|version| version.since);
        late.sort_by_key(|version| version.since);
        Self { iof, late }
    }

    /// Every version of the rates of IOF, oldest first.
    pub fn iof(&self) -> &[IofVersion] {
        &self.iof
    }

    /// Every version of the rates of late charges, oldest first.
    pub fn late(&self) -> &[LateVersion] {
        &self.late
    }

    /// The rates of IOF on a day; `None` before the first version.
    pub fn iof_on(&self, day: Date) -> Option<&IofVersion> {
        self.iof.iter().rev().find(|version| version.since <= day)
    }

    /// The rates of late charges for a due date; `None` before the first version.
    pub fn late_on(&self, due: Date) -> Option<LateRates> {
        self.late.iter().rev().find(|version| version.since <= due).map(|version| version.rates)
    }

    /// The rates of 2026, for tests of the domain.
    #[cfg(test)]
    pub(crate) fn sample() -> Self {
        use super::iof::IofRates;
        use crate::money::{Cents, Rate};
        let rates =
            |daily| IofRates { daily: Rate::from_scaled(daily), additional: Rate::from_scaled(380_000) };
        let iof = IofVersion {
            since: jiff::civil::date(2025, 1, 1),
            company: rates(8_200),
            reduced: rates(2_740),
            reduced_up_to: Cents::new(3_000_000),
        };
        let late =
            LateRates { fine: Rate::from_scaled(2_000_000), default_monthly: Rate::from_scaled(1_000_000) };
        Self::new(vec![iof], vec![LateVersion { since: jiff::civil::date(2020, 1, 1), rates: late }])
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::money::Cents;

    #[test]
    fn the_newest_version_that_has_begun_applies() {
        let first = *RateBook::sample().iof_on(date(2026, 1, 1)).unwrap();
        let later = IofVersion { since: date(2027, 3, 1), reduced_up_to: Cents::new(5_000_000), ..first };
        let book = RateBook::new(vec![later, first], Vec::new());
        assert_eq!(book.iof_on(date(2024, 12, 31)), None);
        assert_eq!(book.iof_on(date(2027, 2, 28)), Some(&first));
        assert_eq!(book.iof_on(date(2027, 3, 1)), Some(&later));
    }
}
