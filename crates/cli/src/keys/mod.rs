//! `dinie keys`: the keys of the database. Every command works beside running servers, and goes on after it was killed.
//!
//! Reasons: docs/decisions/0045, 0048.

mod arguments;
mod data;
mod master;
mod place;
mod split;
mod status;
mod token;

use server::clock::Clock;
use server::config::{Config, Flags};
use tools::say;

pub(super) use self::arguments::KeysCommand;
use self::place::opened;

pub(super) async fn run(flags: &Flags, command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::Rotate => sign_with_new(flags).await,
        KeysCommand::Status(args) => status::run(flags, args.output).await,
        KeysCommand::RotateMaster(args) => master::run(flags, &args).await,
        KeysCommand::MakeTokenKey(args) => token::run(flags, args.output).await,
        KeysCommand::Split(args) => split::run(flags, &args),
        KeysCommand::RotateData(args) => data::run(flags, &args).await,
    }
}

async fn sign_with_new(flags: &Flags) -> anyhow::Result<()> {
    let store = opened(&Config::load_in_use(flags)?).await?;
    let now = Clock::System.now();
    let key = store.write(move |tx| app::partners::signing_keys::rotate(tx, now)).await?;
    say(&format!("{} signs from now on (running servers notice within 30 s)", key.id));
    Ok(())
}
