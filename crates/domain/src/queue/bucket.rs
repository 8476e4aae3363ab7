//! Overdue loans by the days since the effective due date of their oldest unpaid installment.

use crate::calendar::last_business_day;
use crate::spelled;
use crate::time::Date;

/// A range of days overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bucket {
    /// 1 to 15 days.
    UpTo15,
    /// 16 to 30 days.
    UpTo30,
    /// 31 to 60 days.
    UpTo60,
    /// 61 to 90 days.
    UpTo90,
    /// More than 90 days.
    Over90,
}

spelled!(Bucket {
    UpTo15 = "1-15",
    UpTo30 = "16-30",
    UpTo60 = "31-60",
    UpTo90 = "61-90",
    Over90 = "90+",
});

impl Bucket {
    /// The fewest days of the range.
    pub const fn first_day(self) -> u32 {
        match self {
            Self::UpTo15 => 1,
            Self::UpTo30 => 16,
            Self::UpTo60 => 31,
            Self::UpTo90 => 61,
            Self::Over90 => 91,
        }
    }

    /// The latest due date of an installment that is in this bucket or a later one on `today`. An installment that is
    /// due on a holiday is overdue only after the next business day, so this is always a business day.
    pub fn latest_due(self, today: Date) -> Date {
        let days = jiff::Span::new().days(i64::from(self.first_day()));
        last_business_day(today.saturating_sub(days))
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use jiff::civil::date;

    use super::*;
    use crate::loan::debt::Position;
    use crate::loan::schedule::ScheduledInstallment;

    #[test]
    fn the_latest_due_date_of_a_bucket_agrees_with_the_days_overdue_of_an_installment() {
        let published = ScheduledInstallment::published();
        for today in date(2026, 2, 1).series(1.day()).take(60) {
            for due in date(2025, 10, 1).series(1.day()).take(200) {
                let days = Position::of_row(&ScheduledInstallment { due, ..published }).days_overdue(today);
                for bucket in Bucket::ALL {
                    let is_in = due <= bucket.latest_due(today);
                    assert_eq!(is_in, days >= bucket.first_day(), "{due} on {today}: {days} days");
                }
            }
        }
    }
}
