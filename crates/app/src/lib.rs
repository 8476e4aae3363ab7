//! Use cases: plain synchronous functions over a transaction.
//!
//! HTTP handlers, pages, workers, commands and the sandbox's autopilot all call these; only these call the
//! store's queries. Argument order is `(tx, tenant, now, …)`. A function that refuses has changed nothing
//! that its caller commits.
//!
//! Reasons: docs/decisions/0019.

pub mod answers;
pub mod autopilot;
pub mod bank_accounts;
pub mod ccb;
pub mod clock;
pub mod collection;
pub mod contracts;
pub mod credentials;
pub mod credit;
pub mod customers;
pub mod deliveries;
pub mod directory;
pub mod events;
pub mod kyc;
pub mod ledger;
pub mod ledger_check;
pub mod letters;
pub mod loans;
pub mod months;
pub mod offers;
pub mod operators;
pub mod partners;
pub mod past;
pub mod payments;
pub mod registry;
pub mod review;
pub mod samples;
pub mod sessions;
pub mod signing;
pub mod signing_keys;
pub mod steering;
pub mod steps;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use domain::links::Links;
use domain::loan::contract::Creditor;
use domain::loan::rates::RateBook;
use domain::money::Cents;
use store::mails::Post;

pub use store::Failed;

/// How long things last; all configurable.
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
    /// Where its pages are.
    pub links: Links,
    /// What becomes of its letters.
    pub post: Post,
    /// The rates in force by date.
    pub book: Arc<RateBook>,
    /// How long things last.
    pub lifetimes: Lifetimes,
    /// How much more than what is owed a payment may be without a confirmation.
    pub overpayment_limit: Cents,
}

/// The resource is not there, or is another partner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotFound;

/// Why a list could not be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListRefused {
    /// What it is a list of is not there.
    NotFound,
    /// The cursor is not the caller's, or not of its kind.
    InvalidCursor,
}

/// A page, or the refusal of its cursor.
fn page_or_refused<T>(
    page: Result<domain::page::Page<T>, store::UnknownCursor>,
) -> Result<domain::page::Page<T>, Failed<ListRefused>> {
    page.map_err(|store::UnknownCursor| Failed::Refused(ListRefused::InvalidCursor))
}

/// Text of random characters that is safe in a link: base64url of `N` bytes.
fn random_text<const N: usize>(tx: &mut store::Tx<'_>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tx.random_bytes::<N>())
}

/// Text of random letters and digits: hex of `N` bytes.
fn random_hex<const N: usize>(tx: &mut store::Tx<'_>) -> String {
    store::seal::hex(&tx.random_bytes::<N>())
}
