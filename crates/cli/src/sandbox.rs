//! The sandbox that `dinie demo` starts in a temporary folder.

use anyhow::{Context as _, ensure};
use app::people::operators::CreateOperator;
use server::clock::Clock;
use server::config::Config;
use server::serve::{FirstCredential, Server};
use server::state::AppState;
use tempfile::TempDir;
use tokio::sync::watch;
use tools::demo::{Access, Sandbox};

/// A sandbox in this process.
pub(crate) struct OwnSandbox {
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<anyhow::Result<()>>,
    state: AppState,
    url: String,
    credential: FirstCredential,
    operator_token: String,
    _folder: TempDir,
}

impl OwnSandbox {
    /// Starts a sandbox with a partner's credential and an operator.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let server = Server::open(Config::temporary(folder.path())?, Clock::System).await?;
        let credential = server.first_credential().await?.context("a new sandbox has a first credential")?;
        let url = format!("http://{}", server.address());
        let state = server.state().clone();
        let (now, config) = (state.clock.now(), &state.config);
        let operator =
            CreateOperator::from_command_line(config.environment, "Demonstração", config.roles.names());
        let create = move |tx: &mut store::Tx<'_>| app::people::operators::create(tx, now, &operator);
        let (_operator, operator_token) = state.store.write(create).await?;
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(server.run(stopped));
        Ok(Self { stop, running, state, url, credential, operator_token, _folder: folder })
    }
}

impl Sandbox for OwnSandbox {
    fn access(&self) -> Access {
        Access {
            url: self.url.clone(),
            client_id: self.credential.client_id.clone(),
            client_secret: self.credential.client_secret.clone(),
            operator_token: Some(self.operator_token.clone()),
        }
    }

    async fn trial_balance(&self) -> anyhow::Result<String> {
        let check = app::ledger::check::whole(&self.state.store).await?;
        ensure!(check.is_right(), "the ledger is not right: {check:?}");
        Ok(format!("Trial balance: {} over {} accounts", check.sum(), check.trial_balance.len()))
    }

    async fn stop(self) -> anyhow::Result<()> {
        self.stop.send(true)?;
        self.running.await?
    }
}
