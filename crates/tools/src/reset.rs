//! `dinie reset`: deletes everything of a partner's customers in a running sandbox.

use clap::Args;
use serde_json::json;

use crate::access::AccessFlags;
use crate::failure::Failure;
use crate::partner::{ApiGeneration, Partner};
use crate::say_error;

/// The arguments of the command.
#[derive(Args)]
pub struct ResetArgs {
    /// Confirms that every customer, loan and event of the partner is deleted.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    access: AccessFlags,
}

/// Resets the sandbox of the credential's partner.
pub async fn run(args: &ResetArgs) -> anyhow::Result<()> {
    let access = args.access.access()?;
    if !access.client_id.starts_with("dinie_ci_test_") {
        let why = "only a sandbox can be reset, so the command needs a sandbox's credential: dinie_ci_test_…";
        return Err(Failure::Usage(why.to_owned()).into());
    }
    if !args.yes {
        let why = "every customer, loan and event of the partner would be deleted, on every clock: add --yes";
        return Err(Failure::Usage(why.to_owned()).into());
    }
    let base = format!("{}{}", access.url, ApiGeneration::Reference.base());
    let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
    partner.at(format!("{}/sandbox", access.url), None).post("/reset", &json!({}), 204).await?;
    say_error("the sandbox was reset: its customers, events and further clocks are gone");
    Ok(())
}
