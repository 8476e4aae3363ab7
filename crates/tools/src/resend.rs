//! `dinie events resend`: delivers an event again, with the same body and the same `webhook-id`.

use clap::Args;
use serde_json::{Value, json};

use crate::access::AccessFlags;
use crate::failure::Failure;
use crate::output::{Output, OutputFlags, say_rows};
use crate::partner::{ApiGeneration, Partner, text};

/// The arguments of the command.
#[derive(Args)]
pub(crate) struct ResendArgs {
    /// The event's id, evt_….
    event: String,
    /// Only to this endpoint (default: every endpoint that has the event).
    #[arg(long, value_name = "ID")]
    webhook_endpoint: Option<String>,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    access: AccessFlags,
}

/// Makes every delivery of the event due at once, and prints them.
pub(crate) async fn run(args: &ResendArgs, generation: ApiGeneration) -> anyhow::Result<()> {
    let access = args.access.access()?;
    let base = format!("{}{}", access.url, generation.base());
    let partner = Partner::sign_in(&base, &access.client_id, &access.client_secret).await?;
    let event = partner.get(&format!("/events/{}", args.event)).await?;
    let endpoints = match &args.webhook_endpoint {
        Some(id) => vec![id.clone()],
        None => ids(&list(&partner, "/webhooks/endpoints?limit=100").await?)?,
    };
    let mut sent = Vec::new();
    for endpoint in endpoints {
        let path = format!("/webhooks/endpoints/{endpoint}/deliveries");
        let kind = text(&event, "type")?;
        let deliveries = list(&partner, &format!("{path}?limit=100&event_type={kind}")).await?;
        for delivery in deliveries.iter().filter(|delivery| delivery["event_id"] == *args.event) {
            let path = format!("{path}/{}/retry", text(delivery, "id")?);
            sent.push(partner.post(&path, &json!({}), 200).await?);
        }
    }
    if sent.is_empty() {
        let why = format!(
            "no endpoint has a delivery of {}; `dinie listen --since` sends old events too",
            args.event
        );
        return Err(Failure::NotFound(why).into());
    }
    say_rows(&sent, &["id", "event_id", "event_type", "status"], args.output.or(Output::Table));
    Ok(())
}

fn ids(items: &[Value]) -> anyhow::Result<Vec<String>> {
    items.iter().map(|item| text(item, "id")).collect()
}

/// All pages of a list.
async fn list(partner: &Partner, path: &str) -> anyhow::Result<Vec<Value>> {
    let mut items: Vec<Value> = Vec::new();
    loop {
        let after = items.last().map(|last| text(last, "id")).transpose()?;
        let after = after.map_or_else(String::new, |id| format!("&starting_after={id}"));
        let page = partner.get(&format!("{path}{after}")).await?;
        let found = page["data"].as_array().cloned().into_iter().flatten();
        let before = items.len();
        items.extend(found);
        if page["has_more"] != true || items.len() == before {
            return Ok(items);
        }
    }
}
