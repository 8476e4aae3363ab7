//! The work that benches need in a database. No client of the API can do it, so the caller of the benches provides it.

use std::path::Path;
use std::time::Duration;

use domain::id::{LoanId, PartnerId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::say;

/// A server's database.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The file of SQLite, where no database is named.
    pub file: &'a Path,
    /// The URL of a database of PostgreSQL.
    pub url: Option<&'a str>,
}

/// Opens databases, and makes empty ones.
pub trait Workshop: Send + Sync {
    /// Opens a database under the [master key](super::MASTER_KEY) of the benches.
    fn open(&self, place: Place<'_>) -> anyhow::Result<Box<dyn Database>>;
    /// Makes an empty database of PostgreSQL beside the one that a URL names.
    fn make_database(&self, beside: &str, name: &str) -> anyhow::Result<()>;
    /// Drops such a database.
    fn drop_database(&self, beside: &str, name: &str) -> anyhow::Result<()>;
}

/// An open database. The calls block.
pub trait Database: Send + Sync {
    /// The name of its engine.
    fn engine(&self) -> &'static str;
    /// Fills it on until there are `customers` of the filler's. `first` has half of them; `data` is the server's folder,
    /// and `url` is where the partners' endpoints are. Returns also the endpoint of `first`.
    fn fill(
        &self,
        data: &Path,
        first: PartnerId,
        url: &str,
        customers: u32,
    ) -> anyhow::Result<(Filled, String)>;
    /// Registers customers by these bodies, many in one commit; returns their ids.
    fn register(&self, partner: PartnerId, bodies: &[Value]) -> anyhow::Result<Vec<String>>;
    /// Takes each look that workers take at their queues, some times.
    fn look_at_queues(&self, partner: PartnerId) -> anyhow::Result<Vec<Looks>>;
    /// Checks the whole ledger.
    fn check_ledger(&self) -> anyhow::Result<()>;
    /// Sets the documents of loans, each `times` times; how long each took, and the size of the last one.
    fn set_documents(
        &self,
        partner: PartnerId,
        loans: &[LoanId],
        times: usize,
    ) -> anyhow::Result<(Vec<Duration>, usize)>;
    /// Stores answers that have been free for long.
    fn keep_old_answers(&self, partner: PartnerId, count: u64) -> anyhow::Result<()>;
    /// Whether one of them is left.
    fn has_old_answers(&self) -> anyhow::Result<bool>;
    /// The bytes that it takes.
    fn bytes(&self) -> anyhow::Result<i64>;
    /// Inserts the rows of registrations and nothing else, from `writers` tasks at once; the latencies in microseconds,
    /// and the span.
    fn insert_bare(&self, writers: u64, span: Duration) -> anyhow::Result<(Vec<u64>, Duration)>;
    /// Empties its log.
    fn close(&self) -> anyhow::Result<()>;
}

/// The looks at one queue.
#[derive(Debug)]
pub struct Looks {
    /// The queue that was read.
    pub name: String,
    /// How long each took, in microseconds.
    pub took_us: Vec<u64>,
    /// How long all took.
    pub span: Duration,
}

/// The result of a filling.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Filled {
    /// How many customers were made.
    pub customers: u32,
    /// How many loans they have.
    pub loans: u32,
    /// How long it took.
    pub milliseconds: u128,
    /// How many customers a second.
    pub customers_per_second: u64,
    /// How much each customer lets the database grow, with indexes.
    pub bytes_per_customer: i64,
}

impl Filled {
    /// Its figures in a line.
    pub(super) fn told(&self) -> String {
        let Self { customers, loans, milliseconds, customers_per_second, bytes_per_customer } = self;
        format!(
            "{customers} filled in {milliseconds} ms with {loans} loans, {customers_per_second} a second (≥ 1,000); \
             {bytes_per_customer} bytes each"
        )
    }

    /// Prints its figures.
    pub(super) fn print(&self) {
        say(&format!("  {}", self.told()));
    }
}
