//! The arguments of `dinie`: every command with its flags.

use clap::{Parser, Subcommand, ValueEnum};
use server::config::{Flags, Hidden};
use server::supervisor::Supervision;
use tools::{bench, demo, health, listen, login, logs, reset, resources, trigger};

use super::{access, console, keys, ledger, migrate, operators, policy, settings, shells, vault, version};

/// Credit as a service for small businesses in Brazil.
#[derive(Parser)]
#[command(name = "dinie", version, long_version = version::whole())]
pub(crate) struct Cli {
    /// The command that runs if none is named.
    #[arg(long, env = "DINIE_COMMAND", value_name = "NAME", hide = true)]
    pub(crate) default_command: Option<DefaultCommand>,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// A command. Those with `Flags` read the configuration of the server.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run the server.
    Serve {
        #[command(flatten, next_help_heading = "Settings")]
        flags: Flags,
        #[command(flatten)]
        supervision: Supervision,
    },
    /// Bring the database's schema up to date while nodes run, and exit.
    Migrate {
        #[command(flatten)]
        args: migrate::MigrateArgs,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Ask a running server whether it answers, or whether it is ready.
    Health(health::HealthArgs),
    /// Print the version, the commit, and the schema versions that this program can serve.
    Version,
    /// Copy database and files to a new folder while a server runs.
    Backup {
        #[command(flatten)]
        args: vault::BackupArgs,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Restore a backup. No database may exist at its destination.
    Restore {
        #[command(flatten)]
        args: vault::RestoreArgs,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Check that all stored data is readable and consistent.
    Verify {
        #[command(flatten)]
        args: vault::VerifyArgs,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Make and list partners.
    Partner {
        #[command(subcommand)]
        command: access::PartnerCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Make and list credentials.
    Credential {
        #[command(subcommand)]
        command: access::CredentialCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Make operators, who decide for the lender through the operator API.
    Operator {
        #[command(subcommand)]
        command: operators::OperatorCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Sign in to the operators' console.
    Console {
        #[command(subcommand)]
        command: console::ConsoleCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Check the audit trail of the operators' calls.
    Audit {
        #[command(subcommand)]
        command: operators::AuditCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Take a partner's first loan from registration to installments, and verify every step.
    Demo {
        #[command(flatten)]
        args: demo::DemoArgs,
        #[command(flatten)]
        flags: Flags,
    },
    /// Forward events to a program on this machine as they happen, as signed webhooks.
    Listen(listen::ListenArgs),
    /// Make an event happen in a running sandbox, with a new customer and a new loan.
    Trigger(trigger::TriggerArgs),
    /// Delete everything of the partner's customers in a running sandbox, on every clock.
    Reset(reset::ResetArgs),
    /// Follow the partner's requests.
    #[command(subcommand)]
    Logs(logs::LogsCommand),
    /// Get a credential for a profile: a person confirms a code in the dashboard.
    Login(login::LoginArgs),
    /// Remove a profile.
    Logout(login::LogoutArgs),
    /// List the profiles.
    Profiles(login::ProfilesArgs),
    /// Send a GET request.
    Get(resources::RequestArgs),
    /// Send a POST request.
    Post(resources::RequestArgs),
    /// Send a PATCH request.
    Patch(resources::RequestArgs),
    /// Send a DELETE request.
    Delete(resources::RequestArgs),
    /// Measure this machine.
    Bench {
        #[command(subcommand)]
        command: bench::BenchCommand,
        /// postgres://… of another server's database (default: a new SQLite file).
        #[arg(long, global = true, env = "DINIE_DATABASE", value_name = "URL", hide_env_values = true)]
        database: Option<Hidden>,
    },
    /// Manage the keys of the database and those that sign access tokens.
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Check the ledger.
    Ledger {
        #[command(subcommand)]
        command: ledger::LedgerCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Check a credit policy.
    #[command(subcommand)]
    Policy(policy::PolicyCommand),
    /// Show and check the configuration of the server.
    Config {
        #[command(subcommand)]
        command: settings::ConfigCommand,
        #[command(flatten, next_help_heading = "Settings of the server")]
        flags: Flags,
    },
    /// Print the completions of a shell.
    Completions(shells::CompletionsArgs),
    /// Print the manual page, or write those of all commands.
    Man(shells::ManArgs),
    /// Render a page of a PDF. The server starts it.
    #[command(hide = true)]
    ShowPage {
        /// The number of the page; 0 only counts the pages.
        number: u16,
    },
}

/// The command that `DINIE_COMMAND` may name. Cargo sets the variable for `cargo run` (`.cargo/config.toml`), so that a new
/// checkout starts its sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DefaultCommand {
    /// Run the server.
    Serve,
}
