//! E-mails to customers, for operators who look why one did not arrive.

use domain::mail::MailState;
use domain::time;
use serde::Serialize;
use utoipa::ToSchema;

use crate::text_scalar::Timestamp;

/// The status of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// It is to be sent, or tried again.
    Waiting,
    /// It stays in the sandbox's mailbox: there is no mail server.
    Kept,
    /// A mail server took it.
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
    /// Identifier of the partner whose customer it is for.
    #[schema(pattern = "^ptr_[0-9a-f]{32}$", example = "ptr_0190f3b4c5d67e8f90a1b2c3d4e5f607")]
    partner_id: String,
    /// Where the e-mail stands.
    status: MailStatus,
    /// The address that it is for; null where its row is damaged.
    #[schema(required, example = "ana@example.com")]
    to: Option<String>,
    /// Its subject; null where it holds a code, or where its row is damaged.
    #[schema(required, example = "Assine a CCB-2026-000001")]
    subject: Option<String>,
    /// Why it was given up; null where it was not.
    #[schema(required, example = "the mail server refused it: status 550")]
    reason: Option<String>,
    /// How often it has been tried in vain.
    #[schema(minimum = 0, example = 0)]
    attempts: i64,
    /// When it was written.
    created_at: Timestamp,
    /// When its status last changed.
    updated_at: Timestamp,
}

/// What is shown of an e-mail.
#[derive(Debug, Clone)]
pub struct MailFacts {
    /// Its id.
    pub id: String,
    /// The partner's id.
    pub partner_id: String,
    /// Where it stands.
    pub state: MailState,
    /// The address, where its row reads.
    pub to: Option<String>,
    /// The subject, where it may be shown.
    pub subject: Option<String>,
    /// Why it was given up, where it was.
    pub reason: Option<String>,
    /// How often it has been tried in vain.
    pub attempts: i64,
    /// When it was written.
    pub created_at: time::Timestamp,
    /// When its state last changed.
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
