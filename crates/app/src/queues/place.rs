//! The place of a case in its queue, as a cursor. It names its sort key, because a case may leave the queue while the
//! queue is read.

use std::fmt;
use std::str::FromStr;

use domain::id::InvalidId;
use domain::time::Date;
use store::cases::CasePlace;
use store::overdue::OverduePlace;

/// The place of a case in its queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a queue by the time since which cases wait.
    Waiting(CasePlace),
    /// In the queue of overdue loans.
    Overdue(OverduePlace),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Waiting(CasePlace { since, subject }) => write!(f, "{since}_{subject}"),
            Self::Overdue(OverduePlace { due, loan }) => write!(f, "{due}_{loan}"),
        }
    }
}

impl FromStr for Place {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let (key, id) = text.split_once('_').ok_or(InvalidId)?;
        if let Ok(since) = key.parse() {
            return Ok(Self::Waiting(CasePlace { since, subject: id.parse()? }));
        }
        let due: Date = key.parse().map_err(|_not_a_date| InvalidId)?;
        Ok(Self::Overdue(OverduePlace { due, loan: id.parse()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let loan = "ln_0190f3b4c5d67e8f90a1b2c3d4e5f607";
        for text in [format!("1793491200000000_{loan}"), format!("2026-05-01_{loan}")] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        for text in ["", loan, "1793491200000000_", "2026-05-01_cust_0190f3b4c5d67e8f90a1b2c3d4e5f607", "x_y"]
        {
            assert_eq!(text.parse::<Place>(), Err(InvalidId), "{text}");
        }
    }
}
