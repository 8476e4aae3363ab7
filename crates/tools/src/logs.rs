//! `dinie logs tail`: the partner's requests with their answers, as they arrive at the server.

use std::collections::HashSet;
use std::time::Duration;

use clap::{Args, Subcommand};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::sync::watch;

use crate::access::AccessFlags;
use crate::output::{Output, OutputFlags, bad};
use crate::partner::{ApiGeneration, Partner, text};
use crate::say;

/// Time between two requests for the log, which is written once a second.
const PAUSE: Duration = Duration::from_secs(1);
/// Entries that are remembered, so that none is printed twice.
const REMEMBERED: usize = 10_000;

/// The commands of the request log.
#[derive(Subcommand)]
pub enum LogsCommand {
    /// Follow the requests of the partner.
    Tail(TailArgs),
}

/// The arguments of the command.
#[derive(Args)]
pub struct TailArgs {
    /// Only answers with this status or of this class, such as 404 or 4xx.
    #[arg(long, value_name = "STATUS")]
    status: Option<String>,
    /// Only requests with this method.
    #[arg(long)]
    method: Option<String>,
    /// Only requests to this path, with its parameters in braces.
    #[arg(long, value_name = "PATH")]
    route: Option<String>,
    /// Only requests that name this resource, or whose answer does.
    #[arg(long, value_name = "ID")]
    resource_id: Option<String>,
    /// Prints so many earlier requests first.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    last: u8,
    #[command(flatten)]
    output: OutputFlags,
    #[command(flatten)]
    access: AccessFlags,
}

/// Prints requests until `stop` turns true. With `--output json` each is a line.
pub async fn run(command: &LogsCommand, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let LogsCommand::Tail(args) = command;
    tokio::select! {
        ended = follow(args) => ended,
        _stopped = stop.wait_for(|stopped| *stopped) => Ok(()),
    }
}

async fn follow(args: &TailArgs) -> anyhow::Result<()> {
    let access = args.access.access()?;
    let base = format!("{}{}", access.url, ApiGeneration::Reference.base());
    let sign_in = async || Partner::sign_in(&base, &access.client_id, &access.client_secret).await;
    let mut partner = sign_in().await?;
    let mut seen = Seen::default();
    let mut first = Some(usize::from(args.last));
    loop {
        let new = match args.newest(&partner, &seen).await {
            Err(error) if crate::failure::answered(&error) == Some(401) => {
                partner = sign_in().await?;
                args.newest(&partner, &seen).await?
            }
            found => found?,
        };
        // The first answer has the requests before the command.
        let shown = first.take().map_or(new.len(), |last| last.min(new.len()));
        for (place, entry) in new.iter().enumerate().rev() {
            seen.add(&text(entry, "id")?);
            if place < shown && !is_own(entry) {
                args.print(entry);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

impl TailArgs {
    /// The entries that have not been seen, newest first.
    async fn newest(&self, partner: &Partner, seen: &Seen) -> anyhow::Result<Vec<Value>> {
        let (mut new, mut after) = (Vec::new(), None::<String>);
        loop {
            let from = after.map_or_else(String::new, |after| format!("&starting_after={after}"));
            let page = partner.get(&format!("/requests?limit=100{}{from}", self.filters())).await?;
            let entries: Vec<Value> = page["data"].as_array().cloned().into_iter().flatten().collect();
            let count = entries.len();
            let unseen = entries.into_iter().take_while(|entry| !seen.has(entry));
            let before = new.len();
            new.extend(unseen);
            let is_known = new.len() - before < count;
            after = page["next_starting_after"].as_str().map(str::to_owned);
            let is_over = is_known || page["has_more"] != true || after.is_none() || seen.is_empty();
            if is_over {
                return Ok(new);
            }
        }
    }

    fn filters(&self) -> String {
        let filters = [
            ("status", &self.status),
            ("method", &self.method),
            ("route", &self.route),
            ("resource_id", &self.resource_id),
        ];
        let given = filters.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
        let pair = |(name, value): (&&str, &String)| {
            format!("&{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC))
        };
        given.map(pair).collect::<Vec<String>>().concat()
    }

    fn print(&self, entry: &Value) {
        match self.output.or(Output::Table) {
            Output::Json => say(&entry.to_string()),
            Output::Table => say(&line(entry)),
        }
    }
}

/// Whether an entry is a request of this command, which would follow itself.
fn is_own(entry: &Value) -> bool {
    entry["user_agent"] == "dinie"
        && entry["route"].as_str().is_some_and(|route| route.ends_with("/requests"))
}

fn line(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or("-");
    let took = entry["duration_us"].as_u64().map_or("-".to_owned(), |took| (took / 1_000).to_string());
    let (at, method, path, id) = (text("created_at"), text("method"), text("path"), text("request_id"));
    let code = entry["problem"]["code"].as_str().map_or_else(String::new, |code| format!("  {code}"));
    let status = &entry["status_code"];
    let line = format!("{at}  {status}  {method:<6} {path}  {took} ms  {id}{code}");
    if status.as_u64().is_some_and(|status| status >= 400) { bad(&line) } else { line }
}

/// The entries that were read.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    /// The same ids, oldest first.
    order: std::collections::VecDeque<String>,
}

impl Seen {
    fn has(&self, entry: &Value) -> bool {
        entry["id"].as_str().is_some_and(|id| self.ids.contains(id))
    }

    fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn add(&mut self, id: &str) {
        if self.ids.insert(id.to_owned()) {
            self.order.push_back(id.to_owned());
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }
}
