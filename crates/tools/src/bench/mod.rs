//! `dinie bench`: the speed of this machine, with server and load on it together.

mod api;
mod asks;
mod caller;
mod clock;
mod compare;
mod console;
mod database;
mod growth;
mod load;
mod loans;
mod operator;
mod purge;
mod request_log;
mod samples;
mod side;
mod sink;
mod target;
mod traces;
mod webhooks;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;

pub use self::database::{Database, DatabaseAccess, Filled, Filling, Looks, Mix, Place};
pub use self::target::MASTER_KEY;
use crate::say;

/// The benches.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// The API: reads, durable writes, simulations, memory and start. --database names another server's database.
    Api {
        /// Seconds of each load.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The request that makes a loan with its contract. --database names another server's database.
    Loans {
        /// Number of loans.
        #[arg(long, default_value_t = 1_000)]
        loans: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Calls of operators, which the audit trail records. --database names another server's database.
    Operator {
        /// Seconds of each load.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Another build of the program to measure, for comparison.
        #[arg(long)]
        program: Option<std::path::PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Writes beside the purge of many old answers. --database names another server's database.
    Purge {
        /// Old answers that are purged.
        #[arg(long, default_value_t = 338_000)]
        keys: u64,
        /// Seconds of the same writes without a purge, for comparison.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// A folder that `bench growth --fill` has filled, instead of a new database.
        #[arg(long, value_name = "FOLDER")]
        filled: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Webhooks, from the committed change to the recorded answer. --database names another server's database.
    Webhooks {
        /// Changes of each run.
        #[arg(long, default_value_t = 10_000)]
        events: u64,
        /// Deliveries that are stored before two additional runs.
        #[arg(long, default_value_t = 0)]
        stored: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// An older program and this one in one run, in turns, against the bars. --database names a database beside which
    /// empty ones are made.
    Compare {
        /// The older program.
        #[arg(long)]
        old: PathBuf,
        /// The newer program, if it is not this one.
        #[arg(long)]
        new: Option<PathBuf>,
        /// Seconds of each load against each program.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Changes of each run of webhooks.
        #[arg(long, default_value_t = 10_000)]
        events: u64,
        /// Loans that each program makes.
        #[arg(long, default_value_t = 2_000)]
        loans: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// A growing database: every query, queue and look-up with 10,000 customers and with more. --database names
    /// another server's database.
    Growth {
        /// Complete customers at the larger size.
        #[arg(long, default_value_t = 100_000)]
        customers: u32,
        /// Short form: a few hundred customers, each query once, and a check of the whole database.
        #[arg(long)]
        short: bool,
        /// Only fill a database in this new folder and keep it. With --database, that database is filled.
        #[arg(long, value_name = "FOLDER", conflicts_with = "short")]
        fill: Option<PathBuf>,
        /// Only measure two databases that were filled before, the smaller one first.
        #[arg(long, value_name = "FOLDER", num_args = 2, conflicts_with_all = ["short", "fill", "customers"])]
        measure: Vec<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Every page of the console on a large portfolio. --database names another server's database.
    Console {
        /// Complete customers, of whom three of ten have a loan.
        #[arg(long, default_value_t = 1_000_000)]
        customers: u32,
        /// Only fill a database in this new folder and keep it. With --database, that database is filled.
        #[arg(long, value_name = "FOLDER")]
        fill: Option<PathBuf>,
        /// Only measure a database that was filled before.
        #[arg(long, value_name = "FOLDER", conflicts_with_all = ["fill", "customers"])]
        filled: Option<PathBuf>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Traces: reads and writes without them, with one of ten, and with all. With SQLite.
    Traces {
        /// Seconds of each load.
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// The sandbox's clock: two years of many loans. --database names another server's database.
    Clock {
        /// Number of loans.
        #[arg(long, default_value_t = 1_000)]
        loans: u32,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

/// Measures and prints the figures. `database` names a PostgreSQL database; `access` does the work that no client
/// can.
pub async fn run(
    database: Option<&str>, access: Arc<dyn DatabaseAccess>, command: BenchCommand,
) -> anyhow::Result<()> {
    let access = &access;
    match command {
        BenchCommand::Api { seconds, json } => {
            let span = Duration::from_secs(seconds.max(1));
            let report = api::measure(database, access, span).await?;
            show(&report, json, api::Report::print)
        }
        BenchCommand::Loans { loans, json } => {
            let report = loans::measure(database, access, loans).await?;
            show(&report, json, loans::Report::print)
        }
        BenchCommand::Operator { seconds, program, json } => {
            let plan = operator::Plan { database, program, span: Duration::from_secs(seconds.max(1)) };
            let report = operator::measure(&plan).await?;
            show(&report, json, operator::Report::print)
        }
        BenchCommand::Purge { keys, seconds, filled, json } => {
            let (keys, span) = (keys.max(1), Duration::from_secs(seconds.max(1)));
            let report = match filled {
                Some(folder) => purge::measure_filled(&folder, access, keys, span).await?,
                None => purge::measure(database, access, keys, span).await?,
            };
            show(&report, json, purge::Report::print)
        }
        BenchCommand::Webhooks { events, stored, json } => {
            let plan = webhooks::Plan { database, access, events, stored };
            let report = webhooks::measure(&plan).await?;
            show(&report, json, webhooks::Report::print)?;
            report.check()
        }
        BenchCommand::Compare { old, new, seconds, events, loans, json } => {
            let new = new.map_or_else(compare::this_program, Ok)?;
            let plan = compare::Plan {
                old: &old,
                new: &new,
                database,
                access,
                span: Duration::from_secs(seconds.max(1)),
                events,
                loans: loans.max(8),
            };
            let report = compare::measure(&plan).await?;
            show(&report, json, compare::Report::print)
        }
        growth @ BenchCommand::Growth { .. } => run_growth(database, access, growth).await,
        BenchCommand::Console { customers, fill, filled, json } => {
            let plan = console::Plan { database, access, customers, filled };
            match fill {
                Some(folder) => show(&console::fill(&folder, &plan).await?, json, Filled::print),
                None => show(&console::measure(&plan).await?, json, console::Report::print),
            }
        }
        BenchCommand::Traces { seconds, json } => {
            let report = traces::measure(Duration::from_secs(seconds.max(1))).await?;
            show(&report, json, traces::Report::print)
        }
        BenchCommand::Clock { loans, json } => {
            let report = clock::measure(database, loans).await?;
            show(&report, json, clock::Report::print)
        }
    }
}

/// Fills a growing database, measures two that were filled, or does both.
async fn run_growth(
    database: Option<&str>, access: &Arc<dyn DatabaseAccess>, growth: BenchCommand,
) -> anyhow::Result<()> {
    let BenchCommand::Growth { customers, short, fill, measure, json } = growth else { return Ok(()) };
    if let Some(folder) = fill {
        let filled = growth::fill(&folder, access, (customers, Mix::Borrowers), database).await?;
        return show(&filled, json, Filled::print);
    }
    let report = match (&*measure, short) {
        ([small, large], _) => growth::measure_saved(small, large, access).await?,
        (_none, short) => {
            let (form, sizes) = if short {
                (growth::Form::Short, [360, 720])
            } else {
                (growth::Form::Long, [10_000, customers.max(20_000)])
            };
            growth::measure(growth::Plan { database, access, sizes, form }).await?
        }
    };
    show(&report, json, growth::Report::print)
}

/// Prints a report, as JSON or as text.
fn show<R: serde::Serialize>(report: &R, json: bool, print: impl FnOnce(&R)) -> anyhow::Result<()> {
    if json {
        say(&serde_json::to_string(report)?);
    } else {
        print(report);
    }
    Ok(())
}
