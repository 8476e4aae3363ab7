//! The `dinie` command: its arguments, and the functions that run them.
//!
//! Reasons: docs/decisions/0042.

mod access;
mod arguments;
mod bare;
mod bench_database;
mod console;
mod help;
mod keys;
mod ledger;
mod migrate;
mod operators;
mod policy;
mod portfolio;
mod sandbox;
mod serve;
mod settings;
mod shells;
mod show_page;
mod status;
mod vault;
mod version;

use std::process::ExitCode;
use std::sync::Arc;

use clap::ArgMatches;
use server::config::Hidden;
use tools::output::say_failure;
use tools::resources::{self, Verb};
use tools::{bench, demo, health, listen, login, logs, reset, say, trigger};

use self::arguments::Command;
use self::bench_database::StoreAccess;
use self::help::Parsed;
use self::sandbox::OwnSandbox;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Runs the command line. A failure is printed on one line.
fn main() -> ExitCode {
    let (cli, matches) = match help::parsed() {
        Parsed::Own(cli, matches) => (*cli, matches),
        Parsed::Resource(generation, matches) => {
            return ended(in_runtime(resources::run(generation, &matches)));
        }
    };
    // Before the threads of the runtime: a process with limits starts none.
    if let Some(Command::ShowPage { number }) = cli.command {
        return show_page::run(number);
    }
    let Some(command) = cli.command.or_else(|| bare::command(cli.default_command)) else {
        return help::print();
    };
    server::private::restrict_new_files();
    ended(in_runtime(dispatch(command, &matches)))
}

fn in_runtime(work: impl Future<Output = anyhow::Result<()>>) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(work)
}

/// The exit status of the program. A failure is printed.
fn ended(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_failure(&format!("{error:#}"));
            status::of(&error)
        }
    }
}

async fn dispatch(command: Command, matches: &ArgMatches) -> anyhow::Result<()> {
    match command {
        Command::Serve { flags, supervision } => serve::run(&flags, &supervision).await,
        Command::Migrate { args, flags } => migrate::run(&flags, args).await,
        Command::Health(args) => health::run(&args).await,
        Command::Version => {
            say(&format!("dinie {}", version::whole()));
            Ok(())
        }
        Command::Backup { args, flags } => vault::backup(&flags, &args).await,
        Command::Restore { args, flags } => vault::restore(&flags, &args).await,
        Command::Verify { args, flags } => vault::verify(&flags, &args).await,
        Command::Partner { command, flags } => access::partner(&flags, command).await,
        Command::Credential { command, flags } => access::credential(&flags, command).await,
        Command::Operator { command, flags } => operators::operator(&flags, command).await,
        Command::Console { command, flags } => console::console(&flags, command).await,
        Command::Audit { command, flags } => operators::audit(&flags, command).await,
        Command::Demo { args, flags } if args.console => portfolio::run(&flags).await,
        Command::Demo { args, .. } => demo::run(&args, OwnSandbox::start).await,
        Command::Listen(args) => listen::run(&args, serve::stop_on_signal()?).await,
        Command::Trigger(args) => trigger::run(&args).await,
        Command::Reset(args) => reset::run(&args).await,
        Command::Logs(command) => logs::run(&command, serve::stop_on_signal()?).await,
        Command::Login(args) => login::login(&args).await,
        Command::Logout(args) => login::logout(&args),
        Command::Profiles(args) => login::list(args),
        Command::Get(args) => args.send(Verb::Get).await,
        Command::Post(args) => args.send(Verb::Post).await,
        Command::Patch(args) => args.send(Verb::Patch).await,
        Command::Delete(args) => args.send(Verb::Delete).await,
        Command::Bench { command, database } => {
            let database = database.as_ref().map(Hidden::expose);
            bench::run(database, Arc::new(StoreAccess::default()), command).await
        }
        Command::Keys { command, flags } => keys::run(&flags, command).await,
        Command::Ledger { command, flags } => ledger::run(&flags, command).await,
        Command::Policy(command) => policy::run(&command),
        Command::Config { command, flags } => {
            let below = matches.subcommand_matches("config").expect("this is the command");
            settings::run(&flags, &command, below, &help::command()).await
        }
        Command::Completions(args) => shells::completions(&args, help::command()),
        Command::Man(args) => shells::man(&args, help::command()),
        Command::ShowPage { .. } => unreachable!("main runs it without a runtime"),
    }
}
