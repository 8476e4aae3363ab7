//! E-mails to customers. Operators look up why one did not arrive.

use domain::mail::MailState;
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// The status of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// It waits for its first attempt or for a retry.
    Waiting,
    /// It stays in the sandbox's mailbox: there is no mail server.
    Kept,
    /// A mail server accepted it.
    Sent,
    /// It was given up.
    Failed,
}

impl From<MailState> for MailStatus {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Waiting => Self::Waiting,
            MailState::Kept => Self::Kept,
            MailState::Sent => Self::Sent,
            MailState::Failed => Self::Failed,
        }
    }
}

/// An e-mail to a customer, without its text.
#[derive(Debug, Serialize, ToSchema)]
pub struct Mail {
    /// Identifier of the e-mail.
    #[schema(pattern = "^ml_[0-9a-f]{32}$", example = "ml_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    id: String,
    /// The partner of the customer.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Status of the e-mail.
    status: MailStatus,
    /// Address of the recipient; null if the e-mail's row cannot be read.
    #[schema(required, example = "ana@example.com")]
    to: Option<String>,
    /// Subject of the e-mail; null if it holds a code, or if the e-mail's row cannot be read.
    #[schema(required, example = "Assine a CCB-2026-000001")]
    subject: Option<String>,
    /// Reason why it was given up; null if it was not.
    #[schema(required, example = "the mail server refused it: status 550")]
    reason: Option<String>,
    /// Number of failed attempts.
    #[schema(minimum = 0, example = 0)]
    attempts: i64,
    /// Time at which the e-mail was written.
    created_at: Timestamp,
    /// Time of the last change of the status.
    updated_at: Timestamp,
}

/// The facts of an e-mail that operators see.
#[derive(Debug, Clone)]
pub struct MailFacts {
    /// Id of the e-mail.
    pub id: String,
    /// The partner of the customer.
    pub partner_id: String,
    /// State of the e-mail.
    pub state: MailState,
    /// Address of the recipient; `None` if the row cannot be read.
    pub to: Option<String>,
    /// Subject of the e-mail; `None` if it may not be shown.
    pub subject: Option<String>,
    /// Reason why it was given up; `None` if it was not.
    pub reason: Option<String>,
    /// Number of failed attempts.
    pub attempts: i64,
    /// Time at which the e-mail was written.
    pub created_at: time::Timestamp,
    /// Time of the last change of the state.
    pub updated_at: time::RealTime,
}

impl From<MailFacts> for Mail {
    fn from(facts: MailFacts) -> Self {
        let MailFacts { id, partner_id, state, to, subject, reason, attempts, created_at, updated_at } =
            facts;
        Self {
            id,
            partner_id,
            status: state.into(),
            to,
            subject,
            reason,
            attempts,
            created_at: Timestamp(created_at),
            updated_at: Timestamp::real(updated_at),
        }
    }
}
