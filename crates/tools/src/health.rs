//! `dinie health`: asks a server whether it answers. An image without a shell and curl checks itself with it.

use clap::Args;
use reqwest::StatusCode;
use serde_json::Value;

use crate::access::{DEFAULT_URL, server};
use crate::client::{Certificates, client_with, is_this_machine};
use crate::failure::{Answered, Failure};
use crate::partner::sent;
use crate::say;

/// The arguments of the command.
#[derive(Args)]
pub struct HealthArgs {
    /// Ask whether the server is ready: its database accepts a write and has a schema that it can serve.
    #[arg(long)]
    ready: bool,
    /// The server.
    #[arg(long, env = "DINIE_URL", default_value = DEFAULT_URL)]
    url: String,
}

/// Asks the server and prints its answer. Fails if the server does not answer, or is not ready.
pub async fn run(args: &HealthArgs) -> anyhow::Result<()> {
    let url = server(&args.url)?;
    let path = if args.ready { "/ready" } else { "/health" };
    // The request has no secret, and a server's certificate names no loopback address.
    let accepted = if is_this_machine(&url) { Certificates::Any } else { Certificates::Trusted };
    let answer = sent(client_with(accepted)?.get(format!("{url}{path}")), &url).await?;
    let status = answer.status();
    let body = answer.text().await?;
    if status == StatusCode::OK {
        say(&body);
        return Ok(());
    }
    let problem = serde_json::from_str(&body).unwrap_or(Value::String(body));
    let answered = Answered { request: format!("GET {path}"), status: status.as_u16(), problem };
    Err(Failure::Answered(answered).into())
}
