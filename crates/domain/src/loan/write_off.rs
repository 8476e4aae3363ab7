//! The write-off of a loan that is long overdue (Res. CMN 4.966/2021).
//!
//! The debt stays as it is, and the borrower still owes it. Only the lender's books change: the unpaid principal becomes a
//! loss, and every later payment is a recovery.
//!
//! Reasons: docs/decisions/0034.

use crate::id::PaymentId;
use crate::money::Cents;
use crate::time::Timestamp;

/// A loan is written off after more days overdue than this. It is then in the last bucket of overdue loans.
pub(super) const DAYS_BEFORE_WRITE_OFF: u32 = 90;

/// The write-off of a loan.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct WriteOff {
    /// Time of the write-off.
    pub at: Timestamp,
    /// The unpaid principal at that time.
    pub amount: Cents,
    /// The reason, in words.
    pub reason: String,
    /// The payments before it. Every other payment is a recovery, even if it was paid on an earlier day.
    pub paid_before: Vec<PaymentId>,
}

/// Why a loan is not written off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWrittenOff {
    /// The loan is not active.
    #[error("only an active loan is written off")]
    NotActive,
    /// It was written off before.
    #[error("the loan was written off before")]
    Before,
    /// It is not overdue for long enough.
    #[error("the loan is {0} days overdue, and only a loan of more than 90 days is written off")]
    TooEarly(u32),
}
