//! `dinie serve`.

use server::clock::Clock;
use server::config::{Config, Flags};
use server::serve::{FirstCredential, Server};
use server::telemetry;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tools::say;

pub(super) async fn run(flags: &Flags) -> anyhow::Result<()> {
    telemetry::start_logging();
    let config = Config::load(flags)?;
    let server = Server::open(config, Clock::System).await?;
    let base = format!("http://{}", server.address());
    if let Some(credential) = server.first_credential().await? {
        introduce(&base, &credential);
    }
    if let Some(link) = server.first_link().await? {
        say("  Sign in to the operators' console. The link works once, for ten minutes:");
        say("");
        say(&format!("    {link}"));
        say("");
        say("  dinie console link makes another one.");
        say("");
    }
    tracing::info!(
        environment = server.state().config.environment.name(),
        database = server.state().store.engine_name(),
        address = %server.address(),
        "the server listens"
    );
    server.run(stop_on_signal()?).await?;
    tracing::info!("the server has stopped");
    Ok(())
}

/// Turns true on SIGTERM or Ctrl-C.
pub(super) fn stop_on_signal() -> anyhow::Result<watch::Receiver<bool>> {
    let (stop, stopped) = watch::channel(false);
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::spawn(async move {
        tokio::select! {
            _received = terminate.recv() => {}
            _received = interrupt.recv() => {}
        }
        tracing::info!("stop requested; requests under way are completed");
        let _nobody_waits = stop.send(true);
    });
    Ok(stopped)
}

/// Prints a new sandbox's credential, once.
fn introduce(base: &str, credential: &FirstCredential) {
    let FirstCredential { partner, client_id, client_secret } = credential;
    say("");
    say("  A new sandbox. Its first credential, shown only now:");
    say("");
    say(&format!("    partner        {partner}"));
    say(&format!("    client_id      {client_id}"));
    say(&format!("    client_secret  {client_secret}"));
    say("");
    say("  Get an access token:");
    say("");
    say(&format!(
        "    curl -s {base}/v3/auth/token -u {client_id}:{client_secret} -d grant_type=client_credentials"
    ));
    say("");
    say(&format!("  API at {base}/v3, for the official client libraries at {base}/api/v3"));
    say(&format!("  OpenAPI at {base}/v3/openapi.json and {base}/api/v3/openapi.json"));
    say(&format!("  Guides and the reference at {base}/docs"));
    say("");
}
