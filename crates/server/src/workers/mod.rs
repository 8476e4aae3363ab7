//! Background work: each worker is a loop around a tick, woken by a commit's bell or at the next due time.
//!
//! A tick is idempotent and does not retry. Several nodes can safely run the same workers.

pub mod advance;
pub mod audit;
pub mod autopilot;
pub mod contracts;
pub mod deliver;
pub mod expire;
pub mod fan_out;
pub mod files;
pub mod gauges;
pub mod journal;
pub mod lane_changes;
pub mod lender;
pub mod mail;
pub mod purge;
pub mod request_log;
pub mod reset;
mod rest;
pub mod search;

use std::future::poll_fn;

use domain::time::RealTime;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::outbound_mail::Mailer;
use crate::state::AppState;

/// Starts every worker. They end soon after `stop` turns true.
pub fn start(state: &AppState, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    let mut workers = JoinSet::new();
    let watched = Watched { clock: state.clock.clone(), stop: stop.clone() };
    let desk = deliver::Desk::default();
    let sender = deliver::Sender::new(state.clone(), desk.clone())?;
    let fan_out = watched.until("fan_out", fan_out::run(state.clone(), desk));
    let stopped = stop.clone();
    workers.spawn(async move {
        // The old leases end before the workers take new ones.
        sender.free_leases().await;
        tokio::join!(fan_out, sender.run(stopped));
    });
    workers.spawn(watched.until("expire", expire::run(state.clone())));
    workers.spawn(watched.until("purge", purge::run(state.clone())));
    workers.spawn(watched.until("files", files::run(state.clone(), state.clock.now())));
    workers.spawn(watched.until("lane_changes", lane_changes::run(state.clone())));
    workers.spawn(watched.until("gauges", gauges::run(state.clone())));
    workers.spawn(watched.until("audit", audit::run(state.clone())));
    workers.spawn(watched.until("audit_chain", audit::chain(state.clone())));
    workers.spawn(watched.until("contracts", contracts::run(state.clone())));
    workers.spawn(watched.until("search", search::run(state.clone())));
    workers.spawn(watched.until("journal", journal::run(state.clone())));
    workers.spawn(watched.until("request_log", request_log::run(state.clone())));
    if let Some(server) = &state.config.mail {
        workers.spawn(watched.until("mail", mail::run(state.clone(), Mailer::new(server)?)));
    }
    if let Some(traces) = &state.traces {
        workers.spawn(watched.until("traces", traces.clone().run()));
    }
    // Without a policy it has no jobs. A policy may come into force while the server runs.
    workers.spawn(watched.until("autopilot", autopilot::run(state.clone())));
    Ok(workers)
}

/// The clock and the end of every worker's loop.
struct Watched {
    clock: Clock,
    stop: watch::Receiver<bool>,
}

impl Watched {
    /// Works until the server stops. Each time the work goes on, the worker's metric gets the present time.
    fn until<W: Future<Output = ()>>(
        &self, worker: &'static str, work: W,
    ) -> impl Future<Output = ()> + use<W> {
        let (mut stop, clock) = (self.stop.clone(), self.clock.clone());
        async move {
            let mut work = std::pin::pin!(work);
            let moment = metrics::gauge!("dinie_worker_resumed_timestamp_seconds", "worker" => worker);
            let noted = poll_fn(|context| {
                moment.set(seconds(clock.now()));
                work.as_mut().poll(context)
            });
            tokio::select! {
                _stopped = stop.wait_for(|stop| *stop) => {}
                () = noted => {}
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge of seconds needs no more than 52 bits")]
fn seconds(now: RealTime) -> f64 {
    now.seconds() as f64
}

/// Runs every worker's tick until none has work at the present moment. For tests, and after a clock was moved.
pub async fn run_until_idle(state: &AppState) -> anyhow::Result<()> {
    let sender = deliver::Sender::new(state.clone(), deliver::Desk::default())?;
    let mut setter = contracts::Setter::default();
    loop {
        let mut done = fan_out::tick(state).await?;
        done += expire::tick(state).await?;
        done += setter.tick(state).await?;
        done += autopilot::tick(state).await?;
        done += lane_changes::tick(state).await?;
        done += usize::from(journal::tick(state).await? > 0);
        done += sender.tick().await?;
        if done == 0 {
            return Ok(());
        }
    }
}
