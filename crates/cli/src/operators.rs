//! `dinie operator create|list|revoke` and `dinie audit check|head`. They work while a server runs.

use anyhow::{bail, ensure};
use app::ListRefused;
use clap::Subcommand;
use domain::id::OperatorId;
use domain::page::{Limit, Unreadable};
use serde_json::json;
use server::clock::Clock;
use server::config::Flags;
use server::workers;
use store::audit::{Head, Trail};
use store::operators::Operator;
use store::{Cursor, Failed};
use tools::say;

use super::access::{checked_name, opened};

#[derive(Debug, Subcommand)]
pub(super) enum OperatorCommand {
    /// Make an operator. Its token is shown only now.
    Create {
        /// The operator's name.
        #[arg(long)]
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// List operators.
    List,
    /// Revoke an operator's token.
    Revoke {
        /// The operator's id.
        #[arg(long)]
        id: OperatorId,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Check that no entry of the audit trail was changed or removed.
    Check {
        /// A published head, NUMBER:HASH. The trail must still contain it.
        #[arg(long, value_name = "NUMBER:HASH")]
        head: Option<Head>,
    },
    /// Print the head of the audit trail, NUMBER:HASH. Keep it in a place that the database's writers cannot change.
    Head,
}

pub(super) async fn operator(flags: &Flags, command: OperatorCommand) -> anyhow::Result<()> {
    let (config, store) = opened(flags).await?;
    let now = Clock::System.now();
    match command {
        OperatorCommand::Create { name, json } => {
            let (name, environment) = (checked_name(&name)?, config.environment);
            let create =
                move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, environment, now, &name);
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
                let page = match store.read(move |tx| app::people::operators::list(tx, &cursor)).await {
                    Ok(page) => page,
                    Err(Failed::Store(error)) => return Err(error.into()),
                    Err(Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor)) => break,
                };
                let has_more = page.has_more;
                let line = |operator: Operator| {
                    let state = if operator.revoked_at.is_some() { "revoked" } else { "active" };
                    (format!("{}  {state:<7}  {}", operator.id, operator.name), Some(operator.id))
                };
                let mark = |mark: Unreadable| (format!("{}  unreadable", mark.id), mark.id.parse().ok());
                for (line, id) in page.in_order(line, mark) {
                    say(&line);
                    cursor.after = id;
                }
                if !has_more || cursor.after.is_none() {
                    break;
                }
            }
        }
        OperatorCommand::Revoke { id } => {
            let revoked = store.write(move |tx| app::people::operators::revoke(tx, now, id)).await?;
            ensure!(revoked, "there is no operator {id} with a valid token");
            say(&format!("the token of {id} no longer works"));
        }
    }
    Ok(())
}

pub(super) async fn audit(flags: &Flags, command: AuditCommand) -> anyhow::Result<()> {
    let (_config, store) = opened(flags).await?;
    workers::audit::settle(&store).await?;
    let published = match command {
        AuditCommand::Head => {
            say(&store.read(app::people::trail::trail_head).await?.to_string());
            return Ok(());
        }
        AuditCommand::Check { head } => head,
    };
    let against = published.clone();
    let check = move |tx: &mut store::Tx<'_>| match &against {
        Some(head) => app::people::trail::check_trail_against(tx, head),
        None => app::people::trail::check_trail(tx),
    };
    match (store.read_long(check).await?, published) {
        (Trail::Whole { entries }, Some(head)) => {
            say(&format!("the audit trail is whole: {entries} entries, entry {} as published", head.number));
        }
        (Trail::Whole { entries }, None) => {
            say(&format!(
                "the audit trail is whole: {entries} entries (use --head to check also that its end is there)"
            ));
        }
        (Trail::BrokenAt(number), _) => bail!("the audit trail is broken at entry {number}"),
        (Trail::NotAsPublished(number), _) => {
            bail!(
                "the audit trail does not contain entry {number} as published: its end was removed or rewritten"
            )
        }
    }
    Ok(())
}
