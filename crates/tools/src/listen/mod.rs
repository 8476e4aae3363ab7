//! `dinie listen`: forwards a partner's events to a program on this machine as they happen.
//!
//! The server never connects to this machine. The command requests the events, and signs and posts each one as the
//! server would post it to an endpoint. It survives restarts of the server and of the program.

mod feed;
mod forward;

use std::time::Duration;

use clap::Args;
use domain::webhook::pattern::{Pattern, subscribes_to};
use tokio::sync::watch;
use url::Url;
use wire::generations::event_names;

use self::feed::Feed;
use self::forward::{Forwarded, Forwarder};
use crate::access::AccessFlags;
use crate::failure::{Failure, answered};
use crate::hint::did_you_mean;
use crate::partner::{ApiGeneration, iso};
use crate::say;

/// Time between two requests for events.
const PAUSE: Duration = Duration::from_millis(500);

/// The arguments of the command.
#[derive(Args)]
pub struct ListenArgs {
    /// The receiver: a URL such as http://localhost:9000/webhooks, or a port of this machine.
    #[arg(long, value_name = "URL")]
    forward_to: String,
    /// Names or patterns of events, separated by commas (default: all).
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    events: Vec<String>,
    /// The API generation of the events.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    #[command(flatten)]
    access: AccessFlags,
}

/// Forwards events until `stop` turns true.
pub async fn run(args: &ListenArgs, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let (patterns, target) = (patterns(args)?, target(&args.forward_to)?);
    let mut feed = Feed::begin(args.access.access()?, args.generation).await?;
    let forwarder = Forwarder::new(target)?;
    introduce(&forwarder, &feed, &args.events);
    tokio::select! {
        ended = follow(&mut feed, &forwarder, &patterns) => ended,
        _stopped = stop.wait_for(|stopped| *stopped) => {
            say("Stopped.");
            Ok(())
        }
    }
}

fn patterns(args: &ListenArgs) -> anyhow::Result<Vec<Pattern>> {
    let names = event_names(args.generation.to_domain());
    let read = |text: &String| {
        Pattern::parse(text.trim(), names).map_err(|_unknown| {
            let hint = did_you_mean(text, names.iter().copied());
            let known = names.join(", ");
            Failure::Usage(format!("--events {text}{hint}; there are {known}, and loan.* and the like"))
                .into()
        })
    };
    args.events.iter().map(read).collect()
}

/// The receiver's URL. A port alone, with or without a path, is one of this machine: a URL would read it as an address.
fn target(text: &str) -> anyhow::Result<Url> {
    let wrong = |why: &str| Failure::Usage(format!("--forward-to {text} {why}"));
    let (host, path) = text.split_at(text.find('/').unwrap_or(text.len()));
    let port = host.strip_prefix(':').unwrap_or(host);
    let whole = match port.parse::<u16>() {
        _any if text.contains("://") => text.to_owned(),
        Ok(port) => format!("http://127.0.0.1:{port}{path}"),
        Err(_not_a_port) => format!("http://{text}"),
    };
    let url =
        Url::parse(&whole).map_err(|_no_url| wrong("is no URL such as http://localhost:9000/webhooks"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("must begin with http:// or https://").into());
    }
    Ok(url)
}

fn introduce(forwarder: &Forwarder, feed: &Feed, events: &[String]) {
    let wanted = if events.is_empty() { "all events".to_owned() } else { events.join(", ") };
    say(&format!("Listening to {wanted} of {}", feed.base()));
    say(&format!("Forwarding to {}, signed with", forwarder.target()));
    say(&format!("\n    {}\n", forwarder.secret()));
    say("Ctrl-C ends it.\n");
}

/// Forwards events until an error occurs that waiting cannot repair.
async fn follow(feed: &mut Feed, forwarder: &Forwarder, patterns: &[Pattern]) -> anyhow::Result<()> {
    let mut answering = true;
    loop {
        match feed.new_events().await {
            Ok(events) => {
                if !answering {
                    say("The server answers again.");
                }
                answering = true;
                for event in events.iter().filter(|event| subscribes_to(patterns, &event.r#type)) {
                    let forwarded = forwarder.forward(event).await?;
                    say(&line(&iso(event.moment()?), &event.r#type, &event.id, &forwarded));
                }
            }
            Err(error) if will_pass(&error) => {
                if answering {
                    say(&format!("The server does not answer; trying again. ({error:#})"));
                }
                answering = false;
            }
            Err(error) => return Err(error),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether a request is worth repeating: the server is away, overloaded or failing.
fn will_pass(error: &anyhow::Error) -> bool {
    answered(error).is_none_or(|status| matches!(status, 408 | 429 | 500..))
}

fn line(at: &str, kind: &str, id: &str, forwarded: &Forwarded) -> String {
    let took = forwarded.took.as_millis();
    let line = format!("{at}  {kind:<24}  {id}  {:<11}  {took:>5} ms", forwarded.outcome);
    match forwarded.given_up_after {
        None => line,
        Some(attempts) => format!("{line}  given up after {attempts} attempts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_a_port_of_this_machine() {
        for (text, url) in [
            ("9000", "http://127.0.0.1:9000/"),
            (":9000", "http://127.0.0.1:9000/"),
            ("9000/webhooks", "http://127.0.0.1:9000/webhooks"),
            ("localhost:9000/webhooks", "http://localhost:9000/webhooks"),
            ("https://example.com/in", "https://example.com/in"),
        ] {
            assert_eq!(target(text).unwrap().as_str(), url, "{text}");
        }
        assert!(target("ftp://localhost/").is_err() && target("a b").is_err());
    }
}
