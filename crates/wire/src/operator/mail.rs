//! E-mails to customers. Operators look up why one did not arrive.

use domain::mail::MailState;
use serde::Serialize;
use utoipa::ToSchema;

use super::word::word;
use crate::text_scalar::Timestamp;

word!(
    /// The status of an e-mail.
    pub MailStatus of MailState
);

/// An e-mail to a customer, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mail {
    /// Identifier of the e-mail.
    #[schema(pattern = "^ml_[0-9a-f]{32}$", example = "ml_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub id: String,
    /// The partner of the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    pub partner_id: String,
    /// Status of the e-mail.
    pub status: MailStatus,
    /// Address of the recipient; null if the e-mail's row cannot be read.
    #[schema(required, example = "ana@example.com")]
    pub to: Option<String>,
    /// Subject of the e-mail; null if it holds a code, or if the e-mail's row cannot be read.
    #[schema(required, example = "Assine a CCB-2026-000001")]
    pub subject: Option<String>,
    /// Reason why it was given up; null if it was not.
    #[schema(required, example = "the mail server refused it: status 550")]
    pub reason: Option<String>,
    /// Number of failed attempts.
    #[schema(minimum = 0, example = 0)]
    pub attempts: i64,
    /// Time at which the e-mail was written.
    pub created_at: Timestamp,
    /// Time of the last change of the status.
    pub updated_at: Timestamp,
    /// Identifier of the request that caused the e-mail, also if a worker wrote it later; null if no request did.
    #[schema(required, max_length = 128, example = "req_0199f3b4c5d67e8f90a1b2c3")]
    pub request_id: Option<String>,
}
