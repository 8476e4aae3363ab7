//! The `dinie` command: its arguments, and the functions that run them.

mod access;
mod bench_database;
mod console;
mod ledger;
mod migrate;
mod operators;
mod policy;
mod portfolio;
mod sandbox;
mod serve;
mod show_page;
mod vault;

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use server::config::{Flags, Hidden};
use tools::{bench, demo, listen, say_error, trigger};

use self::bench_database::StoreAccess;
use self::sandbox::OwnSandbox;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Credit as a service for small businesses in Brazil. Without a command: serve.
#[derive(Parser)]
#[command(name = "dinie", version)]
struct Cli {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server (the default command).
    Serve,
    /// Bring the database's schema up to date while nodes run, and exit.
    Migrate(migrate::MigrateArgs),
    /// Print the version, and the schema versions that this program can serve.
    Version,
    /// Copy database and files to a new folder while a server runs.
    Backup(vault::BackupArgs),
    /// Restore a backup. No database may exist at its destination.
    Restore(vault::RestoreArgs),
    /// Check that all stored data is readable and consistent.
    Verify(vault::VerifyArgs),
    /// Make partners.
    #[command(subcommand)]
    Partner(access::PartnerCommand),
    /// Make credentials.
    #[command(subcommand)]
    Credential(access::CredentialCommand),
    /// Make operators, who decide for the lender through the operator API.
    #[command(subcommand)]
    Operator(operators::OperatorCommand),
    /// Sign in to the operators' console.
    #[command(subcommand)]
    Console(console::ConsoleCommand),
    /// Check the audit trail of the operators' calls.
    #[command(subcommand)]
    Audit(operators::AuditCommand),
    /// Take a partner's first loan from registration to installments, and verify every step.
    Demo(demo::DemoArgs),
    /// Forward events to a program on this machine as they happen, as signed webhooks.
    Listen(listen::ListenArgs),
    /// Make an event happen in a running sandbox, with a new customer and a new loan.
    Trigger(trigger::TriggerArgs),
    /// Measure this machine.
    #[command(subcommand)]
    Bench(bench::BenchCommand),
    /// Manage the keys that sign access tokens.
    #[command(subcommand)]
    Keys(access::KeysCommand),
    /// Check the ledger.
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Check a credit policy.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Render a page of a PDF. The server starts it.
    #[command(hide = true)]
    ShowPage {
        /// The number of the page; 0 only counts the pages.
        number: u16,
    },
}

/// Runs the command line. A failure is printed on one line.
fn main() -> ExitCode {
    let cli = Cli::parse();
    // Before the threads of the runtime: a process with limits starts none.
    if let Some(Command::ShowPage { number }) = cli.command {
        return show_page::run(number);
    }
    server::private::restrict_new_files();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(dispatch(cli)),
        Err(error) => Err(error.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_error(&format!("dinie: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(cli: Cli) -> anyhow::Result<()> {
    let flags = cli.flags;
    match cli.command {
        None | Some(Command::Serve) => serve::run(&flags).await,
        Some(Command::Migrate(args)) => migrate::run(&flags, args).await,
        Some(Command::Version) => {
            migrate::version();
            Ok(())
        }
        Some(Command::Backup(args)) => vault::backup(&flags, &args).await,
        Some(Command::Restore(args)) => vault::restore(&flags, &args).await,
        Some(Command::Verify(args)) => vault::verify(&flags, &args).await,
        Some(Command::Partner(command)) => access::partner(&flags, command).await,
        Some(Command::Credential(command)) => access::credential(&flags, command).await,
        Some(Command::Operator(command)) => operators::operator(&flags, command).await,
        Some(Command::Console(command)) => console::console(&flags, command).await,
        Some(Command::Audit(command)) => operators::audit(&flags, command).await,
        Some(Command::Demo(args)) if args.console => portfolio::run(&flags).await,
        Some(Command::Demo(args)) => demo::run(&args, OwnSandbox::start).await,
        Some(Command::Listen(args)) => listen::run(&args, serve::stop_on_signal()?).await,
        Some(Command::Trigger(args)) => trigger::run(&args).await,
        Some(Command::Bench(command)) => {
            let database = flags.database.as_ref().map(Hidden::expose);
            bench::run(database, Arc::new(StoreAccess::default()), command).await
        }
        Some(Command::Keys(command)) => access::keys(&flags, command).await,
        Some(Command::Ledger(command)) => ledger::run(&flags, command).await,
        Some(Command::Policy(command)) => policy::run(&command),
        Some(Command::ShowPage { .. }) => unreachable!("main runs it without a runtime"),
    }
}
