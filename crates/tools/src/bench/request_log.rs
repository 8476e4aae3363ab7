//! The cost of the request log: the same loads by turns on a server with the log and on one without it.

use std::time::Duration;

use serde::Serialize;

use super::asks::{READERS, WRITERS};
use super::load::{self, Measured};
use super::side::Side;

/// Settings of a server without the log.
const WITHOUT: &str = "[requests]\nlog = false\n";

/// A load with the log and without it.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Pair {
    with: Measured,
    without: Measured,
    /// The part of the rate without the log that is left with it.
    percent: u64,
}

/// The cost of the log for reads and for writes.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Cost {
    reads: Pair,
    writes: Pair,
}

/// Measures both on new SQLite files.
pub(super) async fn measure(span: Duration) -> anyhow::Result<Cost> {
    let sides = [Side::start("").await?, Side::start(WITHOUT).await?];
    let reads = sides.each_ref().map(Side::reads);
    let reads = Pair::of(load::by_turns(READERS, span, 200, &reads).await?);
    let writes = sides.each_ref().map(Side::writes);
    let writes = Pair::of(load::by_turns(WRITERS, span, 201, &writes).await?);
    for side in sides {
        side.stop().await?;
    }
    Ok(Cost { reads, writes })
}

impl Pair {
    fn of([with, without]: [Measured; 2]) -> Self {
        Self { with, without, percent: with.rate * 100 / without.rate.max(1) }
    }

    fn print(self, name: &str) {
        self.without.print(&format!("{name}, no request log"), "");
        self.with.print(&format!("{name}, logged"), &format!("{} % of it (≥ 95 %)", self.percent));
    }
}

impl Cost {
    /// Prints both pairs as rows.
    pub(super) fn print(self) {
        self.reads.print("GET /v3/loans/{id}");
        self.writes.print("POST …/simulations");
    }
}
