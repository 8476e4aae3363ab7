//! The faults of a bank's answer.

/// An answer of the bank that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable {
    /// The first wrong line, counted from 1.
    pub line: usize,
    /// Its fault.
    pub fault: Fault,
}

/// The fault of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The file has no lines.
    Empty,
    /// It has more lines than a server reads at once.
    TooLong,
    /// The first line is neither the header of the CSV nor a record of 240 characters.
    UnknownFormat,
    /// It has too few or too many columns, or another length.
    Shape,
    /// The contract's number is wrong.
    Contract,
    /// The amount is wrong.
    Amount,
    /// The word for the outcome is unknown.
    Outcome,
    /// The file was sent by the lender, and is no answer.
    NotAnAnswer,
}

impl Fault {
    pub(super) const fn at(self, line: usize) -> Unreadable {
        Unreadable { line, fault: self }
    }
}
