//! `dinie login`, `dinie logout` and `dinie profiles`: the credentials of a person on this machine.
//!
//! The command shows a code. A person confirms it in the dashboard, and the command receives a credential for its profile.
//! So nobody copies a secret, and the person's password stays in the browser.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::access::{DEFAULT_URL, server};
use crate::client::{CommandClient, command_client};
use crate::failure::Failure;
use crate::output::{Output, OutputFlags, good, say_rows};
use crate::partner::{answered_json, text};
use crate::profile::{DEFAULT, Profile, Profiles};
use crate::{say, say_error};

/// The arguments of `dinie login`.
#[derive(Debug, Args)]
pub struct LoginArgs {
    /// The server (default: the profile's, or http://127.0.0.1:8080).
    #[arg(long, env = "DINIE_URL")]
    url: Option<String>,
    /// The profile that receives the credential.
    #[arg(long, env = "DINIE_PROFILE", value_name = "NAME", default_value = DEFAULT)]
    profile: String,
    /// The name that the dashboard shows (default: the name of this machine).
    #[arg(long)]
    name: Option<String>,
}

/// The arguments of `dinie logout`.
#[derive(Debug, Args)]
pub struct LogoutArgs {
    /// The profile to remove.
    #[arg(long, env = "DINIE_PROFILE", value_name = "NAME", default_value = DEFAULT)]
    profile: String,
}

/// The arguments of `dinie profiles`.
#[derive(Debug, Clone, Copy, Args)]
pub struct ProfilesArgs {
    #[command(flatten)]
    output: OutputFlags,
}

/// Waits until a person confirms the code, and keeps the credential.
pub async fn login(args: &LoginArgs) -> anyhow::Result<()> {
    check_name(&args.profile)?;
    let mut profiles = Profiles::read()?;
    let kept = profiles.find(&args.profile).and_then(|profile| profile.url.clone());
    let url = server(args.url.as_deref().or(kept.as_deref()).unwrap_or(DEFAULT_URL))?;
    let client = command_client()?;
    let name = args.name.clone().unwrap_or_else(machine);
    let (_status, begun) = post(&client, &url, "/login/program", &json!({"name": name})).await?;
    say_error(&format!("Open this page, and compare the code:\n\n    {}\n", text(&begun, "url")?));
    say_error(&format!(
        "    code  {}\n\nIt works for ten minutes. Ctrl-C ends the wait.",
        good(&text(&begun, "code")?)
    ));
    let made = collected(&client, &url, &begun).await?;
    let (client_id, client_secret) = (text(&made, "client_id")?, text(&made, "client_secret")?);
    let (partner, partner_id) = (text(&made, "partner_name")?, text(&made, "partner_id")?);
    profiles.change(&args.profile, |profile| {
        *profile = Profile {
            url: Some(url.clone()),
            client_id: Some(client_id.clone()),
            client_secret: Some(client_secret),
            partner: Some(format!("{partner} ({partner_id})")),
            listen_secret: profile.listen_secret.take(),
        };
    })?;
    say(&format!("{} as {partner} at {url}", good("Signed in")));
    say(&format!(
        "The profile {} has the credential {client_id}: {}",
        args.profile,
        profiles.path().display()
    ));
    Ok(())
}

/// Asks for the credential until it is there.
async fn collected(client: &CommandClient, url: &str, begun: &Value) -> anyhow::Result<Value> {
    let seconds =
        |key: &str| begun[key].as_u64().map(Duration::from_secs).with_context(|| format!("no {key}"));
    let (began, validity, pause) = (Instant::now(), seconds("expires_in")?, seconds("interval")?);
    let question = json!({"secret": begun["secret"]});
    while began.elapsed() < validity {
        let (status, answer) = post(client, url, "/login/program/credential", &question).await?;
        if status == 200 {
            return Ok(answer);
        }
        tokio::time::sleep(pause).await;
    }
    bail!("nobody has confirmed the code in time; run the command again")
}

async fn post(client: &CommandClient, url: &str, path: &str, body: &Value) -> anyhow::Result<(u16, Value)> {
    let request = client.post(format!("{url}{path}")).header("content-type", "application/json");
    answered_json(request.body(body.to_string()), url, &format!("POST {path}")).await
}

/// Removes a profile.
pub fn logout(args: &LogoutArgs) -> anyhow::Result<()> {
    let mut profiles = Profiles::read()?;
    let client = profiles.named(&args.profile)?.client_id.clone();
    profiles.remove(&args.profile)?;
    say(&format!("The profile {} is removed.", args.profile));
    if let Some(client) = client {
        say(&format!("Its credential still works; the dashboard revokes it: {client}"));
    }
    Ok(())
}

/// Lists the profiles, without secrets.
pub fn list(args: ProfilesArgs) -> anyhow::Result<()> {
    let profiles = Profiles::read()?;
    let row = |(name, profile): (&String, &Profile)| json!({"profile": name, "url": profile.url, "partner": profile.partner, "client_id": profile.client_id});
    let rows: Vec<Value> = profiles.all().map(row).collect();
    say_rows(&rows, &["profile", "url", "partner", "client_id"], args.output.or(Output::Table));
    Ok(())
}

fn check_name(name: &str) -> Result<(), Failure> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    if !name.is_empty() && name.chars().all(is_plain) {
        return Ok(());
    }
    Err(Failure::Usage(format!("--profile {name:?} must have letters, digits, - and _ only")))
}

/// The name of this machine, for the person who confirms.
fn machine() -> String {
    let named = std::fs::read_to_string("/etc/hostname").ok();
    let name = named.as_deref().map(str::trim).filter(|name| !name.is_empty()).unwrap_or("dinie");
    name.chars().take(60).collect()
}
