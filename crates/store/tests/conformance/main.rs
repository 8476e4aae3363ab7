//! One suite for both engines: PostgreSQL must keep every promise of SQLite.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod aggregates;
mod batches;
mod deadlines;
mod delivery_lists;
mod distributed;
mod drafts;
mod engine;
mod exposure;
mod feed;
mod keys;
mod lane_changes;
mod ledger;
mod migrations;
mod months;
mod passing;
mod plans;
mod policies;
mod pools;
mod queues;
mod requests;
mod round_trips;
mod sealing;
mod seam;
mod silent;
mod states;
mod sums;
mod tenancy;
mod trail;
mod ways;

use std::sync::Arc;

use domain::time::Timestamp;
use store::db::DatabaseUrl;
use store::seal::MasterKey;
use store::test_support::{PostgresCluster, Throwaway};
use store::{Store, Tx};

/// The statements that the tests of the workspace ran, each with the file that ran it.
const STATEMENTS: &str = include_str!("../../statements.sql");

/// A separate store for one test, with the resources that it needs.
struct Bench {
    store: Store,
    url: DatabaseUrl,
    _folder: Option<Arc<tempfile::TempDir>>,
    _distributed: Option<Arc<Throwaway>>,
}

impl Bench {
    fn sqlite() -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let url = DatabaseUrl::Sqlite(folder.path().join("test.db"));
        Self { store: open(&url), url, _folder: Some(Arc::new(folder)), _distributed: None }
    }

    /// A store whose tables are not distributed, even if the environment names a cluster for distribution.
    fn postgres_of_one_machine() -> Option<Self> {
        let url = PostgresCluster::shared()?.database();
        Some(Self { store: open(&url), url, _folder: None, _distributed: None })
    }

    fn postgres() -> Option<Self> {
        let distributed = store::test_support::distributed_database();
        let url = match &distributed {
            Some(distributed) => distributed.url(),
            None => PostgresCluster::shared()?.database(),
        };
        Some(Self { store: open(&url), url, _folder: None, _distributed: distributed.map(Arc::new) })
    }

    /// A second store on the same database, like another node.
    fn second_node(&self) -> Store {
        open(&self.url)
    }

    fn write<T: Send + 'static>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, store::StoreError> + Send + 'static,
    ) -> Result<T, store::StoreError> {
        self.store.write_blocking(script)
    }
}

fn now() -> Timestamp {
    Timestamp::from_seconds(1_780_000_000)
}

fn open(url: &DatabaseUrl) -> Store {
    Store::open(url, MasterKey::new([42; 32])).unwrap()
}

/// Runs the body on each engine.
fn on_both(body: impl Fn(&Bench)) {
    body(&Bench::sqlite());
    if let Some(bench) = Bench::postgres() {
        body(&bench);
    }
}
