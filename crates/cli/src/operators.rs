//! `dinie operator create|invite|list|revoke` and `dinie audit check|head`. They work while a server runs.

use anyhow::{bail, ensure};
use app::ListRefused;
use app::people::operators::{CreateOperator, RevokeRefused};
use clap::Subcommand;
use domain::access::{Operator, RoleName, RoleNames};
use domain::credential::Environment;
use domain::id::OperatorId;
use domain::page::{Limit, Unreadable};
use domain::person::Email;
use domain::time::RealTime;
use serde_json::json;
use server::clock::Clock;
use server::config::{Config, Flags};
use server::workers;
use store::audit::{Head, Trail};
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
        /// A role, such as credit; may be repeated (sandbox: all roles without it).
        #[arg(id = "role", long = "role", value_name = "NAME")]
        roles: Vec<RoleName>,
        /// Time at which the token ends, such as 2027-12-31T23:59:59Z (default: it does not end by itself).
        #[arg(long, value_name = "TIME", value_parser = moment)]
        expires_at: Option<RealTime>,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Invite a person to the console by e-mail. A sandbox without a mail server prints the link.
    Invite {
        /// The address with which the person will sign in.
        #[arg(long, value_parser = super::console::email)]
        email: Email,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// A role, such as credit; may be repeated (sandbox: all roles without it).
        #[arg(id = "role", long = "role", value_name = "NAME")]
        roles: Vec<RoleName>,
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

fn moment(text: &str) -> Result<RealTime, String> {
    let moment: Result<jiff::Timestamp, _> = text.parse();
    moment
        .map(|moment| RealTime::from_micros(moment.as_microsecond()))
        .map_err(|_not_a_moment| "must be a moment such as 2027-12-31T23:59:59Z".to_owned())
}

/// The chosen roles. A sandbox's operator has all of them by default; in production they are always chosen.
fn checked_roles(config: &Config, chosen: Vec<RoleName>) -> anyhow::Result<RoleNames> {
    let all = config.roles.names();
    if chosen.is_empty() && config.environment == Environment::Sandbox {
        return Ok(all);
    }
    let known = all.to_string().replace(' ', ", ");
    ensure!(!chosen.is_empty(), "production needs --role; the roles are {known}");
    let chosen: RoleNames = chosen.into_iter().collect();
    if let Some(unknown) = config.roles.unknown(&chosen) {
        bail!("there is no role {unknown}; the roles are {known}");
    }
    Ok(chosen)
}

pub(super) async fn operator(flags: &Flags, command: OperatorCommand) -> anyhow::Result<()> {
    let (config, store) = opened(flags).await?;
    let now = Clock::System.now();
    match command {
        OperatorCommand::Create { name, roles, expires_at, json } => {
            let roles = checked_roles(&config, roles)?;
            ensure!(expires_at.is_none_or(|end| end > now), "--expires-at must be in the future");
            let name = checked_name(&name)?;
            let command = CreateOperator {
                expires_at,
                ..CreateOperator::from_command_line(config.environment, &name, roles)
            };
            let create = move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, now, &command);
            let (operator, token) = store.write(create).await?;
            if json {
                say(&json!({ "id": operator.id.to_string(), "token": token }).to_string());
            } else {
                say(&format!("operator  {}\ntoken     {token}\n(the token is shown only now)", operator.id));
            }
        }
        OperatorCommand::Invite { email, name, roles } => {
            let (roles, name) = (checked_roles(&config, roles)?, checked_name(&name)?);
            return super::console::invite((config, store), (name, email), roles).await;
        }
        OperatorCommand::List => {
            let mut cursor = Cursor::first(Limit::DEFAULT);
            loop {
                let page = match store.read(move |tx| app::people::operators::list(tx, None, &cursor)).await {
                    Ok(page) => page,
                    Err(Failed::Store(error)) => return Err(error.into()),
                    Err(Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor)) => break,
                };
                let has_more = page.has_more;
                let line = |operator: Operator| {
                    let (status, roles) = (operator.status_at(now).name(), &operator.roles);
                    (format!("{}  {status:<7}  {}  ({roles})", operator.id, operator.name), Some(operator.id))
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
            match store.write(move |tx| app::people::operators::revoke(tx, now, id)).await {
                Ok(_revoked) => say(&format!("the token of {id} no longer works")),
                Err(Failed::Store(error)) => return Err(error.into()),
                Err(Failed::Refused(RevokeRefused::NotFound)) => bail!("there is no operator {id}"),
                Err(Failed::Refused(RevokeRefused::Revoked)) => {
                    bail!("the token of {id} was revoked before")
                }
            }
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
