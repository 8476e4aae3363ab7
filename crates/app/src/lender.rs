//! The lender in whose name loans are made, and the lifetimes.

use std::sync::Arc;
use std::time::Duration;

use domain::bank_file::PayerAccount;
use domain::loan::contract::Creditor;
use domain::loan::rates::RateBook;
use domain::money::Cents;
use store::mails::MailMode;

use crate::links::Links;

/// Lifetimes, all configurable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lifetimes {
    /// An access token.
    pub access_token: Duration,
    /// An offer.
    pub offer: Duration,
    /// A signing link.
    pub signing_link: Duration,
    /// A biometrics link.
    pub biometrics_link: Duration,
    /// A hosted session, from the exchange of its link's code on.
    pub session_token: Duration,
    /// A stored answer.
    pub idempotency: Duration,
    /// Stored events and deliveries.
    pub events: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        let days = |days: u64| Duration::from_secs(days * 86_400);
        Self {
            access_token: Duration::from_secs(3_600),
            offer: days(30),
            signing_link: days(7),
            biometrics_link: Duration::from_secs(3_600),
            session_token: Duration::from_secs(1_800),
            idempotency: days(1),
            events: days(90),
        }
    }
}

/// The lender in whose name loans are made.
#[derive(Debug, Clone)]
pub struct Lender {
    /// The institution.
    pub creditor: Creditor,
    /// The account from which its money leaves, if files for the bank should name it.
    pub payer: Option<PayerAccount>,
    /// The addresses of its pages.
    pub links: Links,
    /// The handling of its e-mails.
    pub mail_mode: MailMode,
    /// The rate table.
    pub book: Arc<RateBook>,
    /// The lifetimes of tokens, links, offers and stored rows.
    pub lifetimes: Lifetimes,
    /// Largest excess of a payment over the amount owed without a confirmation.
    pub overpayment_limit: Cents,
}
