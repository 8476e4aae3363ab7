//! `dinie operator create|list|revoke` and `dinie audit check`: they work beside a running server.

use anyhow::{bail, ensure};
use clap::Subcommand;
use domain::id::OperatorId;
use domain::page::Limit;
use serde_json::json;
use store::audit::Trail;
use store::{Cursor, Failed};

use super::accounts::{checked_name, opened};
use super::say;
use crate::app;
use crate::app::ListRefused;
use crate::clock::Clock;
use crate::config::Flags;

#[derive(Debug, Subcommand)]
pub(super) enum OperatorCommand {
    /// Make an operator; its token is shown only now.
    Create {
        /// What the operator is called.
        #[arg(long)]
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List operators.
    List,
    /// End an operator's token.
    Revoke {
        /// The operator's id.
        #[arg(long)]
        id: OperatorId,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that nothing in the audit trail was changed or left out.
    Check,
}

pub(super) async fn operator(flags: &Flags, command: OperatorCommand) -> anyhow::Result<()> {
    let (config, store) = opened(flags).await?;
    let now = Clock::System.now();
    match command {
        OperatorCommand::Create { name, json } => {
            let (name, environment) = (checked_name(&name)?, config.environment);
            let create = move |tx: &mut store::Tx<'_>| app::operators::create(tx, environment, now, &name);
            let (operator, token) = store.write(create).await?;
            if json {
                say(&json!({ "id": operator.id.to_string(), "token": token }).to_string());
            } else {
                say(&format!("operator  {}\ntoken     {token}\n(the token is shown only now)", operator.id));
            }
        }
        OperatorCommand::List => {
            let mut cursor = Cursor::first(Limit::DEFAULT);
            loop {
                let page = match store.read(move |tx| app::operators::list(tx, &cursor)).await {
                    Ok(page) => page,
                    Err(Failed::Store(error)) => return Err(error.into()),
                    Err(Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor)) => break,
                };
                for operator in &page.items {
                    let state = if operator.revoked_at.is_some() { "revoked" } else { "active" };
                    say(&format!("{}  {state:<7}  {}", operator.id, operator.name));
                }
                cursor.after = page.items.last().map(|operator| operator.id);
                if !page.has_more {
                    break;
                }
            }
        }
        OperatorCommand::Revoke { id } => {
            let revoked = store.write(move |tx| app::operators::revoke(tx, now, id)).await?;
            ensure!(revoked, "there is no operator {id} with a token that works");
            say(&format!("the token of {id} no longer works"));
        }
    }
    Ok(())
}

pub(super) async fn audit(flags: &Flags, AuditCommand::Check: AuditCommand) -> anyhow::Result<()> {
    let (_config, store) = opened(flags).await?;
    match store.read(app::operators::check_trail).await? {
        Trail::Whole { entries } => {
            say(&format!("the audit trail is whole: {entries} entries"));
            Ok(())
        }
        Trail::BrokenAt(number) => bail!("the audit trail is broken at entry {number}"),
    }
}
