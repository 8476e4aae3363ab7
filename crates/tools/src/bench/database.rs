//! Work that benches need in a database. No client of the API can do it, so the program that starts the benches
//! provides it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::id::{LoanId, PartnerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::say;

/// A server's database.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The SQLite file, used if no URL is given.
    pub file: &'a Path,
    /// The URL of a PostgreSQL database.
    pub url: Option<&'a str>,
}

/// Opens databases, and makes empty ones.
pub trait DatabaseAccess: Send + Sync {
    /// Opens a database under the [master key](super::MASTER_KEY) of the benches.
    fn open(&self, place: Place<'_>) -> anyhow::Result<Box<dyn Database>>;
    /// Makes an empty database of PostgreSQL beside the one that a URL names.
    fn make_database(&self, beside: &str, name: &str) -> anyhow::Result<()>;
    /// The paths of the console's pages, with their parameters in braces.
    fn console_pages(&self) -> Vec<&'static str>;
    /// Drops a database that [`make_database`](Self::make_database) made.
    fn drop_database(&self, beside: &str, name: &str) -> anyhow::Result<()>;
}

/// An open database. The calls block.
pub trait Database: Send + Sync {
    /// The name of its engine.
    fn engine(&self) -> &'static str;
    /// Fills the database. Returns also the endpoint of the filling's first partner.
    fn fill(&self, filling: &Filling) -> anyhow::Result<(Filled, String)>;
    /// Registers customers from these bodies, many in one commit. Returns their ids.
    fn register(&self, partner: PartnerId, bodies: &[Value]) -> anyhow::Result<Vec<String>>;
    /// Runs each look of the workers at their queues several times.
    fn look_at_queues(&self, partner: PartnerId) -> anyhow::Result<Vec<Looks>>;
    /// Checks the whole ledger.
    fn check_ledger(&self) -> anyhow::Result<()>;
    /// Renders the document of each loan `times` times. Returns each duration, and the size of the last document.
    fn set_documents(
        &self, partner: PartnerId, loans: &[LoanId], times: usize,
    ) -> anyhow::Result<(Vec<Duration>, usize)>;
    /// Stores idempotency answers that expired long ago.
    fn keep_old_answers(&self, partner: PartnerId, count: u64) -> anyhow::Result<()>;
    /// Whether one of these answers is left.
    fn has_old_answers(&self) -> anyhow::Result<bool>;
    /// The database's size in bytes.
    fn bytes(&self) -> anyhow::Result<i64>;
    /// Inserts only the rows of registrations, from `writers` tasks at once. Returns the latencies in microseconds,
    /// and the span.
    fn insert_bare(&self, writers: u64, span: Duration) -> anyhow::Result<(Vec<u64>, Duration)>;
    /// Empties the database's log and closes it.
    fn close(&self) -> anyhow::Result<()>;
}

/// A database to be filled.
#[derive(Debug, Clone)]
pub struct Filling {
    /// The server's folder.
    pub data: PathBuf,
    /// The partner that has half of the customers.
    pub first: PartnerId,
    /// The address of the partners' endpoints.
    pub url: String,
    /// The number of filled customers that there will be.
    pub customers: u32,
    /// The share of customers that have loans.
    pub mix: Mix,
}

/// The share of customers that have loans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mix {
    /// Eight of twelve.
    Borrowers,
    /// Three of ten, as in the portfolio by which the console is judged.
    Prospects,
}

/// The looks at one queue.
#[derive(Debug)]
pub struct Looks {
    /// The queue's name.
    pub name: String,
    /// Duration of each look, in microseconds.
    pub took_us: Vec<u64>,
    /// Duration of all looks.
    pub span: Duration,
}

/// The result of a filling.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Filled {
    /// Customers that were made.
    pub customers: u32,
    /// Their loans.
    pub loans: u32,
    /// Duration of the filling.
    pub milliseconds: u128,
    /// Customers made a second.
    pub customers_per_second: u64,
    /// The database's growth by each customer, with indexes.
    pub bytes_per_customer: i64,
}

impl Filled {
    /// The figures in one line.
    pub(super) fn summary(&self) -> String {
        let Self { customers, loans, milliseconds, customers_per_second, bytes_per_customer } = self;
        format!(
            "{customers} filled in {milliseconds} ms with {loans} loans, {customers_per_second} a second (≥ 1,000); \
             {bytes_per_customer} bytes each"
        )
    }

    /// Prints the figures.
    pub(super) fn print(&self) {
        say(&format!("  {}", self.summary()));
    }
}
