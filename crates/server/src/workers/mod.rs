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
pub mod mail;
pub mod purge;
pub mod request_log;
pub mod reset;
mod rest;
pub mod search;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::outbound_mail::Mailer;
use crate::state::AppState;

/// Starts every worker. They end soon after `stop` turns true.
pub fn start(state: &AppState, stop: &watch::Receiver<bool>) -> anyhow::Result<JoinSet<()>> {
    let mut workers = JoinSet::new();
    let desk = deliver::Desk::default();
    let sender = deliver::Sender::new(state.clone(), desk.clone())?;
    let fan_out = until(stop.clone(), fan_out::run(state.clone(), desk));
    let stopped = stop.clone();
    workers.spawn(async move {
        // The old leases end before the workers take new ones.
        sender.free_leases().await;
        tokio::join!(fan_out, sender.run(stopped));
    });
    workers.spawn(until(stop.clone(), expire::run(state.clone())));
    workers.spawn(until(stop.clone(), purge::run(state.clone())));
    workers.spawn(until(stop.clone(), files::run(state.clone(), state.clock.now())));
    workers.spawn(until(stop.clone(), lane_changes::run(state.clone())));
    workers.spawn(until(stop.clone(), gauges::run(state.clone())));
    workers.spawn(until(stop.clone(), audit::run(state.clone())));
    workers.spawn(until(stop.clone(), audit::chain(state.clone())));
    workers.spawn(until(stop.clone(), contracts::run(state.clone())));
    workers.spawn(until(stop.clone(), search::run(state.clone())));
    workers.spawn(until(stop.clone(), journal::run(state.clone())));
    workers.spawn(until(stop.clone(), request_log::run(state.clone())));
    if let Some(server) = &state.config.mail {
        workers.spawn(until(stop.clone(), mail::run(state.clone(), Mailer::new(server)?)));
    }
    // Without a policy it has no jobs. A policy may come into force while the server runs.
    workers.spawn(until(stop.clone(), autopilot::run(state.clone())));
    Ok(workers)
}

async fn until(mut stop: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        _stopped = stop.wait_for(|stop| *stop) => {}
        () = work => {}
    }
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
