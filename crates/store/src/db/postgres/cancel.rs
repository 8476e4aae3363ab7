//! Asks the server to cancel statements that nobody waits for. A separate thread asks, because the request needs a
//! connection, and no worker should wait for one.

use std::sync::Arc;
use std::thread;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_postgres::CancelToken;

use super::settings::Settings;
use crate::db::error::OpenError;

/// The channel to the thread that cancels.
#[derive(Clone)]
pub(super) struct Canceller {
    tokens: UnboundedSender<CancelToken>,
}

impl Canceller {
    pub(super) fn start(settings: &Arc<Settings>) -> Result<Self, OpenError> {
        let failed = |error: std::io::Error| OpenError::Engine(error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let (tokens, mut requested) = unbounded_channel::<CancelToken>();
        let settings = Arc::clone(settings);
        let serve = async move {
            while let Some(token) = requested.recv().await {
                let (tls, bound) = (settings.tls.clone(), Settings::connect_bound(&settings.hosts[0]));
                tokio::spawn(async move {
                    match tokio::time::timeout(bound, token.cancel_query(tls)).await {
                        Ok(Ok(())) => {}
                        // The server ends the statement by its timeout, or with the connection.
                        Ok(Err(error)) => tracing::info!(%error, "a statement could not be cancelled"),
                        Err(_elapsed) => tracing::info!("a statement could not be cancelled in time"),
                    }
                });
            }
        };
        let thread = thread::Builder::new().name("postgres-cancel".into());
        thread.spawn(move || runtime.block_on(serve)).map_err(failed)?;
        Ok(Self { tokens })
    }

    /// Cancels the running statement of a session.
    pub(super) fn cancel(&self, token: CancelToken) {
        // The thread lives as long as there is a sender.
        let _ended = self.tokens.send(token);
    }
}
