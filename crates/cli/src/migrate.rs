//! `dinie migrate`.

use clap::Args;
use server::config::{Config, Flags};
use server::state::{OpenFor, claim_environment, make_private, open_store};
use server::telemetry;
use store::OpenError;
use store::db::Distribution;
use store::migrations::{self, Contracting, Range, Report, Schema, Tree};
use tools::say;

#[derive(Debug, Clone, Copy, Args)]
pub(super) struct MigrateArgs {
    /// Print the schema versions of the database and of this program, and change nothing.
    #[arg(long)]
    status: bool,
    /// Run contractions too. Older programs cannot serve after them, so stop those nodes first.
    #[arg(long, conflicts_with = "status")]
    contract: bool,
    /// Then distribute the tables by partner over the machines of a PostgreSQL with the extension Citus.
    #[arg(long, conflicts_with = "status")]
    distribute: bool,
}

pub(super) async fn run(flags: &Flags, args: MigrateArgs) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    if args.status {
        let schema = status(&config).await?;
        say(&database_line(config.tree, schema));
        say(&program_line(config.tree));
        return Ok(());
    }
    telemetry::start_logging();
    // SQLite is refused there, so no file is made.
    if !args.distribute {
        make_private(&config.database)?;
    }
    let (report, distribution) = migrate(&config, args).await?;
    if let Some((version, needs)) = report.held_back {
        say(&format!(
            "migration {version} waits, because programs that do not know version {needs} could not serve after it; \
             run `dinie migrate --contract` when all nodes know that version"
        ));
    }
    let store = open_store(&config, OpenFor::Command).await?;
    claim_environment(&store, config.environment).await?;
    let (before, after) = (report.before.version, report.after.version);
    let done =
        if before == after { "up to date".to_owned() } else { format!("migrated from version {before}") };
    say(&format!("the database is {done}: schema version {after}"));
    if let Some(distribution) = distribution {
        say(&distribution_line(distribution));
    }
    Ok(())
}

async fn status(config: &Config) -> anyhow::Result<Schema> {
    if let store::db::DatabaseUrl::Sqlite(path) = &config.database {
        anyhow::ensure!(path.exists(), "there is no file {}", path.display());
    }
    let (url, key, tree) = (config.database.clone(), config.master_keys.clone(), config.tree);
    Ok(tokio::task::spawn_blocking(move || migrations::status(&url, key, tree)).await??)
}

async fn migrate(config: &Config, args: MigrateArgs) -> anyhow::Result<(Report, Option<Distribution>)> {
    let contracting = if args.contract { Contracting::Runs } else { Contracting::Waits };
    let (url, key, tree) = (config.database.clone(), config.master_keys.clone(), config.tree);
    let run = move || {
        if args.distribute {
            let (report, distribution) = migrations::distribute(&url, key, tree, contracting)?;
            Ok::<_, OpenError>((report, Some(distribution)))
        } else {
            Ok((migrations::migrate(&url, key, tree, contracting)?, None))
        }
    };
    Ok(tokio::task::spawn_blocking(run).await??)
}

fn distribution_line(Distribution { distributed, reference, made }: Distribution) -> String {
    let done = match made {
        0 => "all were distributed before".to_owned(),
        made => format!("{made} of them newly distributed"),
    };
    format!(
        "{distributed} tables are distributed by partner, and every machine has a copy of {reference}; {done}"
    )
}

/// The schema versions that the program can serve.
pub(super) fn program_line(tree: Tree) -> String {
    let Range { from, to } = tree.range();
    format!("this program serves schema versions {from} to {to}, and later ones that only add to them")
}

fn database_line(tree: Tree, schema: Schema) -> String {
    let served = match tree.serves(schema) {
        Ok(()) => "this program can serve it".to_owned(),
        Err(unserved) => unserved.to_string(),
    };
    format!("the database has schema version {}: {served}", schema.version)
}
