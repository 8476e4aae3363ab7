//! `dinie migrate`.

use super::say;
use crate::config::{Config, Flags};
use crate::state::{claim_environment, open_store};

pub(super) async fn run(flags: &Flags) -> anyhow::Result<()> {
    let config = Config::load(flags)?;
    let store = open_store(&config).await?;
    claim_environment(&store, config.environment).await?;
    let applied = store.read(store::migrations::applied).await?;
    say(&format!("the database is up to date: {applied} of {} migrations", store::migrations::known()));
    Ok(())
}
