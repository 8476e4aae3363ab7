//! The end of the audit trail, for the metrics.

use std::sync::{Mutex, PoisonError};

use app::people::trail::Head;

use crate::measures::about;

/// The end of the audit trail as it was last read. It is kept outside the metrics recorder: its hash is a label, and
/// the recorder would keep a series for every past hash.
#[derive(Debug, Default)]
pub struct TrailHead(Mutex<Option<Head>>);

impl TrailHead {
    /// Stores the head that was read.
    pub fn keep(&self, head: Head) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(head);
    }

    /// In Prometheus' text form; empty before the first reading.
    pub fn render(&self) -> String {
        let (name, head) = ("dinie_audit_head_number", self.0.lock().unwrap_or_else(PoisonError::into_inner));
        head.as_ref().map_or_else(String::new, |head| {
            let Head { hash, number, .. } = head;
            format!(
                "# HELP {name} {}\n# TYPE {name} gauge\n{name}{{hash=\"{hash}\"}} {number}\n",
                about(name)
            )
        })
    }
}
