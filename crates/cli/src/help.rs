//! The help of the whole program: its commands in groups.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    ArgMatches, Args as _, Command, CommandFactory as _, Error, FromArgMatches as _, Subcommand as _,
};
use tools::demo::DemoArgs;
use tools::resources::commands;
use tools::{ApiGeneration, say};

use super::arguments::{self, Cli};

/// The groups of the commands, in the order of the help. A test finds a command without a group.
const GROUPS: [(&str, &[&str]); 6] = [
    ("Server", &["serve", "config", "migrate", "health", "version"]),
    (
        "A partner's integration",
        &["login", "logout", "profiles", "listen", "trigger", "reset", "logs", "demo"],
    ),
    ("Requests", &["get", "post", "patch", "delete"]),
    ("Administration", &["partner", "credential", "operator", "console", "keys", "policy"]),
    ("Checks and copies", &["ledger", "audit", "verify", "backup", "restore", "bench"]),
    ("This program", &["completions", "man"]),
];

const EXAMPLES: &str = "\
Start:
  dinie demo     see a whole loan, without any setup
  dinie serve    start a sandbox in this folder, at http://127.0.0.1:8080
";

/// The command to run.
pub(crate) enum Parsed {
    /// A command of the program, also as clap found it.
    Own(Box<Cli>, ArgMatches),
    /// A command of a resource of the API.
    Resource(ApiGeneration, ArgMatches),
}

/// The program's arguments. Wrong ones end the program with status 2, and the help with 0.
pub(crate) fn parsed() -> Parsed {
    let generation = generation();
    let mut command = command_of(generation);
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let matches = matches.unwrap_or_else(|error| with_hint(error, &command).exit());
    let is_own = matches.subcommand_name().is_none_or(arguments::Command::has_subcommand);
    if is_own {
        let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
        Parsed::Own(Box::new(cli), matches)
    } else {
        Parsed::Resource(generation, matches)
    }
}

/// The generation that the arguments choose. It must be known before they are read, because it decides which there are.
fn generation() -> ApiGeneration {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let after = arguments.windows(2).any(|two| two[0] == "--generation" && two[1] == "sdk");
    let is_sdk = after || arguments.iter().any(|one| one == "--generation=sdk");
    if is_sdk { ApiGeneration::Sdk } else { ApiGeneration::Reference }
}

/// An error with the command to which an unknown flag belongs: the server's flags stand behind `serve`.
fn with_hint(mut error: Error, command: &Command) -> Error {
    let Some(ContextValue::String(flag)) = error.get(ContextKind::InvalidArg) else { return error };
    let name = flag.trim_start_matches('-').to_owned();
    let serve = command.find_subcommand("serve").expect("there is the command");
    let is_of_the_server = serve.get_arguments().any(|one| one.get_long() == Some(&name));
    if error.kind() == ErrorKind::UnknownArgument && is_of_the_server {
        let tip = format!("the server has this setting: dinie serve --{name} …");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    error
}

/// Prints the help.
pub(crate) fn print() -> ExitCode {
    say(&command().render_help().ansi().to_string());
    ExitCode::SUCCESS
}

/// The command line with its help and the resources of the reference.
pub(crate) fn command() -> Command {
    command_of(ApiGeneration::Reference)
}

fn command_of(generation: ApiGeneration) -> Command {
    let command = Cli::command().mut_subcommand("demo", hide_settings).subcommands(commands(generation));
    let template = template(&command);
    command.help_template(template)
}

/// The demo takes the settings of the server for `--console` only, so its help does not list them.
fn hide_settings(demo: Command) -> Command {
    let own = DemoArgs::augment_args(Command::new("demo"));
    demo.mut_args(|argument| {
        let is_own = own.get_arguments().any(|one| one.get_id() == argument.get_id());
        if is_own { argument } else { argument.hide(true) }
    })
}

fn template(command: &Command) -> String {
    let header = command.get_styles().get_header();
    let literal = command.get_styles().get_literal();
    let mut text = "{about-with-newline}\n{usage-heading} {usage}\n".to_owned();
    let resources: Vec<&str> = command
        .get_subcommands()
        .map(Command::get_name)
        .filter(|name| !arguments::Command::has_subcommand(name))
        .collect();
    for (title, names) in GROUPS.into_iter().chain([("Resources of the API", &*resources)]) {
        write_line(&mut text, &format!("\n{header}{title}:{header:#}"));
        for name in names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map_or_else(String::new, ToString::to_string);
            write_line(&mut text, &format!("  {literal}{name:<17}{literal:#}{about}"));
        }
    }
    format!("{text}\n{header}Options:{header:#}\n{{options}}\n\n{EXAMPLES}")
}

fn write_line(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("a string takes every text");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_lists_every_command_once() {
        let command = command();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let mut all: Vec<&str> = command
            .get_subcommands()
            .filter(|one| !one.is_hide_set())
            .map(Command::get_name)
            .filter(|name| arguments::Command::has_subcommand(name))
            .collect();
        grouped.sort_unstable();
        all.sort_unstable();
        assert_eq!(grouped, all);
    }

    #[test]
    fn the_command_line_is_consistent() {
        command_of(ApiGeneration::Reference).debug_assert();
        command_of(ApiGeneration::Sdk).debug_assert();
    }
}
