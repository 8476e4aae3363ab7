//! The figures that only the program itself can measure. Its `bench` command prints them as JSON, read here by name.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde_json::Value;
use tokio::process::Command;

use super::databases::Databases;
use super::plan::Plan;

/// Runs of each program's own bench.
const ROUNDS: u64 = 2;

/// The figures that a program measured.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Itself {
    /// Bare inserts a second; `None` if the program measures another engine's.
    pub(super) bare: Option<u64>,
    /// Deliveries a second with one endpoint and with ten, of changes that were committed before the server's start.
    pub(super) drained: [u64; 2],
    /// The same while the API makes the changes.
    pub(super) live: [u64; 2],
    pub(super) memory_mb: u64,
}

/// Each program in turn. Rates are means; the memory is the largest.
pub(super) async fn by_turns(
    programs: [&Path; 2], plan: &Plan<'_>, databases: &mut Databases,
) -> anyhow::Result<[Itself; 2]> {
    let mut sums = [Itself::default(); 2];
    for _ in 0..ROUNDS {
        for (program, sum) in programs.into_iter().zip(&mut sums) {
            let seconds = (plan.span.as_secs() / ROUNDS).max(1).to_string();
            let api = bench(program, &["api", "--seconds", &seconds], databases).await?;
            let webhooks =
                bench(program, &["webhooks", "--events", &plan.events.to_string()], databases).await?;
            sum.add(&api, &webhooks)?;
        }
    }
    Ok(sums.map(Itself::mean))
}

impl Itself {
    fn add(&mut self, api: &Value, webhooks: &Value) -> anyhow::Result<()> {
        let rate = |run: &str| number(&webhooks[run], "deliveries_per_second");
        // A program that does not name an engine inserts into SQLite, whatever the database is.
        let same = api["bare_database"] == api["database"] || api["database"] == "sqlite";
        if same {
            let bare = number(&api["bare_inserts"], "rate")?;
            self.bare = Some(self.bare.map_or(bare, |sum| sum + bare));
        }
        for (sum, run) in self.drained.iter_mut().zip(["one", "ten"]) {
            *sum += rate(run)?;
        }
        for (sum, run) in self.live.iter_mut().zip(["one_under_load", "ten_under_load"]) {
            *sum += rate(run)?;
        }
        self.memory_mb = self.memory_mb.max(number(webhooks, "peak_memory_mb")?);
        Ok(())
    }

    fn mean(self) -> Self {
        Self {
            bare: self.bare.map(|sum| sum / ROUNDS),
            drained: self.drained.map(|sum| sum / ROUNDS),
            live: self.live.map(|sum| sum / ROUNDS),
            memory_mb: self.memory_mb,
        }
    }
}

fn number(value: &Value, name: &str) -> anyhow::Result<u64> {
    value[name].as_u64().with_context(|| format!("the program's own bench does not report {name}"))
}

/// The JSON that a program's own bench prints.
async fn bench(program: &Path, what: &[&str], databases: &mut Databases) -> anyhow::Result<Value> {
    let mut command = Command::new(program);
    command.arg("bench").args(what).arg("--json").kill_on_drop(true);
    if let Some(url) = databases.make().await? {
        command.args(["--database", &url]);
    }
    let output = command.stderr(Stdio::piped()).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} bench {} failed: {said}", program.display(), what.join(" "));
    serde_json::from_slice(&output.stdout).context("the program's own bench prints JSON")
}
