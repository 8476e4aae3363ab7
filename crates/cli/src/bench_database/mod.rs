//! The work in a database that `dinie bench` needs: it is filled, changed while no server runs, and queried as
//! workers do.
//!
//! The crate `tools` knows no use case and no row, like any client. It names the work in a trait, and this program
//! does it.

mod answers;
mod bare;
mod fill;
mod queues;
mod stored;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::ensure;
use domain::id::{LoanId, PartnerId};
use serde_json::Value;
use server::clock::real_now;
use store::contracts::{Copy, Document};
use store::db::{DatabaseUrl, Deadlines, drop_database, make_empty_database};
use store::seal::MasterKey;
use store::{Store, StoreError, Tx};
use tokio::runtime::Handle;
use tools::bench::{Database, DatabaseAccess, Filled, Filling, Looks, MASTER_KEY, Place};

use self::fill::Filler;
use self::queues::Turn;

/// Deadline of a script that prepares a database. It writes hundreds of customers, and no other script waits for it.
const LONGEST_SCRIPT: Duration = Duration::from_secs(600);

/// The filler of a server's folder. It continues where it stopped.
type SavedFiller = Arc<Mutex<Option<(PathBuf, Filler)>>>;

/// Works in databases through the store.
#[derive(Default)]
pub(crate) struct StoreAccess {
    filler: SavedFiller,
}

impl DatabaseAccess for StoreAccess {
    fn open(&self, place: Place<'_>) -> anyhow::Result<Box<dyn Database>> {
        let url = match place.url {
            Some(url) => DatabaseUrl::parse(url)?,
            None => DatabaseUrl::Sqlite(place.file.to_owned()),
        };
        let deadlines = Deadlines { write: LONGEST_SCRIPT, ..Deadlines::default() };
        let store = Store::open_with(&url, MasterKey::new(MASTER_KEY), deadlines)?;
        Ok(Box::new(Opened { store, filler: Arc::clone(&self.filler) }))
    }

    fn make_database(&self, beside: &str, name: &str) -> anyhow::Result<()> {
        Ok(make_empty_database(beside, name)?)
    }

    fn console_pages(&self) -> Vec<&'static str> {
        let listed = server::pages::listed().into_iter();
        listed.filter(|page| page.method == "GET").map(|page| page.path).collect()
    }

    fn drop_database(&self, beside: &str, name: &str) -> anyhow::Result<()> {
        Ok(drop_database(beside, name)?)
    }
}

struct Opened {
    store: Store,
    filler: SavedFiller,
}

impl Database for Opened {
    fn engine(&self) -> &'static str {
        self.store.engine_name()
    }

    fn fill(&self, filling: &Filling) -> anyhow::Result<(Filled, String)> {
        let mut kept = self.filler.lock().unwrap_or_else(PoisonError::into_inner);
        let mut filler = match kept.take() {
            Some((folder, filler)) if folder == filling.data => filler,
            Some(_) | None => Filler::open(&self.store, filling)?,
        };
        let filled = filler.fill(&self.store, filling)?;
        let endpoint = filler.endpoint().to_string();
        *kept = Some((filling.data.clone(), filler));
        Ok((filled, endpoint))
    }

    fn register(&self, partner: PartnerId, bodies: &[Value]) -> anyhow::Result<Vec<String>> {
        stored::register(&self.store, partner, bodies)
    }

    fn look_at_queues(&self, partner: PartnerId) -> anyhow::Result<Vec<Looks>> {
        Ok(queues::look(&self.store, Turn { partner, now: real_now() })?)
    }

    fn check_ledger(&self) -> anyhow::Result<()> {
        let ledger = Handle::current().block_on(app::ledger::check::whole(&self.store))?;
        ensure!(ledger.is_right(), "the ledger of the filled database is not right");
        Ok(())
    }

    fn set_documents(
        &self, partner: PartnerId, loans: &[LoanId], times: usize,
    ) -> anyhow::Result<(Vec<Duration>, usize)> {
        let (mut took, mut size) = (Vec::new(), 0);
        for loan in loans.iter().copied() {
            let document = Document { partner, loan, copy: Copy::Issued };
            let draft =
                self.store.write_blocking::<_, StoreError>(move |tx| app::contracts::draft(tx, document))?;
            for _ in 0..times {
                let began = Instant::now();
                size = draft.set()?.len();
                took.push(began.elapsed());
            }
        }
        Ok((took, size))
    }

    fn keep_old_answers(&self, partner: PartnerId, count: u64) -> anyhow::Result<()> {
        answers::keep_old(&self.store, partner, count)
    }

    fn has_old_answers(&self) -> anyhow::Result<bool> {
        Ok(Handle::current().block_on(answers::any_left(&self.store))?)
    }

    fn bytes(&self) -> anyhow::Result<i64> {
        let bytes = |tx: &mut Tx<'_>| tx.query_one(tx.dialect().database_bytes, &[], |row| row.get::<i64>(0));
        Ok(Handle::current().block_on(self.store.read::<_, StoreError>(bytes))?)
    }

    fn insert_bare(&self, writers: u64, span: Duration) -> anyhow::Result<(Vec<u64>, Duration)> {
        Handle::current().block_on(bare::insert(&self.store, writers, span))
    }

    fn close(&self) -> anyhow::Result<()> {
        Ok(self.store.close()?)
    }
}
