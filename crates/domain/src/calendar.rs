//! Brazilian banking days (Res. CMN 4.880/2020).
//!
//! The holiday rule is `BRSettlement` of the `bdays` crate; this module only translates dates.

use bdays::HolidayCalendar;
use bdays::calendars::brazil::BRSettlement;

use crate::time::Date;

/// Whether banks settle on `date`. They do not on Saturdays, Sundays and national banking holidays.
pub fn is_business_day(date: Date) -> bool {
    BRSettlement.is_bday(naive(date))
}

/// `date` itself if it is a business day, or else the first business day after it.
///
/// This is the *effective* due date: an installment whose due date is not a business day may be paid on it without
/// charges.
pub fn next_business_day(date: Date) -> Date {
    let mut day = date;
    while !is_business_day(day) {
        match day.tomorrow() {
            Ok(next) => day = next,
            // No day follows: the calendar ends here.
            Err(_) => return date,
        }
    }
    day
}

/// `date` itself if it is a business day, or else the last business day before it.
pub fn last_business_day(date: Date) -> Date {
    let mut day = date;
    while !is_business_day(day) {
        match day.yesterday() {
            Ok(before) => day = before,
            // No day precedes: the calendar begins here.
            Err(_) => return date,
        }
    }
    day
}

fn naive(date: Date) -> chrono::NaiveDate {
    let (month, day) = (u32::from(date.month().unsigned_abs()), u32::from(date.day().unsigned_abs()));
    chrono::NaiveDate::from_ymd_opt(i32::from(date.year()), month, day).expect("both calendars are Gregorian")
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn each_year_has_the_published_number_of_business_days() {
        for (year, expected) in [(2024, 253), (2025, 252), (2026, 249), (2027, 251), (2028, 248)] {
            let days = date(year, 1, 1).series(jiff::ToSpan::days(1));
            let business = days.take_while(|d| d.year() == year).filter(|d| is_business_day(*d)).count();
            assert_eq!(business, expected, "{year}");
        }
    }

    #[test]
    fn a_holiday_moves_to_the_next_business_day() {
        for (from, to) in [
            (date(2026, 2, 14), date(2026, 2, 18)),
            (date(2026, 2, 15), date(2026, 2, 18)),
            (date(2026, 2, 16), date(2026, 2, 18)),
            (date(2026, 4, 3), date(2026, 4, 6)),
            (date(2026, 11, 20), date(2026, 11, 23)),
            (date(2027, 1, 1), date(2027, 1, 4)),
            (date(2023, 11, 20), date(2023, 11, 20)),
        ] {
            assert_eq!(next_business_day(from), to, "{from}");
        }
    }
}
