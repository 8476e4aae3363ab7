//! A database that is restarted under load without notice. The server answers 503 meanwhile and then recovers by
//! itself.

use std::time::Duration;

use store::test_support::PostgresCluster;

use super::Scene;
use super::auditor::Manner;

const RESTARTS: usize = 3;
const BETWEEN: Duration = Duration::from_millis(2_500);

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgresql_loses_nothing() {
    let Some(cluster) = tokio::task::block_in_place(PostgresCluster::own) else { return };
    let database = tokio::task::block_in_place(|| cluster.database());
    let mut scene = Scene::set(Some(database), 0).await;
    scene.auditor.behave(Manner { fails_one_in: 6, slowest_ms: 30 }).await;
    let work = scene.work(2, 4);
    for _ in 0..RESTARTS {
        tokio::time::sleep(BETWEEN).await;
        tokio::task::block_in_place(|| cluster.restart_at_once());
    }
    scene
        .work_until(|books| {
            books.acknowledged_count("customer.created") > 50 && books.acknowledged_count("loan.active") > 0
        })
        .await;
    work.end().await;
    assert!(scene.node.is_alive(), "the server survives the restart of its database");
    assert!(scene.client.unanswered() > 0, "a restart without effect on any client proves nothing");
    scene.recover_all().await;
    let report = scene.judge().await;
    println!("{RESTARTS} restarts of PostgreSQL: {report}");
    assert!(report.acknowledged("customer.created") > 50 && report.acknowledged("loan.active") > 0);
}
