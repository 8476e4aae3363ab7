//! Lines of the log for a collector, beside the standard error stream, which has them too.
//!
//! The same level and the same filter decide about both. Without `[logs]` the layer looks at one flag for each line.
//!
//! Reasons: docs/decisions/0044.

pub(crate) mod layer;
mod message;

use std::sync::Arc;

use prost::Message as _;

use self::layer::Line;
use crate::collector::{Names, Outbox};
use crate::config::CollectorSettings;

const NAMES: Names = Names {
    items: "log lines",
    sent: || metrics::counter!("dinie_log_lines_sent_total"),
    dropped: || metrics::counter!("dinie_log_lines_dropped_total"),
};

/// The lines of this process on their way to the collector; cheap to clone.
#[derive(Clone)]
pub struct Logs(Arc<Outbox<Line>>);

impl Logs {
    /// Takes the lines from now on.
    pub fn start(settings: CollectorSettings) -> anyhow::Result<Self> {
        let outbox = Arc::new(Outbox::new(settings, NAMES)?);
        let taking = Arc::downgrade(&outbox);
        layer::take_by(move |line| {
            if let Some(outbox) = taking.upgrade() {
                outbox.take(line);
            }
        });
        Ok(Self(outbox))
    }

    /// Sends the lines, some at a time.
    pub async fn run(self) {
        self.0.run(encoded).await;
    }

    /// Sends the last lines of a server that stops.
    pub async fn end(&self) {
        self.0.end(encoded).await;
    }
}

fn encoded(lines: Vec<Line>, service: &str) -> Vec<u8> {
    message::of(lines, service).encode_to_vec()
}
