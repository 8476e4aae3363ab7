//! The write-ahead log of SQLite while partners read and write and one reader never ends.
//!
//! `LOG_SECONDS` sets the duration. The minimum is the time of 500 registrations, at most 50 a second.

use std::cell::Cell;
use std::time::{Duration, Instant};

use store::{StoreError, Tx};

use crate::machine::number_from_environment;
use crate::support::TestApp;

const REGISTRATIONS: u32 = 500;
const BETWEEN: Duration = Duration::from_millis(20);
const MOST_BYTES: u64 = 16_000_000;

#[tokio::test]
async fn sqlites_log_stays_short_during_reads_and_writes() {
    let app = TestApp::new().await;
    let partner = app.partner().await;
    let log = app.state.config.data.join("test.db-wal");
    let customer = partner.customer(1, "manual").await;
    let span = Duration::from_secs(number_from_environment("LOG_SECONDS").unwrap_or(0));
    let (began, over, longest, reads) = (Instant::now(), Cell::new(false), Cell::new(0), Cell::new(0));
    let write = async {
        let mut number = 1;
        while number <= REGISTRATIONS || began.elapsed() < span {
            number += 1;
            partner.customer(number, "manual").await;
            longest.set(std::fs::metadata(&log).unwrap().len().max(longest.get()));
            tokio::time::sleep(BETWEEN).await;
        }
        over.set(true);
        number
    };
    let read = async {
        while !over.get() {
            partner.get(&format!("/v3/customers/{customer}")).await.expect(200);
            partner.get("/v3/customers?limit=10").await.expect(200);
            reads.set(reads.get() + 2);
            tokio::time::sleep(BETWEEN).await;
        }
    };
    let read_without_end = async {
        while !over.get() {
            assert!(app.state.store.read(endless).await.is_err());
        }
    };
    let (written, (), ()) = tokio::join!(write, read, read_without_end);
    println!("{written} writes, {} reads, {} bytes of log at the most", reads.get(), longest.get());
    assert!(longest.get() < MOST_BYTES, "the log grew to {} bytes", longest.get());
}

/// A read that keeps its snapshot until it is ended from outside.
fn endless(tx: &mut Tx<'_>) -> Result<i64, StoreError> {
    let sql = "with recursive n(x) as (select count(*) from customers union all select x + 1 from n) select max(x) from n";
    tx.query_one(sql, &[], |row| row.get(0))
}
