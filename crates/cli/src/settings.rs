//! `dinie config show`, `check`, `schema` and `example`.

use anyhow::bail;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, Subcommand};
use serde_json::{Value, json};
use server::config::shown::{Given, settings};
use server::config::{Config, ConfigError, EXAMPLE, Flags, check, schema};
use server::reach;
use tools::output::{Output, OutputFlags, bad, good, say_rows, say_value};
use tools::say;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print every setting of the server with its effective value and where it comes from. Secrets are hidden.
    Show(ShowArgs),
    /// Name every problem of the configuration, with its line, and try the database, the mail server, the files' folder and
    /// the master key's token. Fails if there is one.
    Check(CheckArgs),
    /// Print the JSON Schema of dinie.toml, for editors.
    Schema,
    /// Print a dinie.toml that explains every setting and changes none.
    Example,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    output: OutputFlags,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct CheckArgs {
    /// Read the settings only: connect to nothing.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    output: OutputFlags,
}

/// Runs the command. `matches` says which flags and variables were given, and `program` which variables there are.
pub(crate) async fn run(
    flags: &Flags, command: &ConfigCommand, matches: &ArgMatches, program: &Command,
) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Show(args) => {
            let shown = settings(flags.config.as_deref(), |id| given(matches, program, id))?;
            let rows: Vec<Value> = shown.iter().map(|setting| json!(setting)).collect();
            say_rows(&rows, &["setting", "value", "source"], args.output.or(Output::Table));
            Ok(())
        }
        ConfigCommand::Check(args) => check(flags, *args).await,
        ConfigCommand::Schema => {
            say(&format!("{:#}", schema::schema()));
            Ok(())
        }
        ConfigCommand::Example => {
            say(EXAMPLE.trim_end());
            Ok(())
        }
    }
}

async fn check(flags: &Flags, args: CheckArgs) -> anyhow::Result<()> {
    let output = args.output.or(Output::Table);
    let mut problems = check::problems(flags);
    // Wrong settings would name wrong neighbours.
    if problems.is_empty() && !args.offline {
        let config = Config::load_to_look(flags)?;
        let unreached = reach::unreached(&config).await;
        problems.extend(unreached.into_iter().map(|one| check::at(flags, one.setting, one.problem)));
    }
    match output {
        Output::Json => say_value(&json!({"data": problems, "has_more": false}), output),
        Output::Table => problems.iter().for_each(|one| {
            let file = one.file.as_ref().map(|file| file.display().to_string());
            let place = file.map_or_else(String::new, |file| {
                one.line.map_or_else(|| format!("{file}: "), |line| format!("{file}:{line}: "))
            });
            say(&format!("{} {place}{}", bad("wrong"), one.problem));
        }),
    }
    match problems.len() {
        0 => {
            if output == Output::Table {
                say(&good("the configuration is right"));
            }
            Ok(())
        }
        1 => bail!(ConfigError::Problems(1, "problem")),
        count => bail!(ConfigError::Problems(count, "problems")),
    }
}

/// The values from flags and variables.
fn given(matches: &ArgMatches, program: &Command, id: &str) -> Option<Given> {
    let source = match matches.try_contains_id(id).ok().and_then(|_known| matches.value_source(id))? {
        ValueSource::CommandLine => format!("--{}", id.replace('_', "-")),
        ValueSource::EnvVariable => variable(program, id),
        _default => return None,
    };
    let values: Vec<String> =
        matches.get_raw(id)?.map(|value| value.to_string_lossy().into_owned()).collect();
    let value = if values.is_empty() { "true".to_owned() } else { values.join(",") };
    Some(Given { source, value })
}

/// The variable of a flag.
fn variable(program: &Command, id: &str) -> String {
    let serve = program.find_subcommand("serve");
    let argument = serve.and_then(|serve| serve.get_arguments().find(|one| one.get_id() == id));
    let name = argument.and_then(clap::Arg::get_env).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "the environment".to_owned())
}
