//! This server among those that use the database. It notes once a minute that it lives and which master keys it knows, so
//! that no master key comes into use that it could not open.
//!
//! Reasons: docs/decisions/0045.

use std::time::Duration;

use anyhow::bail;
use app::database::{Random, hex};
use domain::time::RealTime;
use tokio::sync::watch;

use crate::state::AppState;

/// Interval of the notes.
const EVERY: Duration = Duration::from_secs(60);
/// Servers that were silent for that long are removed from the list.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(3_600);

/// This server.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    id: String,
    started_at: RealTime,
}

impl Node {
    /// Enters this server into the list. Fails if it does not know a master key that the database needs: a rotation may
    /// have begun since the database was opened, and it looks at the list only once.
    pub(crate) async fn join(state: &AppState) -> anyhow::Result<Self> {
        let node = Self { id: hex(&Random::open().bytes::<8>()), started_at: state.clock.now() };
        // A file serves one server, so the others have ended.
        let silence = if state.store.serves_alone() { Duration::ZERO } else { FORGOTTEN_AFTER };
        let cutoff = node.started_at.minus(silence);
        state.store.write(move |tx| app::database::forget_nodes(tx, cutoff)).await?;
        node.note(state).await?;
        if let Err(missing) = state.store.write(app::database::check_master_keys).await? {
            node.leave(state).await;
            bail!(missing);
        }
        Ok(node)
    }

    async fn note(&self, state: &AppState) -> Result<(), app::StoreError> {
        let (node, now) = (self.clone(), state.clock.now());
        state.store.write(move |tx| app::database::note_node(tx, &node.id, node.started_at, now)).await
    }

    /// Notes at intervals that this server lives, until it stops.
    pub(crate) async fn live(self, state: AppState, mut stop: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                _stopped = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(EVERY) => {}
            }
            if let Err(error) = self.note(&state).await {
                tracing::warn!(%error, "the list of servers could not be written; the server tries again later");
            }
        }
    }

    /// Leaves the list.
    pub(crate) async fn leave(&self, state: &AppState) {
        let id = self.id.clone();
        if let Err(error) = state.store.write(move |tx| app::database::remove_node(tx, &id)).await {
            tracing::warn!(%error, "this server stays in the list of servers for some minutes");
        }
    }
}
