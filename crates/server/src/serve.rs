//! Runs the server: opens everything, serves until it is stopped, drains, and ends.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context as _, bail};
use app::Failed;
use app::database::{Claim, DatabaseUrl};
use app::partners::credentials::CreateCredential;
use app::people::invitations;
use domain::credential::{Environment, Maker, Scope};
use domain::id::PartnerId;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::config::Config;
use crate::connections::{self, Listening, Side, wait_for_stop};
use crate::node::Node;
use crate::state::AppState;
use crate::tls::Certificate;
use crate::{http, workers};

/// Longest time for the requests under way after the signal to stop.
const DRAIN: Duration = Duration::from_secs(8);

/// A server that is listening.
pub struct Server {
    state: AppState,
    node: Node,
    listener: TcpListener,
    address: SocketAddr,
    /// The listener of the lender's own paths, if they have one.
    admin: Option<TcpListener>,
    certificate: Option<Arc<Certificate>>,
    claim: Option<Claim>,
}

/// The credential of a new sandbox, shown once.
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
    /// Opens the database and listens. Requests are served only after [`Server::run`].
    pub async fn open(config: Config, clock: Clock) -> anyhow::Result<Self> {
        Self::open_on(config, clock, Vec::new()).await
    }

    /// Opens the database and serves on sockets that already listen, or else on the configured addresses. The second
    /// socket is for the lender's own paths.
    pub async fn open_on(
        config: Config, clock: Clock, passed: Vec<std::net::TcpListener>,
    ) -> anyhow::Result<Self> {
        let claim = claim(config.database.clone()).await?;
        let certificate =
            config.tls.clone().map(Certificate::open).transpose().map_err(anyhow::Error::msg)?;
        let mut passed = passed.into_iter();
        let listener = listening(passed.next(), config.listen).await?;
        let admin = match (passed.next(), config.admin_listen) {
            (Some(socket), _) => Some(TcpListener::from_std(socket)?),
            (None, Some(address)) => Some(listening(None, address).await?),
            (None, None) => None,
        };
        let address = listener.local_addr()?;
        let scheme = if certificate.is_some() { "https" } else { "http" };
        let state = AppState::open(config, clock, &format!("{scheme}://{address}")).await?;
        let node = Node::join(&state).await?;
        Ok(Self { state, node, listener, address, admin, certificate, claim })
    }

    /// The address of the lender's own paths, if they have a listener of their own.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.as_ref().and_then(|admin| admin.local_addr().ok())
    }

    /// The certificate, if the server speaks TLS.
    pub fn certificate(&self) -> Option<Arc<Certificate>> {
        self.certificate.clone()
    }

    /// The listening address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The state that all requests share.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Creates the first partner and credential of an empty sandbox; `None` in any other case.
    pub async fn first_credential(&self) -> anyhow::Result<Option<FirstCredential>> {
        let (environment, now) = (self.state.config.environment, self.state.clock.now());
        if environment != Environment::Sandbox {
            return Ok(None);
        }
        let script = move |tx: &mut app::Tx<'_>| {
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
            app::partners::credentials::create(tx, partner.id, now, &command).map(Some)
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

    /// The link that signs its reader in to the console of a sandbox that nobody can sign in to yet; `None` in any
    /// other case.
    pub async fn first_link(&self) -> anyhow::Result<Option<String>> {
        if self.state.config.environment != Environment::Sandbox {
            return Ok(None);
        }
        let (now, roles) = (self.state.clock.now(), self.state.config.roles.names());
        let make = move |tx: &mut app::Tx<'_>| {
            if !invitations::nobody_yet(tx)? {
                return Ok(None);
            }
            invitations::administrator_link(tx, now, &roles).map(Some)
        };
        let secret = self.state.store.write(make).await?;
        Ok(secret.map(|secret| self.state.lender.links.console_entry(&secret)))
    }

    /// Turns true when the listeners must close: at `stop`, or later if proxies get time to notice. Reasons:
    /// docs/decisions/0046.
    fn drained(&self, stop: watch::Receiver<bool>) -> watch::Receiver<bool> {
        let (close, closed) = watch::channel(false);
        let (state, drain) = (self.state.clone(), self.state.config.connections.drain);
        tokio::spawn(async move {
            wait_for_stop(stop).await;
            state.leaving.store(true, Ordering::Relaxed);
            tokio::time::sleep(drain).await;
            close.send_replace(true);
        });
        closed
    }

    /// Serves until `stop` turns true, then waits for the requests under way.
    pub async fn run(self, stop: watch::Receiver<bool>) -> anyhow::Result<()> {
        let mut workers = workers::start(&self.state, &stop)?;
        workers.spawn(self.node.clone().live(self.state.clone(), stop.clone()));
        let routes = http::router(self.state.clone());
        let stop = self.drained(stop);
        let draining = stop.clone();
        let tls = self.certificate.as_ref().map(Certificate::acceptor).transpose()?;
        if let Some(certificate) = self.certificate {
            tokio::spawn(certificate.follow());
        }
        let limits = self.state.config.connections;
        let side = if self.admin.is_some() { Side::Public } else { Side::Admin };
        let public = Listening { listener: self.listener, side, tls: tls.clone() };
        let admin = self.admin.map(|listener| Listening { listener, side: Side::Admin, tls });
        let admin = admin.map(|admin| connections::serve(admin, routes.clone(), limits, stop.clone()));
        let public = connections::serve(public, routes, limits, stop);
        let serving = async {
            match admin {
                Some(admin) => drop(tokio::join!(public, admin)),
                None => public.await,
            }
        };
        let deadline = async move {
            wait_for_stop(draining).await;
            tokio::time::sleep(DRAIN).await;
        };
        tokio::select! {
            () = serving => {}
            () = deadline => tracing::warn!("requests under way did not end in time; the server stops now"),
        }
        while workers.join_next().await.is_some() {}
        self.node.leave(&self.state).await;
        self.state.request_log.close().await;
        if let Some(traces) = &self.state.traces {
            traces.end().await;
        }
        let access_log = self.state.access_log.clone();
        tokio::task::spawn_blocking(move || access_log.flush()).await?;
        let store = self.state.store.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || store.close()).await? {
            tracing::warn!(%error, "the database's log could not be emptied; the next start does it");
        }
        drop(self.claim);
        Ok(())
    }
}

/// A socket that listens: the given one, or a new one at this address.
async fn listening(
    passed: Option<std::net::TcpListener>, address: SocketAddr,
) -> anyhow::Result<TcpListener> {
    match passed {
        Some(listener) => Ok(TcpListener::from_std(listener)?),
        None => TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}")),
    }
}

/// Claims an SQLite file for this server alone. The claim ends with the process, even after a crash.
async fn claim(url: DatabaseUrl) -> anyhow::Result<Option<Claim>> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(None) };
    if let Some(folder) = path.parent().filter(|folder| *folder != Path::new("")) {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {}", folder.display()))?;
    }
    // Opening the database restricts the files to this user.
    Ok(Some(tokio::task::spawn_blocking(move || Claim::of_server(&path)).await??))
}
