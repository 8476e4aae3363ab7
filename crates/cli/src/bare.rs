//! `dinie` without a command. It starts the server only where one is meant: a setting, a file of settings or data of an
//! earlier start. Anywhere else it prints the help, because a mistyped folder must not get a new database.

use std::path::Path;

use clap::Parser as _;
use server::config::Flags;

use super::arguments::{Cli, Command, DefaultCommand};

/// The command to run if none is named; `None` prints the help.
pub(crate) fn command(default: Option<DefaultCommand>) -> Option<Command> {
    // The environment may give settings of the server. A wrong one ends the program here.
    let serve = Cli::parse_from(["dinie", "serve"]).command;
    let Some(Command::Serve { flags, .. }) = &serve else { return None };
    let is_meant = default == Some(DefaultCommand::Serve) || *flags != Flags::default() || is_a_home();
    if is_meant { serve } else { None }
}

/// Whether this folder is the home of a server.
fn is_a_home() -> bool {
    ["dinie.toml", "data/dinie.db", "data/master.key"].iter().any(|name| Path::new(name).exists())
}
