//! The number of a contract (CCB).

use std::fmt;

/// The number of a Cédula de Crédito Bancário, without gaps within a year and an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CcbNumber {
    /// The year of the business date of issue.
    pub year: i16,
    /// Counted from 1.
    pub number: u32,
}

/// `CCB-2026-001234`.
impl fmt::Display for CcbNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CCB-{}-{:06}", self.year, self.number)
    }
}
