//! Logs and metrics.
//!
//! Logs are text on a terminal and JSON elsewhere. They never contain tokens, tax ids, names or bodies. The libraries
//! would write exactly these at `debug` and `trace`: the PostgreSQL client writes every parameter of every statement.
//! So `RUST_LOG` cannot lower the libraries' level below `info`.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, reload};

use crate::logs::layer::ToCollector;
use crate::measures;

/// The program's own crates, which follow that rule at every level.
const OWN: [&str; 7] = ["dinie", "tools", "server", "app", "store", "domain", "wire"];

/// Whether a line may be written at any level of `RUST_LOG`.
fn is_harmless(line: &Metadata<'_>) -> bool {
    let source = line.target().split("::").next();
    *line.level() <= Level::INFO || source.is_some_and(|source| OWN.contains(&source))
}

/// The change of the level while the program runs. It is missing if `RUST_LOG` has set the level.
static LEVEL: OnceLock<Box<dyn Fn(EnvFilter) -> bool + Send + Sync>> = OnceLock::new();

/// Starts logging to the standard error stream. `RUST_LOG` sets the level; without it the level is `info` until
/// [`set_level`].
pub fn start_logging() {
    let from_variable = EnvFilter::try_from_default_env();
    let is_free = from_variable.is_err();
    let (filter, handle) = reload::Layer::new(from_variable.unwrap_or_else(|_| EnvFilter::new("info")));
    if is_free {
        // A second server of a test process has the level of the first.
        let _first = LEVEL.set(Box::new(move |filter| handle.reload(filter).is_ok()));
    }
    let logs = tracing_subscriber::registry().with(filter_fn(is_harmless)).with(filter).with(ToCollector);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    // If several servers in one test process start logging, the first logger remains.
    let _kept = if std::io::stderr().is_terminal() {
        logs.with(lines.compact().with_target(false)).try_init()
    } else {
        logs.with(lines.json().flatten_event(true)).try_init()
    };
}

/// What is wrong with a level; `Ok` if it can be logged at.
pub fn check_level(text: &str) -> Result<(), String> {
    EnvFilter::try_new(text).map(drop).map_err(|error| error.to_string())
}

/// Logs at another level from now on. Returns whether it does: `RUST_LOG` wins.
pub fn set_level(text: &str) -> bool {
    let Ok(filter) = EnvFilter::try_new(text) else { return false };
    LEVEL.get().is_some_and(|set| set(filter))
}

/// The limits of the histograms. A script or a request takes milliseconds, a webhook may wait for hours.
fn with_buckets(builder: PrometheusBuilder) -> Result<PrometheusBuilder, BuildError> {
    let times = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    let lags = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0];
    let scripts = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
    builder
        .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &times)?
        .set_buckets_for_metric(Matcher::Full("dinie_webhook_first_attempt_lag_seconds".into()), &lags)?
        .set_buckets_for_metric(Matcher::Full("dinie_commit_scripts".into()), &scripts)
}

/// The process's metrics.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl Metrics {
    /// Installs the recorder, once per process.
    pub fn install() -> Self {
        static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
        let handle = HANDLE.get_or_init(|| {
            let handle = with_buckets(PrometheusBuilder::new()).and_then(PrometheusBuilder::install_recorder);
            let handle = handle.unwrap_or_else(|_| PrometheusBuilder::new().build_recorder().handle());
            measures::describe();
            let version = env!("CARGO_PKG_VERSION");
            let schema = app::database::TREE.range().to.to_string();
            metrics::gauge!("dinie_build_info", "version" => version, "schema" => schema).set(1.0);
            handle
        });
        Self(handle.clone())
    }

    /// Every metric in Prometheus' text form.
    pub fn render(&self) -> String {
        self.0.render()
    }

    /// Merges the recorded histogram values. Called every few seconds.
    pub fn upkeep(&self) {
        self.0.run_upkeep();
    }
}
