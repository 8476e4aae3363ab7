//! The lender in whose name loans are made, and the lifetimes.

use std::sync::{Arc, PoisonError, RwLock};
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
    /// Years for which the data of a borrower is kept, after the year in which the last loan ended.
    pub borrower_years: u8,
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
            borrower_years: domain::retention::YEARS,
        }
    }
}

/// The rate table in force. An operator of the machine can replace it while the server runs.
#[derive(Debug, Clone)]
pub struct Rates(Arc<RwLock<Arc<RateBook>>>);

impl Rates {
    /// The table of a configuration.
    pub fn new(book: RateBook) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(book))))
    }

    /// The table in force. Work that has taken it keeps it to its end, so that one figure never mixes two tables.
    pub fn in_force(&self) -> Arc<RateBook> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts another table in force. Returns whether it differs.
    pub fn replace(&self, book: RateBook) -> bool {
        let mut kept = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = **kept != book;
        if differs {
            *kept = Arc::new(book);
        }
        differs
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
    pub book: Rates,
    /// The lifetimes of tokens, links, offers and stored rows.
    pub lifetimes: Lifetimes,
    /// Largest excess of a payment over the amount owed without a confirmation.
    pub overpayment_limit: Cents,
}
