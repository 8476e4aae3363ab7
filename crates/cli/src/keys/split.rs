//! `dinie keys split`: a master key in shares, each in a file.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, ensure};
use server::config::{Config, Flags};
use store::seal::MasterKey;
use store::shares;
use tools::say;

use super::arguments::SplitArgs;

pub(super) fn run(flags: &Flags, args: &SplitArgs) -> anyhow::Result<()> {
    let key = if args.new {
        MasterKey::random()
    } else {
        Config::load_existing(flags)?.master_keys.first().clone()
    };
    let shares = shares::split(&key, args.threshold, args.shares)?;
    fs::create_dir_all(&args.to).with_context(|| format!("the folder {}", args.to.display()))?;
    ensure!(fs::read_dir(&args.to)?.next().is_none(), "the folder {} is not empty", args.to.display());
    for (number, share) in (1..).zip(shares) {
        let path = args.to.join(format!("share-{number}"));
        let mut file = fs::File::options().create_new(true).write(true).open(&path)?;
        file.write_all(share.as_bytes())
            .and_then(|()| file.write_all(b"\n"))
            .and_then(|()| file.sync_all())?;
    }
    say(&format!(
        "{} of the {} shares in {} give the master key {}. Give each to another person, and remove the folder.",
        args.threshold,
        args.shares,
        args.to.display(),
        key.fingerprint()
    ));
    Ok(())
}
