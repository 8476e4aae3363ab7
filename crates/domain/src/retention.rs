//! The time for which the data of a person must be kept, and when it may be erased.
//!
//! A person may ask for the erasure of its data, but for what a law makes the lender keep (Lei 13.709/2018, LGPD, arts. 16, I
//! and 18, VI). A lender keeps what it knows about a client, and the client's operations, for ten years. They are counted
//! from the first day of the year after the end of the relationship (Circular BCB 3.978/2020, art. 67).

use crate::id::LoanId;
use crate::loan::{Loan, LoanState};
use crate::time::Date;

/// Years for which the data of a borrower is kept, if the configuration names no other number.
pub const YEARS: u8 = 10;

/// The answer to the question for how long the data of a customer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It may be erased at once.
    Free,
    /// The first day on which it may be erased.
    Until(Date),
    /// A loan is not over.
    Open(LoanId),
}

impl Keeping {
    /// The rule for a customer with these loans, on a business day in São Paulo. A customer who never had the lender's money
    /// was no client. `years` are counted from the year after the newest loan ended.
    pub fn of<'a>(loans: impl IntoIterator<Item = &'a Loan>, today: Date, years: u8) -> Self {
        let mut ends_in = None;
        for loan in loans {
            if !loan.is_over() {
                return Self::Open(loan.id);
            }
            if matches!(loan.state, LoanState::Finished { .. }) {
                ends_in = ends_in.max(Some(loan.updated_at.business_date().year()));
            }
        }
        let Some(year) = ends_in else { return Self::Free };
        let free = match Date::new(year + 1 + i16::from(years), 1, 1) {
            Ok(day) => day,
            Err(_after_the_calendar) => Date::MAX,
        };
        if today >= free { Self::Free } else { Self::Until(free) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn who_never_borrowed_is_free_at_once() {
        assert_eq!(Keeping::of([], day("2026-11-28"), YEARS), Keeping::Free);
    }
}
