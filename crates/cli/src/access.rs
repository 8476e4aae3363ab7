//! `dinie partner create`, `dinie credential create`, `dinie keys rotate`. They work while a server runs.

use anyhow::{bail, ensure};
use app::partners::credentials::{CreateCredential, CreateCredentialRefused, MOST_ACTIVE};
use clap::Subcommand;
use domain::credential::{Maker, Scope};
use domain::id::PartnerId;
use serde_json::json;
use server::clock::Clock;
use server::config::{Config, Flags};
use server::state::{OpenFor, claim_environment, open_store};
use store::Failed;
use tools::say;

#[derive(Debug, Subcommand)]
pub(super) enum PartnerCommand {
    /// Make a partner.
    Create {
        /// The partner's name.
        #[arg(long)]
        name: String,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum CredentialCommand {
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
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Sign access tokens with a new key. The present key still verifies tokens for one hour.
    Rotate,
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
    let PartnerCommand::Create { name, json } = command;
    let (name, store, now) = (checked_name(&name)?, opened(flags).await?.1, Clock::System.now());
    let partner = store.write(move |tx| app::partners::create(tx, now, &name)).await?;
    if json {
        say(&json!({ "id": partner.id.to_string(), "name": partner.name }).to_string());
    } else {
        say(&format!("partner  {}  {}", partner.id, partner.name));
    }
    Ok(())
}

pub(super) async fn credential(flags: &Flags, command: CredentialCommand) -> anyhow::Result<()> {
    let CredentialCommand::Create { partner, name, scope, json } = command;
    let name = checked_name(&name)?;
    let (config, store) = opened(flags).await?;
    let now = Clock::System.now();
    let command = CreateCredential {
        environment: config.environment,
        name,
        scope,
        expires_at: None,
        created_by: Maker::CommandLine,
    };
    let created = store.write(move |tx| app::partners::credentials::create(tx, partner, now, &command)).await;
    let created = match created {
        Ok(created) => created,
        Err(Failed::Store(error)) => return Err(error.into()),
        Err(Failed::Refused(CreateCredentialRefused::NotFound)) => bail!("there is no partner {partner}"),
        Err(Failed::Refused(CreateCredentialRefused::TooMany)) => {
            bail!("the partner has {MOST_ACTIVE} active credentials; revoke one first")
        }
        Err(Failed::Refused(CreateCredentialRefused::AlreadyOver)) => bail!("the expiry has passed"),
        Err(Failed::Refused(CreateCredentialRefused::MakerEnded)) => bail!("the maker is revoked"),
    };
    let (id, secret) = (created.credential.client_id.to_string(), created.secret);
    if json {
        let scope = created.credential.terms.scope.name();
        say(&json!({ "client_id": id, "client_secret": secret, "scope": scope }).to_string());
    } else {
        say(&format!("client_id      {id}\nclient_secret  {secret}\n(the secret is shown only now)"));
    }
    Ok(())
}

pub(super) async fn keys(flags: &Flags, KeysCommand::Rotate: KeysCommand) -> anyhow::Result<()> {
    let (_config, store) = opened(flags).await?;
    let now = Clock::System.now();
    let key = store.write(move |tx| app::partners::signing_keys::rotate(tx, now)).await?;
    say(&format!("{} signs from now on (running servers notice within 30 s)", key.id));
    Ok(())
}

pub(super) async fn opened(flags: &Flags) -> anyhow::Result<(Config, store::Store)> {
    let config = Config::load(flags)?;
    let store = open_store(&config, OpenFor::Command).await?;
    claim_environment(&store, config.environment).await?;
    Ok((config, store))
}
