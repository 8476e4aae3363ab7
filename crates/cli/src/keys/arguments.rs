//! The arguments of `dinie keys`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::id::PartnerId;
use tools::output::OutputFlags;

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Sign access tokens with a new key. The present key still verifies tokens for one hour.
    Rotate,
    /// List the master keys, what each wraps, and the servers that know them.
    Status(StatusArgs),
    /// Wrap every stored key under a new master key, while servers run.
    RotateMaster(MasterArgs),
    /// Make the master key of [kms] in its token, which it never leaves.
    MakeTokenKey(TokenArgs),
    /// Split a master key into shares for several people, of whom a number can start the server.
    Split(SplitArgs),
    /// Give partners new data keys, seal everything again, and destroy the old keys.
    RotateData(DataArgs),
}

#[derive(Debug, Args)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    pub(super) output: OutputFlags,
}

#[derive(Debug, Args)]
pub(crate) struct MasterArgs {
    /// File whose first line is the new master key (default: the configured master_key).
    #[arg(long, value_name = "FILE")]
    pub(super) new_master_key_file: Option<PathBuf>,
    /// Print each step as a line of JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SplitArgs {
    /// Number of shares.
    #[arg(long, value_name = "N")]
    pub(super) shares: u8,
    /// Number of shares that give the key.
    #[arg(long, value_name = "N")]
    pub(super) threshold: u8,
    /// Folder for the files share-1, share-2 and so on. It must be new or empty.
    #[arg(long, value_name = "DIR")]
    pub(super) to: PathBuf,
    /// Split a new key, for a rotation. It is in no file as a whole.
    #[arg(long)]
    pub(super) new: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(super) output: OutputFlags,
}

#[derive(Debug, Args)]
pub(crate) struct DataArgs {
    /// The partner whose key is replaced.
    #[arg(long, value_name = "ID", required_unless_present = "all", conflicts_with = "all")]
    pub(super) partner: Option<PartnerId>,
    /// Replace the keys of all partners and operators.
    #[arg(long)]
    pub(super) all: bool,
    /// Seal everything again and keep the old keys. A later run without this flag destroys them.
    #[arg(long)]
    pub(super) keep_old: bool,
    /// Print each step as a line of JSON.
    #[arg(long)]
    pub(super) json: bool,
}
