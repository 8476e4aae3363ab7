//! The gauges of the database in `/metrics`. They are read every few seconds, so a scrape does not query the
//! database.

use std::time::{Duration, Instant};

use app::StoreError;
use domain::time::RealTime;

use super::lender;
use crate::components::Component;
use crate::state::AppState;

/// Interval of reading the gauges.
const EVERY: Duration = Duration::from_secs(5);
/// Rounds between two readings of the lender's figures, which read more rows.
const LENDER_EVERY: u32 = 12;

/// Counting the loans takes at most one hundredth of the time. The count reads an index entry for each loan, so a database of
/// many millions is counted less often than every minute.
const LOANS_REST: u32 = 100;

/// Reads the gauges every few seconds, and the lender's figures every minute. It also merges the histograms, which keep
/// each value until then.
pub(super) async fn run(state: AppState) {
    let mut loans_due = Instant::now();
    for round in (0..LENDER_EVERY).cycle() {
        if round == 0
            && let Err(error) = lender::tick(&state).await
        {
            tracing::warn!(%error, "the lender's figures could not be read; their metrics keep their last values");
        }
        if round == 0 && Instant::now() >= loans_due {
            let began = Instant::now();
            if let Err(error) = lender::count_loans(&state).await {
                tracing::warn!(%error, "the loans could not be counted; their metric keeps its last values");
            }
            loans_due = Instant::now() + began.elapsed() * LOANS_REST;
        }
        if let Err(error) = tick(&state).await {
            tracing::warn!(%error, "the backlog could not be read; its metrics keep their last values");
        }
        state.metrics.upkeep();
        tokio::time::sleep(EVERY).await;
    }
}

/// Reads the gauges.
#[expect(clippy::cast_precision_loss, reason = "a gauge needs no more than 52 bits")]
pub async fn tick(state: &AppState) -> Result<(), StoreError> {
    if let Some(log) = state.store.log_size() {
        metrics::gauge!("dinie_sqlite_log_used_bytes").set(log.used_bytes as f64);
        metrics::gauge!("dinie_sqlite_log_file_bytes").set(log.file_bytes as f64);
        metrics::gauge!("dinie_sqlite_log_copied_age_seconds").set(log.copied_ago.as_secs_f64());
    }
    for (kind, scripts) in state.store.waiting_scripts() {
        metrics::gauge!("dinie_scripts_waiting", "kind" => kind).set(scripts as f64);
    }
    metrics_process::Collector::default().collect();
    let backlog = state.store.read(app::webhooks::deliveries::backlog).await;
    let works = |component| state.components.works(component);
    // The look writes, so it is taken only where something is wrong, or was at the last look.
    if backlog.is_err() || state.store.damage().is_some() || !works(Component::Database) {
        let _ready_or_not = state.components.look(&state.store, &state.clock).await;
    }
    let backlog = backlog?;
    state.components.note_waiting(state.clock.now(), backlog.events);
    let age = backlog.oldest.map_or(0.0, |oldest| state.clock.now().since(oldest).as_secs_f64());
    metrics::gauge!("dinie_events_waiting").set(backlog.events as f64);
    metrics::gauge!("dinie_webhook_pending").set(backlog.deliveries as f64);
    metrics::gauge!("dinie_webhook_oldest_pending_age_seconds").set(age);
    state.trail_head.keep(state.store.read(app::people::trail::trail_head).await?);
    let due = state.store.read(app::measures::due).await?;
    let late = |due: Option<RealTime>| due.map_or(0.0, |due| state.clock.now().since(due).as_secs_f64());
    metrics::gauge!("dinie_mail_late_seconds").set(late(due.mail));
    metrics::gauge!("dinie_job_late_seconds").set(late(due.job));
    Ok(())
}
