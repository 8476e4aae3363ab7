//! `dinie partner create|list`, `dinie credential create|list`. They work while a server runs.

use anyhow::{bail, ensure};
use app::partners::credentials::{self, CreateCredential, CreateCredentialRefused, MOST_ACTIVE};
use app::{Failed, ListRefused};
use clap::Subcommand;
use domain::credential::{Maker, Scope};
use domain::id::PartnerId;
use domain::page::{Limit, Order, Page};
use serde_json::{Value, json};
use server::clock::Clock;
use server::config::{Config, Flags};
use server::state::{OpenFor, claim_environment, open_store};
use store::{Cursor, Store, Tx};
use tools::failure::Failure;
use tools::output::{Output, OutputFlags, say_rows, say_value};
use tools::say;
use wire::operator::partner as shown;

#[derive(Debug, Subcommand)]
pub(crate) enum PartnerCommand {
    /// Make a partner.
    Create {
        /// The partner's name.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// List the partners, oldest first.
    List {
        #[command(flatten)]
        output: OutputFlags,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    /// Make a credential. Its secret is shown only now.
    Create {
        /// The partner's id.
        #[arg(long)]
        partner: PartnerId,
        /// The credential's name.
        #[arg(long)]
        name: String,
        /// partner, or biometrics:exchange for a KYC application.
        #[arg(long, default_value = "partner", value_parser = scope)]
        scope: Scope,
        #[command(flatten)]
        output: OutputFlags,
    },
    /// List the credentials of a partner, oldest first, also those that have ended.
    List {
        /// The partner's id.
        #[arg(long)]
        partner: PartnerId,
        #[command(flatten)]
        output: OutputFlags,
    },
}

fn scope(text: &str) -> Result<Scope, String> {
    text.parse().map_err(|_| "the scope is partner or biometrics:exchange".to_owned())
}

pub(super) fn checked_name(name: &str) -> anyhow::Result<String> {
    let name = name.trim();
    ensure!((1..=100).contains(&name.chars().count()), "a name has 1 to 100 characters");
    domain::visible::check_name(name).map_err(|unfit| anyhow::anyhow!("a name {unfit}"))?;
    Ok(name.to_owned())
}

pub(super) async fn partner(flags: &Flags, command: PartnerCommand) -> anyhow::Result<()> {
    let now = Clock::System.now();
    match command {
        PartnerCommand::Create { name, output } => {
            let (name, store) = (checked_name(&name)?, opened(flags).await?.1);
            let partner = store.write(move |tx| app::partners::create(tx, now, &name)).await?;
            let (id, name) = (partner.id, partner.name);
            match output.or(Output::Table) {
                Output::Table => say(&format!("partner  {id}  {name}")),
                json @ Output::Json => {
                    say_value(&json!(shown::Partner::new(id, name, partner.created_at)), json);
                }
            }
        }
        PartnerCommand::List { output } => {
            let store = opened(flags).await?.1;
            let partners = whole_list(&store, app::partners::list, |partner| partner.id).await?;
            let show = |partner: app::partners::Partner| {
                json!(shown::Partner::new(partner.id, partner.name, partner.created_at))
            };
            let rows: Vec<Value> = partners.into_iter().map(show).collect();
            say_rows(&rows, &["id", "name", "created_at"], output.or(Output::Table));
        }
    }
    Ok(())
}

pub(super) async fn credential(flags: &Flags, command: CredentialCommand) -> anyhow::Result<()> {
    match command {
        CredentialCommand::Create { partner, name, scope, output } => {
            let (config, store) = opened(flags).await?;
            let command = CreateCredential {
                environment: config.environment,
                name: checked_name(&name)?,
                scope,
                expires_at: None,
                created_by: Maker::CommandLine,
            };
            create_credential(&store, partner, command, output.or(Output::Table)).await
        }
        CredentialCommand::List { partner, output } => {
            list_credentials(&opened(flags).await?.1, partner, output.or(Output::Table)).await
        }
    }
}

async fn create_credential(
    store: &Store, partner: PartnerId, command: CreateCredential, output: Output,
) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let created = store.write(move |tx| credentials::create(tx, partner, now, &command)).await;
    let created = match created {
        Ok(created) => created,
        Err(Failed::Store(error)) => return Err(error.into()),
        Err(Failed::Refused(CreateCredentialRefused::NotFound)) => return Err(no_partner(partner).into()),
        Err(Failed::Refused(CreateCredentialRefused::TooMany)) => {
            bail!("the partner has {MOST_ACTIVE} active credentials; revoke one first")
        }
        Err(Failed::Refused(CreateCredentialRefused::AlreadyOver)) => bail!("the expiry has passed"),
        Err(Failed::Refused(CreateCredentialRefused::MakerEnded)) => bail!("the maker is revoked"),
    };
    let (id, secret) = (created.credential.client_id, created.secret);
    match output {
        Output::Table => {
            say(&format!("client_id      {id}\nclient_secret  {secret}\n(the secret is shown only now)"));
        }
        json @ Output::Json => {
            let shown = shown::Credential::of(&created.credential, now).with_secret(secret);
            say_value(&json!(shown), json);
        }
    }
    Ok(())
}

async fn list_credentials(store: &Store, partner: PartnerId, output: Output) -> anyhow::Result<()> {
    let now = Clock::System.now();
    if store.look_up(move |tx| app::partners::find(tx, partner)).await?.is_none() {
        return Err(no_partner(partner).into());
    }
    let list = move |tx: &mut Tx<'_>, cursor: &Cursor<_>| credentials::list(tx, partner, cursor);
    let all = whole_list(store, list, |credential| credential.client_id).await?;
    let rows: Vec<Value> =
        all.iter().map(|credential| json!(shown::Credential::of(credential, now))).collect();
    let columns = ["client_id", "name", "scope", "status", "last_used_at", "expires_at", "created_at"];
    say_rows(&rows, &columns, output);
    Ok(())
}

fn no_partner(partner: PartnerId) -> Failure {
    Failure::NotFound(format!("there is no partner {partner}; `dinie partner list` shows them"))
}

/// All readable items of a list, oldest first.
async fn whole_list<T: Send + 'static, I: Copy + Send + Sync + 'static>(
    store: &Store,
    list: impl Fn(&mut Tx<'_>, &Cursor<I>) -> Result<Page<T>, Failed<ListRefused>> + Copy + Send + Sync + 'static,
    id: impl Fn(&T) -> I,
) -> anyhow::Result<Vec<T>> {
    let mut cursor = Cursor { order: Order::Ascending, ..Cursor::first(Limit::MOST) };
    let mut all = Vec::new();
    loop {
        let after = Cursor { ..cursor };
        let page = match store.list(move |tx| list(tx, &after)).await {
            Ok(page) => page,
            Err(Failed::Store(error)) => return Err(error.into()),
            Err(Failed::Refused(ListRefused::NotFound | ListRefused::InvalidCursor)) => return Ok(all),
        };
        cursor.after = page.items.last().map(&id);
        all.extend(page.items);
        if !page.has_more || cursor.after.is_none() {
            return Ok(all);
        }
    }
}

pub(super) async fn opened(flags: &Flags) -> anyhow::Result<(Config, store::Store)> {
    let config = Config::load_in_use(flags)?;
    let store = open_store(&config, OpenFor::Command).await?;
    claim_environment(&store, config.environment).await?;
    Ok((config, store))
}
