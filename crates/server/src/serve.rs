//! Runs the server: opens everything, serves until it is told to stop, drains, and ends.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, bail};
use domain::credential::{Environment, Maker, Scope};
use domain::id::PartnerId;
use store::Failed;
use store::db::DatabaseUrl;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::app::credentials::CreateCredential;
use crate::clock::Clock;
use crate::config::Config;
use crate::connections::{self, told};
use crate::state::AppState;
use crate::{app, http, workers};

/// How long requests that are under way may take to end after the signal to stop.
const DRAIN: Duration = Duration::from_secs(8);

/// A server that is listening.
pub struct Server {
    state: AppState,
    listener: TcpListener,
    address: SocketAddr,
    _lock: Option<File>,
}

/// The credential of a new sandbox, told once.
#[derive(Debug, Clone)]
pub struct FirstCredential {
    /// The partner that it belongs to.
    pub partner: PartnerId,
    /// The client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

impl Server {
    /// Opens the database and listens. Nothing is served before [`Server::run`].
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        let lock = lock_database(&config.database)?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("cannot listen on {}", config.listen))?;
        let address = listener.local_addr()?;
        let state = AppState::open(config, clock, &format!("http://{address}")).await?;
        Ok(Self { state, listener, address, _lock: lock })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its requests share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Makes the first partner and credential of an empty sandbox; `None` elsewhere.
    pub async fn first_credential(&self) -> anyhow::Result<Option<FirstCredential>> {
        let (environment, now) = (self.state.config.environment, self.state.clock.now());
        if environment != Environment::Sandbox {
            return Ok(None);
        }
        let script = move |tx: &mut store::Tx<'_>| {
            if !app::partners::none_yet(tx)? {
                return Ok(None);
            }
            let partner = app::partners::create(tx, now, "Sandbox")?;
            let name = "first".to_owned();
            let command = CreateCredential {
                environment,
                name,
                scope: Scope::Partner,
                expires_at: None,
                created_by: Maker::CommandLine,
            };
            app::credentials::create(tx, partner.id, now, &command).map(Some)
        };
        match self.state.store.write(script).await {
            Ok(created) => Ok(created.map(|created| FirstCredential {
                partner: created.credential.partner,
                client_id: created.credential.client_id.to_string(),
                client_secret: created.secret,
            })),
            Err(Failed::Store(error)) => Err(error.into()),
            Err(Failed::Refused(refused)) => bail!("the first credential was refused: {refused:?}"),
        }
    }

    /// Serves until `stop` turns true, then lets what is under way end.
    pub async fn run(self, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut workers = workers::start(&self.state, &stop)?;
        let routes = http::router(self.state.clone());
        let draining = stop.clone();
        let serving = connections::serve(self.listener, routes, self.state.config.connections, stop);
        let deadline = async move {
            told(draining).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            () = serving => {}
            () = deadline => tracing::warn!("requests under way did not end in time; the server stops now"),
        }
        while workers.join_next().await.is_some() {}
        Ok(())
    }
}

/// One SQLite file serves one server; the lock ends with the process, however that ends.
fn lock_database(url: &DatabaseUrl) -> anyhow::Result<Option<File>> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
    }
    // The lock file is closed to other users with the database, once that is opened.
    let mut name = path.clone().into_os_string();
    name.push(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&name);
    let file = file.with_context(|| format!("the lock file {}", Path::new(&name).display()))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(store::OpenError::InUse(path.clone()).into()),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}
