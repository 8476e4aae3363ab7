//! The number of a contract (CCB).

use std::fmt;
use std::str::FromStr;

/// The number of a Cédula de Crédito Bancário, without gaps within a year and an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CcbNumber {
    /// The year of the business date of issue.
    pub year: i16,
    /// Counted from 1.
    pub number: u32,
}

/// The text is not the number of a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the number of a contract, such as CCB-2026-001234")]
pub struct InvalidCcbNumber;

/// Reads the form that is written, and no other.
impl FromStr for CcbNumber {
    type Err = InvalidCcbNumber;

    fn from_str(text: &str) -> Result<Self, InvalidCcbNumber> {
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        let (year, number) =
            text.strip_prefix("CCB-").and_then(|rest| rest.split_once('-')).ok_or(InvalidCcbNumber)?;
        if !digits(year) || !digits(number) {
            return Err(InvalidCcbNumber);
        }
        let read = Self {
            year: year.parse().map_err(|_| InvalidCcbNumber)?,
            number: number.parse().map_err(|_| InvalidCcbNumber)?,
        };
        if read.to_string() == text { Ok(read) } else { Err(InvalidCcbNumber) }
    }
}

/// `CCB-2026-001234`.
impl fmt::Display for CcbNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CCB-{}-{:06}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_it_was_written() {
        for (year, number) in [(2026, 1), (2026, 412), (1999, 1_234_567)] {
            let written = CcbNumber { year, number };
            assert_eq!(written.to_string().parse(), Ok(written));
        }
        for text in
            ["", "CCB-2026-412", "CCB-2026-+00412", "ccb-2026-000412", "CCB-2026-000412 ", "CCB--2026-000412"]
        {
            assert_eq!(text.parse::<CcbNumber>(), Err(InvalidCcbNumber), "{text}");
        }
    }
}
