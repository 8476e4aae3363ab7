//! The history of a loan.

use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::{Money, Timestamp};

/// The kind of a moment in a loan's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// The customer asked for the loan, and the contract was issued.
    Requested,
    /// A person signed.
    Signed,
    /// The customer received the money.
    Disbursed,
    /// A payment was recorded.
    PaymentRecorded,
    /// A payment was reversed.
    PaymentReversed,
    /// The loan was written off.
    WrittenOff,
    /// The loan was paid back in full.
    Finished,
    /// The loan was cancelled.
    Cancelled,
    /// The loan failed.
    Failed,
    /// An e-mail was written to a signer.
    MailWritten,
    /// An operator wrote a note.
    NoteWritten,
}

/// A moment in a loan's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct Moment {
    /// Kind of the moment.
    pub kind: MomentKind,
    /// Time of the moment.
    pub at: Timestamp,
    /// The amount that moved; null if none did.
    #[schema(required, example = "987.65")]
    pub amount: Option<Money>,
    /// The person who signed or wrote; null if nobody is known.
    #[schema(required, example = "Ana Souza")]
    pub name: Option<String>,
    /// The subject of the e-mail, or the reason of the failure; null for other kinds, and for an e-mail with a code.
    #[schema(required, example = "Assine a CCB-2026-001234")]
    pub text: Option<String>,
}

/// The history of a loan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Timeline {
    /// The moments, newest first.
    pub data: Vec<Moment>,
}
