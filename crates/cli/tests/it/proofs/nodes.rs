//! Two nodes on one database. While both live, no delivery is under way at both, also during retries, and each is
//! accepted exactly once. If one is killed, its leased deliveries arrive after their leases, and no other delivery
//! waits for them.

use std::sync::Arc;
use std::time::Duration;

use server::workers::deliver::LEASE;

use super::auditor::{Arrival, Manner};
use super::client::Client;
use super::judge::Report;
use super::load::{Worker, Workload};
use super::node::Node;
use super::{GENERATIONS, Scene};
use crate::support::TestApp;

/// Time in which the survivor works alone.
const ALONE: Duration = Duration::from_secs(4);
/// Slow answers, so that two requests for the same webhook would overlap. A refused one is due again for both nodes,
/// which lease it from the same lanes.
const SLOW: Manner = Manner { fails_one_in: 3, slowest_ms: 150 };
/// Answers that last longer than a node needs to die, so that it dies with leased deliveries under way. All are
/// accepted, so that each of these shows its second arrival.
const SLOWEST: Manner = Manner { fails_one_in: 0, slowest_ms: 3_000 };
/// Time that a busy machine may add to a bound.
const SLACK: Duration = Duration::from_secs(30);
/// Shortest time before a webhook of the dead node is sent again: the lease minus the time between lease and request.
const SOONEST: Duration = Duration::from_secs(20);
/// Longest time from the end of an attempt to its record, and from sending a request to its receipt.
const NEAR: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn two_nodes_share_deliveries_and_one_takes_over_from_the_other() {
    let Some(database) = TestApp::postgres_database().await else { return };
    let mut scene = Scene::set(Some(database), 0).await;
    scene.auditor.behave(SLOW).await;
    let mut doomed = Node::start(&scene.site);
    let other = Arc::new(scene.client.at(&doomed).await);
    let work = scene.work(2, 3);
    let mut cut_off = Workload::default();
    for number in 0..3 {
        cut_off.add_registrar(&other, &scene.auditor, 200 + number);
    }
    // Both work together until enough has arrived, and enough of what was refused has arrived again.
    scene.work_until(|books| books.come().0 > 150 && books.come().1 > 40).await;
    for client in [&*scene.client, &*other] {
        let sent = client.counter("dinie_webhook_attempts_total{outcome=\"delivered\"} ").await;
        assert!(sent > 0, "both nodes have sent");
    }
    scene.auditor.behave(SLOWEST).await;
    die_with_requests_under_way(&mut doomed, &other, &scene).await;
    // The dead node's clients continue at the other node. An unanswered change is repeated there under its key.
    scene.note("killed").await;
    scene.auditor.behave(SLOW).await;
    let survivors = scene.node.address.read().unwrap().clone();
    *doomed.address.write().unwrap() = survivors;
    let (client, auditor) = (Arc::clone(&scene.client), Arc::clone(&scene.auditor));
    let late = Worker { client, auditor }.register("/v3", 900_000_000, "manual").await;
    tokio::time::sleep(ALONE).await;
    cut_off.end().await;
    work.end().await;
    scene.recover_all().await;
    assert!(scene.node.is_alive());
    let report = scene.judge().await;
    println!("one of two nodes killed: {report}");
    judge(&report, &late);
}

/// Makes many changes at once until their node waits for answers to several webhooks, and kills it then.
async fn die_with_requests_under_way(doomed: &mut Node, client: &Arc<Client>, scene: &Scene) {
    let worker = Worker { client: Arc::clone(client), auditor: Arc::clone(&scene.auditor) };
    for burst in 0.. {
        let numbers = (0..16).map(|number| 910_000_000 + 16 * burst + number);
        futures::future::join_all(numbers.map(|number| worker.register("/v3", number, "manual"))).await;
        if client.counter("dinie_webhook_requests_under_way ").await >= 4 {
            break;
        }
    }
    tokio::task::block_in_place(|| doomed.kill());
}

fn judge(report: &Report, late: &str) {
    let micros = |span: Duration| u64::try_from(span.as_micros()).unwrap();
    let killed = report.books.noted("killed");
    let last = killed + micros(LEASE) + micros(SLACK);
    let (mut before, mut again, mut twice, mut taken_over) = (0, 0, 0, 0);
    for ((endpoint, webhook), arrivals) in &report.books.arrived {
        let first = &arrivals[0];
        before += usize::from(first.ended < killed);
        taken_over += usize::from(first.began > killed + micros(LEASE / 2));
        assert!(first.began < last, "{webhook} reached {endpoint} later than any lease lasts");
        for (one, next) in arrivals.iter().zip(&arrivals[1..]) {
            assert!(
                one.ended <= next.began,
                "{webhook} was under way to {endpoint} twice at once: {one:?} {next:?}"
            );
            if one.answered >= 300 {
                again += usize::from(next.ended < killed);
                continue;
            }
            twice += 1;
            assert!(
                was_in_flight(one, killed),
                "{webhook} was accepted by {endpoint} twice: {one:?} {next:?}"
            );
            let apart = next.began - one.began;
            assert!(
                apart > micros(SOONEST),
                "{webhook} was sent during another node's lease: {one:?} {next:?}"
            );
        }
    }
    assert!(before > 100 && again > 20, "the nodes had work together: {before}, {again}");
    println!(
        "{before} arrived while both nodes lived, {again} after a refusal; of the dead node, {twice} again, {taken_over} late"
    );
    assert!(twice + taken_over > 0, "the dead node had leased deliveries");
    let event = report.events.iter().find(|(_, (name, of))| name == "customer.created" && of == late);
    let (event, _) = event.unwrap();
    for (endpoint, _) in GENERATIONS {
        let arrivals = &report.books.arrived[&(endpoint.to_owned(), event.clone())];
        let waited = Duration::from_micros(arrivals[0].began.saturating_sub(killed));
        assert!(waited < SOONEST, "the survivor's deliveries wait for no lease of the dead node: {waited:?}");
    }
}

/// Whether a node that died at `killed` may have sent this attempt without recording it.
fn was_in_flight(arrival: &Arrival, killed: u64) -> bool {
    let near = u64::try_from(NEAR.as_micros()).unwrap();
    arrival.began <= killed + near && arrival.ended + near >= killed
}
