//! The crash loop: the server is killed at random moments and restarted, under a load of changes and with a sink that
//! refuses a third of all webhooks.
//!
//! `CRASH_CYCLES` sets the number of kills. `CRASH_SEED` repeats a run's refusals, and also its moments if the
//! machine is equally fast. The order of the work between them depends on the machine. A run prints its seed.

use std::time::{Duration, Instant};

use store::db::DatabaseUrl;

use super::auditor::Manner;
use super::{GENERATIONS, Scene};
use crate::machine::number_from_environment;
use crate::simulation_model::Dice;
use crate::support::TestApp;

/// Kills of the ordinary test run.
const CYCLES: u64 = 200;
/// Shortest life of the server after it listens, in milliseconds. The longest is enough for a few recorded webhooks.
const SHORTEST_MS: u64 = 20;
const LONGEST_MS: u64 = 180;
/// Start time of the server on an idle machine. A start that is n times as slow makes the next life n times as long.
/// Otherwise a busy machine would finish nothing in any life.
const QUICK_START_MS: u128 = 250;
/// After this number of cycles, the partner requests the refused webhooks.
const RECOVERY: u64 = 10;

async fn survives_kills(database: Option<DatabaseUrl>) {
    let seed = number_from_environment("CRASH_SEED")
        .unwrap_or_else(|| server::clock::real_now().micros().unsigned_abs());
    let cycles = number_from_environment("CRASH_CYCLES").unwrap_or(CYCLES);
    println!("CRASH_SEED={seed} CRASH_CYCLES={cycles}");
    let mut scene = Scene::set(database, seed).await;
    scene.auditor.behave(Manner { fails_one_in: 3, slowest_ms: 20 }).await;
    let work = scene.work(4, 4);
    let (mut dice, mut slowness) = (Dice(seed), 1);
    for cycle in 1..=cycles {
        let life = Duration::from_millis(SHORTEST_MS + dice.next() % (LONGEST_MS - SHORTEST_MS));
        tokio::time::sleep(life * slowness).await;
        let began = Instant::now();
        tokio::task::block_in_place(|| {
            scene.node.kill();
            scene.node.start_again();
        });
        slowness = u32::try_from(began.elapsed().as_millis() / QUICK_START_MS).unwrap().max(1);
        if cycle % RECOVERY == 0 {
            let turn = usize::try_from(cycle / RECOVERY).unwrap() % GENERATIONS.len();
            scene.recover(GENERATIONS[turn].1, &scene.endpoints[turn], &format!("recovery-{cycle}")).await;
        }
    }
    work.end().await;
    scene.recover_all().await;
    let report = scene.judge().await;
    println!("{cycles} kills: {report}");
    let cycles = usize::try_from(cycles).unwrap();
    assert!(report.acknowledged("customer.created") >= cycles / 10, "a proof needs acknowledged work");
    assert!(report.acknowledged("loan.active") > 0 && report.refused() >= cycles / 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_under_kills_on_sqlite() {
    survives_kills(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_under_kills_on_postgresql() {
    let Some(database) = TestApp::postgres_database().await else { return };
    survives_kills(Some(database)).await;
}
