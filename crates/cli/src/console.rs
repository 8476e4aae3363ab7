//! `dinie console link` and `dinie operator invite`: links that sign people in to the console.

use anyhow::{bail, ensure};
use app::mails::MailMode;
use app::people::invitations::{self, Invite, InviteRefused};
use clap::Subcommand;
use domain::access::{EntryPurpose, RoleNames};
use domain::credential::{Environment, Maker};
use domain::person::Email;
use server::clock::Clock;
use server::config::{Config, Flags};
use server::state::lender_of;
use store::{Failed, Store};
use tools::say;

use super::access::opened;

#[derive(Debug, Subcommand)]
pub(super) enum ConsoleCommand {
    /// Print a link that signs in to a sandbox's console. It works once, for ten minutes.
    Link {
        /// The address of the person to sign in (default: the sandbox's administrator).
        #[arg(long, value_parser = email)]
        email: Option<Email>,
    },
}

pub(super) fn email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|error| error.to_string())
}

pub(super) async fn console(flags: &Flags, command: ConsoleCommand) -> anyhow::Result<()> {
    let ConsoleCommand::Link { email } = command;
    let (config, store) = opened(flags).await?;
    ensure!(
        config.environment == Environment::Sandbox,
        "production has no such links: dinie operator invite sends an invitation"
    );
    let now = Clock::System.now();
    let secret = match email {
        None => {
            let roles = config.roles.names();
            store.write(move |tx| invitations::administrator_link(tx, now, &roles)).await?
        }
        Some(email) => match store.write(move |tx| invitations::link_for(tx, now, &email)).await {
            Ok(secret) => secret,
            Err(Failed::Store(error)) => return Err(error.into()),
            Err(Failed::Refused(app::NotFound)) => {
                bail!("nobody has this address; dinie operator invite adds people")
            }
        },
    };
    print_link(&config, &secret, EntryPurpose::SignIn);
    Ok(())
}

/// Invites a person to the console.
pub(super) async fn invite(
    (config, store): (Config, Store), (name, email): (String, Email), roles: RoleNames,
) -> anyhow::Result<()> {
    let now = Clock::System.now();
    let command = Invite { name, email, roles, team: None, created_by: Maker::CommandLine };
    let (lender, to) = (lender_of(&config, &own_address(&config)), command.email.clone());
    let mode = lender.mail_mode;
    match store.write(move |tx| invitations::invite(tx, now, &command, &lender)).await {
        Ok((operator, secret)) => {
            say(&format!("operator  {}", operator.id));
            match mode {
                MailMode::Send => say(&format!("the server sends the invitation to {to}")),
                MailMode::Keep => print_link(&config, &secret, EntryPurpose::Invitation),
            }
            Ok(())
        }
        Err(Failed::Store(error)) => Err(error.into()),
        Err(Failed::Refused(InviteRefused::Taken)) => bail!("a person with this address exists"),
    }
}

/// The address of a server that has none in its configuration.
fn own_address(config: &Config) -> String {
    format!("http://{}", config.listen)
}

fn print_link(config: &Config, secret: &str, purpose: EntryPurpose) {
    let link = lender_of(config, &own_address(config)).links.console_entry(secret);
    let minutes = purpose.validity().as_secs() / 60;
    let time = if minutes < 60 { format!("{minutes} minutes") } else { format!("{} hours", minutes / 60) };
    say(&format!("link      {link}\n(it works once, for {time})"));
}
