//! `dinie listen`: forwards a partner's events to a program on this machine as they happen.
//!
//! The server never connects to this machine. The command requests the events, and signs and posts each one as the
//! server would post it to an endpoint. Events of one resource keep their order, and others do not wait for them. It survives restarts of the server and of the program.

mod feed;
mod forward;
mod lanes;

use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use domain::time::Timestamp;
use domain::webhook::pattern::{Pattern, subscribes_to};
use domain::webhook::signature::Secret;
use tokio::sync::watch;
use url::Url;
use wire::generations::event_names;

use self::feed::Feed;
use self::forward::Forwarder;
use self::lanes::Lanes;
use crate::access::AccessFlags;
use crate::client::Certificates;
use crate::clock::real_now;
use crate::failure::{Failure, answered};
use crate::hint::did_you_mean;
use crate::partner::ApiGeneration;
use crate::profile::Profiles;
use crate::random::Random;
use crate::signed::secret_of;
use crate::{say, say_error};

/// Time between two requests for events.
const PAUSE: Duration = Duration::from_millis(500);

/// The arguments of the command.
#[derive(Args)]
pub struct ListenArgs {
    /// The receiver: a URL such as http://localhost:9000/webhooks, or a port of this machine.
    #[arg(long, value_name = "URL", required_unless_present = "print_secret")]
    forward_to: Option<String>,
    /// Names or patterns of events, separated by commas (default: all).
    #[arg(long, value_name = "PATTERNS", value_delimiter = ',')]
    events: Vec<String>,
    /// Begins with the events since a moment, such as 2026-11-27T12:00:00Z or 2h (default: the next event).
    #[arg(long, value_name = "MOMENT")]
    since: Option<String>,
    /// Accepts any certificate of the receiver.
    #[arg(long)]
    skip_verify: bool,
    /// Only prints the secret with which the events are signed. It stays the same for a profile.
    #[arg(long)]
    print_secret: bool,
    /// The API generation of the events.
    #[arg(long, value_enum, default_value = "reference")]
    generation: ApiGeneration,
    #[command(flatten)]
    access: AccessFlags,
}

/// Forwards events until `stop` turns true.
pub async fn run(args: &ListenArgs, mut stop: watch::Receiver<bool>) -> anyhow::Result<()> {
    let Some(receiver) = args.forward_to.as_ref().filter(|_| !args.print_secret) else {
        say(&own_secret(args.access.profile_name())?.reveal());
        return Ok(());
    };
    let (patterns, target) = (patterns(args)?, target(receiver)?);
    let since = args.since.as_deref().map(since).transpose()?;
    let mut feed = Feed::begin(args.access.access()?, args.generation, since).await?;
    let certificates = if args.skip_verify { Certificates::Any } else { Certificates::Trusted };
    let secret = own_secret(args.access.profile_name()).unwrap_or_else(|error| {
        say_error(&format!("this secret is for this run only, because it cannot be kept: {error:#}"));
        new_secret()
    });
    let forwarder = Arc::new(Forwarder::new(target, secret, certificates)?);
    introduce(&forwarder, &feed, &args.events);
    let mut lanes = Lanes::start(&forwarder);
    tokio::select! {
        ended = follow(&mut feed, &mut lanes, &patterns) => ended,
        _stopped = stop.wait_for(|stopped| *stopped) => {
            say("Stopped.");
            Ok(())
        }
    }
}

/// The secret of a profile. The first use makes and keeps it, so the receiver needs it only once.
fn own_secret(profile: &str) -> anyhow::Result<Secret> {
    let mut profiles = Profiles::read()?;
    if let Some(text) = profiles.find(profile).and_then(|profile| profile.listen_secret.as_deref()) {
        let path = profiles.path().display().to_string();
        return secret_of(text).ok_or_else(|| {
            Failure::Settings(format!("{path}: listen_secret of {profile} is no whsec_…")).into()
        });
    }
    let secret = new_secret();
    profiles.change(profile, |profile| profile.listen_secret = Some(secret.reveal()))?;
    Ok(secret)
}

fn new_secret() -> Secret {
    Secret::new(Random::open().bytes())
}

/// The moment of a text: a moment, or a span before now.
fn since(text: &str) -> anyhow::Result<Timestamp> {
    let now = jiff::Timestamp::from_microsecond(real_now().unmoved().seconds() * 1_000_000)?;
    let at = match (text.parse::<jiff::Timestamp>(), text.parse::<jiff::SignedDuration>()) {
        (Ok(at), _) => at,
        (Err(_), Ok(span)) => now.checked_sub(span)?,
        (Err(_), Err(_)) => {
            let why =
                format!("--since {text} is no moment such as 2026-11-27T12:00:00Z, and no span such as 2h");
            return Err(Failure::Usage(why).into());
        }
    };
    Ok(Timestamp::from_seconds(at.as_second()))
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

/// Gives new events to the lanes until an error occurs that waiting cannot repair.
async fn follow(feed: &mut Feed, lanes: &mut Lanes, patterns: &[Pattern]) -> anyhow::Result<()> {
    let mut answering = true;
    loop {
        match feed.new_events().await {
            Ok(events) => {
                if !answering {
                    say("The server answers again.");
                }
                answering = true;
                for event in events.into_iter().filter(|event| subscribes_to(patterns, &event.r#type)) {
                    lanes.give(event).await?;
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
