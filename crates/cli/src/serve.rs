//! `dinie serve`.

use server::clock::Clock;
use std::sync::Arc;

use server::config::reload::Loaded;
use server::config::{CoreDumps, Flags};
use server::logs::Logs;
use server::reload::Reloader;
use server::serve::{FirstCredential, Server};
use server::state::AppState;
use server::supervisor::{self, Manager, Supervision};
use server::{private, telemetry};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tools::say;

pub(super) async fn run(flags: &Flags, supervision: &Supervision) -> anyhow::Result<()> {
    telemetry::start_logging();
    // From here on a signal no longer ends the program by itself: who stops a server that has just begun to listen must
    // see that it ended well.
    let (hang_up, stop) = (signal(SignalKind::hangup())?, stop_on_signal()?);
    let loaded = Loaded::first(flags)?;
    telemetry::set_level(&loaded.config.log);
    let logs = loaded.config.logs.clone().map(Logs::start).transpose()?;
    let sending = logs.clone().map(|logs| tokio::spawn(logs.run()));
    let served = Box::pin(serve(flags, supervision, loaded, (hang_up, stop))).await;
    if let Some(logs) = logs {
        // The collector should know why a server ended. The program prints an error after this.
        if let Err(error) = &served {
            tracing::error!(error = format!("{error:#}"), "the server ends with an error");
        }
        logs.end().await;
    }
    if let Some(sending) = sending {
        sending.abort();
    }
    served
}

/// Serves until it is stopped.
async fn serve(
    flags: &Flags, supervision: &Supervision, loaded: Loaded,
    (hang_up, stop): (Signal, watch::Receiver<bool>),
) -> anyhow::Result<()> {
    if loaded.config.core_dumps == CoreDumps::Off {
        private::keep_memory();
    }
    let manager = Arc::new(Manager::of(supervision));
    let passed = supervisor::passed_sockets()?;
    let opening = Box::pin(Server::open_on(loaded.config.clone(), Clock::System, passed));
    let server = unless(stop.clone(), opening).await?;
    let scheme = if server.certificate().is_some() { "https" } else { "http" };
    let base = format!("{scheme}://{}", server.address());
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
        admin_address = server.admin_address().map(tracing::field::display),
        "the server listens"
    );
    let reloader = Reloader::new(flags.clone(), loaded, server.certificate());
    tokio::spawn(reload_on_signal(hang_up, reloader, server.state().clone()));
    tokio::spawn(tell(Arc::clone(&manager), server.state().clone(), stop.clone()));
    server.run(stop).await?;
    tracing::info!("the server has stopped");
    Ok(())
}

/// Opens a server, unless it is stopped meanwhile. Then the process ends at once: threads that still wait for the database
/// would hold it, and the next start takes up what this one left, as after a kill.
async fn unless(
    mut stop: watch::Receiver<bool>, opening: impl Future<Output = anyhow::Result<Server>>,
) -> anyhow::Result<Server> {
    tokio::select! {
        opened = opening => opened,
        _stopped = stop.wait_for(|stop| *stop) => {
            tracing::info!("the server was stopped before it listened");
            std::process::exit(0)
        }
    }
}

/// Tells the service manager when the server is ready and when it stops, and its watchdog meanwhile.
async fn tell(manager: Arc<Manager>, state: AppState, mut stop: watch::Receiver<bool>) {
    manager.ready();
    tokio::select! {
        () = manager.watch(&state) => {}
        _stopped = stop.wait_for(|stop| *stop) => {}
    }
    manager.stopping();
}

/// Reads the configuration again at each SIGHUP.
async fn reload_on_signal(mut hang_up: Signal, mut reloader: Reloader, state: AppState) {
    while hang_up.recv().await.is_some() {
        // It reads small files, at a signal of a person. Other threads serve meanwhile.
        tokio::task::block_in_place(|| reloader.reload(&state));
    }
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
