//! The catalogue of the metrics: the name, kind and meaning of each.
//!
//! The names end in their unit. A test compares the catalogue with the code and with `docs/operations/metrics.md`.

use metrics::{describe_counter, describe_gauge, describe_histogram};

/// The kind of a metric, as Prometheus knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows, from 0 at the start of the process.
    Counter,
    /// A present value.
    Gauge,
    /// Counts of values by size.
    Histogram,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Measure {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
    /// Its labels, in Markdown; empty without labels.
    pub labels: &'static str,
    /// What it measures.
    pub help: &'static str,
}

const fn measure(name: &'static str, kind: Kind, labels: &'static str, help: &'static str) -> Measure {
    Measure { name, kind, labels, help }
}

/// Every metric of the server's own code. `metrics-process` adds those of the process.
pub const MEASURES: &[Measure] = &[
    measure(
        "dinie_build_info",
        Kind::Gauge,
        "`version`, `schema`",
        "1. The labels tell the program's version and the newest schema that it makes.",
    ),
    measure(
        "dinie_http_requests_total",
        Kind::Counter,
        "`method` (`other` for unusual ones), `route`, `status`",
        "Answered requests.",
    ),
    measure(
        "dinie_http_request_seconds",
        Kind::Histogram,
        "`method`, `route`",
        "Time from a request's headers to its answer.",
    ),
    measure("dinie_http_connections", Kind::Gauge, "", "Open connections."),
    measure(
        "dinie_request_log_dropped_total",
        Kind::Counter,
        "",
        "Requests of partners that are not in the request log: too many waited, or its store failed.",
    ),
    measure(
        "dinie_access_log_dropped_total",
        Kind::Counter,
        "",
        "Requests that are not in the access log: too many lines waited, or its file could not be written.",
    ),
    measure(
        "dinie_trace_spans_sent_total",
        Kind::Counter,
        "",
        "Spans of traces that the collector has taken.",
    ),
    measure(
        "dinie_trace_spans_dropped_total",
        Kind::Counter,
        "",
        "Spans of traces that were lost: too many waited, or the collector did not take them.",
    ),
    measure(
        "dinie_log_lines_sent_total",
        Kind::Counter,
        "",
        "Lines of the log that the collector has taken.",
    ),
    measure(
        "dinie_log_lines_dropped_total",
        Kind::Counter,
        "",
        "Lines of the log that the collector lacks: too many waited, or it did not take them.",
    ),
    measure(
        "dinie_scripts_waiting",
        Kind::Gauge,
        "`kind`: `write`, `read`, and `look-up` with PostgreSQL",
        "Scripts in the database's queues that have not begun.",
    ),
    measure(
        "dinie_script_wait_seconds",
        Kind::Histogram,
        "`kind`",
        "Time that scripts waited in a queue before they began. Short reads on SQLite run without a queue.",
    ),
    measure(
        "dinie_commit_seconds",
        Kind::Histogram,
        "",
        "Time of the commits alone: on SQLite until the disk has confirmed them.",
    ),
    measure("dinie_commit_scripts", Kind::Histogram, "", "Scripts in one commit."),
    measure("dinie_database_threads", Kind::Gauge, "`kind`", "Threads of the database's pools."),
    measure(
        "dinie_database_threads_busy",
        Kind::Gauge,
        "`kind`",
        "Threads of the database's pools that are at work.",
    ),
    measure(
        "dinie_sqlite_log_used_bytes",
        Kind::Gauge,
        "",
        "The part of SQLite's write-ahead log that readers may need.",
    ),
    measure(
        "dinie_sqlite_log_file_bytes",
        Kind::Gauge,
        "",
        "Length of the file of SQLite's write-ahead log.",
    ),
    measure(
        "dinie_sqlite_log_copied_age_seconds",
        Kind::Gauge,
        "",
        "Time since the whole log was last in the database file.",
    ),
    measure(
        "dinie_worker_resumed_timestamp_seconds",
        Kind::Gauge,
        "`worker`",
        "Unix time at which a worker last went on. Workers sleep at most 30 s, but for `purge`, `files` and `audit`.",
    ),
    measure(
        "dinie_worker_failures_total",
        Kind::Counter,
        "`worker`",
        "Failed rounds of workers. They are tried again.",
    ),
    measure("dinie_events_waiting", Kind::Gauge, "", "Events that have no deliveries yet."),
    measure(
        "dinie_webhook_pending",
        Kind::Gauge,
        "",
        "Deliveries that are not done, with those of disabled endpoints.",
    ),
    measure(
        "dinie_webhook_oldest_pending_age_seconds",
        Kind::Gauge,
        "",
        "Age of the oldest of them; 0 if nothing is pending.",
    ),
    measure(
        "dinie_webhook_requests_under_way",
        Kind::Gauge,
        "",
        "Webhooks that this node has sent and whose answer it awaits.",
    ),
    measure(
        "dinie_webhook_attempts_total",
        Kind::Counter,
        "`outcome`: `delivered`, `refused`, `timeout`, `unreachable`, `forbidden`",
        "Attempts to deliver a webhook.",
    ),
    measure("dinie_webhook_attempt_seconds", Kind::Histogram, "", "Time of an attempt."),
    measure(
        "dinie_webhook_first_attempt_lag_seconds",
        Kind::Histogram,
        "",
        "Time from a change to the beginning of the first attempt. Events of a sandbox whose clock is ahead do not count.",
    ),
    measure(
        "dinie_webhook_own_shortages_total",
        Kind::Counter,
        "",
        "Attempts that this machine could not make: no descriptor, port or memory.",
    ),
    measure("dinie_webhook_unreadable_events_total", Kind::Counter, "", "Events whose rows are damaged."),
    measure(
        "dinie_webhook_endpoints_failing",
        Kind::Gauge,
        "",
        "Webhook endpoints that fail, of at most 20 partners.",
    ),
    measure(
        "dinie_webhook_pending_of_endpoints",
        Kind::Gauge,
        "`health`: `working`, `failing`, `disabled`",
        "Pending deliveries by the health of their endpoints.",
    ),
    measure(
        "dinie_mails_total",
        Kind::Counter,
        "`outcome`: `sent`, `failed` (tried again), `refused` (for good)",
        "Attempts to send an e-mail.",
    ),
    measure(
        "dinie_mail_late_seconds",
        Kind::Gauge,
        "",
        "Time by which the next e-mail is late; 0 if none is due.",
    ),
    measure(
        "dinie_job_late_seconds",
        Kind::Gauge,
        "",
        "Time by which the next job of the autopilot is late; 0 if none is due.",
    ),
    measure(
        "dinie_sign_ins_total",
        Kind::Counter,
        "`way`: `password` (the second factor follows), `link`, `provider`",
        "Sessions that people have opened, by the first step of the sign-in.",
    ),
    measure("dinie_sign_ins_failed_total", Kind::Counter, "", "Failed sign-ins of people, by any way."),
    measure(
        "dinie_operator_tokens_refused_total",
        Kind::Counter,
        "",
        "Calls of the operator API with a wrong token.",
    ),
    measure(
        "dinie_audit_head_number",
        Kind::Gauge,
        "`hash`: its code",
        "Number of the audit trail's last entry.",
    ),
    measure(
        "dinie_audit_head_lost_total",
        Kind::Counter,
        "",
        "Published heads that the audit trail no longer holds.",
    ),
    measure(
        "dinie_journal_unreadable_entries",
        Kind::Gauge,
        "",
        "Journal entries whose rows are damaged, so that the sums of the trial balance lack them.",
    ),
    measure("dinie_queue_cases", Kind::Gauge, "`queue`", "Cases that wait for operators."),
    measure(
        "dinie_loans",
        Kind::Gauge,
        "`state`",
        "Loans of all partners in each state. Databases with millions of loans are counted less often than every minute.",
    ),
    measure(
        "dinie_overdue_loans",
        Kind::Gauge,
        "`bucket`: days, such as `1-15`",
        "Overdue loans of all partners.",
    ),
    measure(
        "dinie_overdue_unpaid_cents",
        Kind::Gauge,
        "`bucket`",
        "Unpaid principal and interest of the overdue installments, in cents.",
    ),
    measure(
        "dinie_money_today_cents",
        Kind::Gauge,
        "`flow`: `received`, `out`, `to_order`, `at_bank`, `due`",
        "Money of the lender's present day, in cents: payments received, disbursements confirmed, signed loans without an order, orders without an answer, and what is due.",
    ),
];

/// The meaning of a metric of the catalogue.
pub(crate) fn about(name: &str) -> &'static str {
    MEASURES.iter().find(|measure| measure.name == name).map_or("", |measure| measure.help)
}

/// Gives the recorder the kinds and meanings, which `/metrics` shows.
pub(crate) fn describe() {
    for Measure { name, kind, help, .. } in MEASURES {
        match kind {
            Kind::Counter => describe_counter!(*name, *help),
            Kind::Gauge => describe_gauge!(*name, *help),
            Kind::Histogram => describe_histogram!(*name, *help),
        }
    }
    metrics_process::Collector::default().describe();
}
