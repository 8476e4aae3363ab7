//! The service manager that started the server (systemd), by its own protocol: a socket that it passes, states that it is
//! told, and a watchdog. Without one, nothing here does anything. Reasons: docs/decisions/0043.

use std::net::TcpListener;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::state::AppState;

/// What the service manager has put into the environment.
#[derive(Debug, Clone, Default, Args)]
pub struct Supervision {
    /// Socket for messages to the service manager.
    #[arg(long, env = "NOTIFY_SOCKET", hide = true)]
    notify_socket: Option<PathBuf>,
    /// Longest silence in microseconds before the service manager restarts the server.
    #[arg(long, env = "WATCHDOG_USEC", hide = true)]
    watchdog_usec: Option<u64>,
    /// The process that the watchdog watches.
    #[arg(long, env = "WATCHDOG_PID", hide = true)]
    watchdog_pid: Option<u32>,
}

/// The service manager; nobody if none has started the server.
#[derive(Debug)]
pub struct Manager {
    to: Option<(UnixDatagram, SocketAddr)>,
    watchdog: Option<Duration>,
}

impl Manager {
    /// The manager that the environment names.
    pub fn of(given: &Supervision) -> Self {
        let to = given.notify_socket.as_deref().and_then(|path| match connected(path) {
            Ok(to) => Some(to),
            Err(error) => {
                tracing::warn!(%error, "the service manager's socket cannot be used; it is told nothing");
                None
            }
        });
        let is_watched = given.watchdog_pid.is_none_or(|pid| pid == std::process::id());
        let watchdog = given.watchdog_usec.filter(|_| is_watched).map(Duration::from_micros);
        Self { to, watchdog }
    }

    /// Says that requests are served.
    pub fn ready(&self) {
        self.tell("READY=1\nSTATUS=serves requests");
    }

    /// Says that the server stops.
    pub fn stopping(&self) {
        self.tell("STOPPING=1\nSTATUS=completes the requests under way");
    }

    /// Tells the watchdog that the server works, twice in its time, for as long as it does. It works if this task runs and
    /// the database's threads answer. An answer that the database is lost is one too: a restart would not bring it back. Never ends.
    pub async fn watch(&self, state: &AppState) {
        let Some(span) = self.watchdog else { return std::future::pending().await };
        let half = (span / 2).max(Duration::from_millis(1));
        let mut beat = tokio::time::interval(half);
        loop {
            beat.tick().await;
            let looking = state.components.look(&state.store, &state.clock);
            match tokio::time::timeout(half, looking).await {
                Ok(Ok(_) | Err(_)) => self.tell("WATCHDOG=1"),
                Err(_elapsed) => {
                    tracing::error!("the database's threads do not answer; the watchdog is not told");
                }
            }
        }
    }

    fn tell(&self, state: &str) {
        let Some((socket, to)) = &self.to else { return };
        if let Err(error) = socket.send_to_addr(state.as_bytes(), to) {
            tracing::warn!(%error, "the service manager could not be told");
        }
    }
}

/// A socket for messages to this path, or to the abstract name if it begins with `@`.
fn connected(path: &Path) -> std::io::Result<(UnixDatagram, SocketAddr)> {
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not hold up the server.
    socket.set_nonblocking(true)?;
    let name = path.as_os_str().as_encoded_bytes();
    let to = match name.strip_prefix(b"@") {
        None => SocketAddr::from_pathname(path)?,
        #[cfg(target_os = "linux")]
        Some(name) => <SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(name)?,
        #[cfg(not(target_os = "linux"))]
        Some(_name) => return Err(std::io::Error::other("this system has no abstract sockets")),
    };
    Ok((socket, to))
}

/// The sockets that the service manager has opened for this process, in their order. They outlive it, so connections wait
/// in them during a restart.
pub fn passed_sockets() -> std::io::Result<Vec<TcpListener>> {
    let mut passed = listenfd::ListenFd::from_env();
    let mut listeners = Vec::new();
    for place in 0..passed.len() {
        let Some(listener) = passed.take_tcp_listener(place)? else { continue };
        listener.set_nonblocking(true)?;
        // A program that the server starts must not hold it.
        rustix::io::fcntl_setfd(&listener, rustix::io::FdFlags::CLOEXEC)?;
        listeners.push(listener);
    }
    Ok(listeners)
}
