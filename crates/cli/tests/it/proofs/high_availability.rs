//! Two servers on a PostgreSQL of three nodes under Patroni. Under load, the leader is switched, killed and frozen,
//! and the proxy is killed. No acknowledged write is lost and none is made twice.
//!
//! It needs Debian's patroni, etcd-server, haproxy and postgresql, so only `scripts/prove ha` runs it.

use std::sync::Arc;
use std::time::Duration;

use super::Scene;
use super::auditor::Manner;
use super::load::Workload;
use super::node::Node;
use super::patroni::Patroni;

/// Clients that register customers at each server, and clients that take loans at the first server.
const REGISTRARS: u32 = 12;
const BORROWERS: u32 = 3;
/// Customers that are registered between two faults, so that each fault happens under load.
const BETWEEN_FAULTS: usize = 400;
/// Duration of a fault before the next step.
const WHILE: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_databases_leader_loses_nothing() {
    let mut cluster = Patroni::start().await;
    let mut scene = Scene::set(Some(cluster.database()), 0).await;
    scene.auditor.behave(Manner { fails_one_in: 10, slowest_ms: 10 }).await;
    let mut second = Node::start(&scene.site);
    let other = Arc::new(scene.client.at(&second).await);
    let work = scene.work(BORROWERS, REGISTRARS);
    let mut work_of_other = Workload::default();
    for number in 0..REGISTRARS {
        work_of_other.add_registrar(&other, &scene.auditor, 200 + number);
    }
    let mut registered = registered_after(&scene, 0).await;

    cluster.switch_over().await;
    registered = registered_after(&scene, registered).await;
    println!("the lead was handed over; {registered} customers so far");

    let leader = without_leader(&mut cluster, Patroni::kill).await;
    registered = registered_after(&scene, registered).await;
    println!("the leader was killed; {registered} customers so far");
    cluster.start_again(leader);

    let leader = without_leader(&mut cluster, |cluster, leader| cluster.freeze(leader)).await;
    registered = registered_after(&scene, registered).await;
    println!("the leader was frozen; {registered} customers so far");
    cluster.kill(leader);
    cluster.start_again(leader);

    cluster.wait_until_whole().await;
    cluster.restart_proxy();
    tokio::time::sleep(WHILE).await;
    registered = registered_after(&scene, registered).await;
    println!("the proxy was killed; {registered} customers so far");

    work.end().await;
    work_of_other.end().await;
    assert!(
        scene.node.is_alive() && second.is_alive(),
        "the servers survive the loss of their database's leader"
    );
    let unanswered = scene.client.unanswered() + other.unanswered();
    assert!(unanswered > 0, "a fault without effect on any client proves nothing");
    scene.recover_all().await;
    second.kill();
    let report = scene.judge().await;
    println!("four faults, {unanswered} requests repeated, none lost: {report}");
    assert!(report.acknowledged("loan.active") > 0);
}

/// Takes the leader from a whole cluster by a fault, and waits until another one leads. Returns the former leader.
async fn without_leader(cluster: &mut Patroni, fault: impl FnOnce(&mut Patroni, usize)) -> usize {
    cluster.wait_until_whole().await;
    let leader = cluster.leader().await;
    fault(cluster, leader);
    cluster.leader_other_than(leader).await;
    leader
}

/// Waits until both servers together have registered enough additional customers. Returns the number of customers.
async fn registered_after(scene: &Scene, before: usize) -> usize {
    scene.work_until(|books| books.acknowledged_count("customer.created") > before + BETWEEN_FAULTS).await;
    let now = super::judge::Books::read(&scene.auditor.facts()).acknowledged_count("customer.created");
    assert!(now > before + BETWEEN_FAULTS, "the servers make no progress: {now} customers, {before} before");
    now
}
