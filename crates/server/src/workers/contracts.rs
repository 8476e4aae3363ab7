//! Renders documents that nobody has requested yet, soon after their commit, a few at a time and at low priority.

use std::collections::HashSet;
use std::time::Instant;

use app::contracts::{Document, Draft};
use app::{StoreError, Wake};

use super::rest::{rest_after, sleep_until};
use crate::contract_files::{self, ContractFile};
use crate::state::AppState;

/// Most documents that are rendered between two pauses.
const MOST_AT_ONCE: usize = 16;
/// Most of the oldest documents that are considered. Nodes begin at different ones, so that two seldom render the
/// same.
const LOOKED_AT: usize = 128;

/// Renders documents as they become available.
pub async fn run(state: AppState) {
    let mut setter = Setter::default();
    loop {
        let began = Instant::now();
        match setter.tick(&state).await {
            Ok(0) => sleep_until(&state, Some(Wake::Contracts), Ok(None)).await,
            // It rests as long as it has worked, so that other users of the database come first.
            Ok(_more_may_wait) => tokio::time::sleep(began.elapsed()).await,
            Err(error) => rest_after("contracts", &error).await,
        }
    }
}

/// The worker that renders documents, with the documents that it could not render.
#[derive(Debug, Default)]
pub struct Setter {
    /// Documents that cannot be rendered. Each was logged once, and none delays the others.
    given_up: HashSet<Document>,
}

impl Setter {
    /// Renders some documents. Returns their number.
    pub async fn tick(&mut self, state: &AppState) -> Result<usize, StoreError> {
        let mut set = Vec::new();
        for document in self.waiting(state).await? {
            match contract_files::set_ahead(state, document).await {
                Ok((draft, file)) => set.push((document, draft, file)),
                Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => return Err(error),
                Err(error) => self.give_up(document, &error),
            }
        }
        let fixed = self.fixed(state, set).await?;
        let written = fixed.iter().map(|(_, draft, file)| contract_files::write(state, draft, &file.pdf));
        futures::future::join_all(written).await.into_iter().collect::<Result<(), _>>()?;
        let documents: Vec<(Document, String)> =
            fixed.iter().map(|(document, draft, _)| (*document, draft.name.clone())).collect();
        let count = documents.len();
        if count > 0 {
            let note = move |tx: &mut app::Tx<'_>| {
                documents.iter().try_for_each(|(document, name)| app::contracts::stored(tx, *document, name))
            };
            state.store.write::<_, StoreError>(note).await?;
        }
        Ok(count)
    }

    /// Some of the waiting documents.
    async fn waiting(&self, state: &AppState) -> Result<Vec<Document>, StoreError> {
        let most = LOOKED_AT + self.given_up.len();
        let limit = i64::try_from(most).expect("a list in memory has fewer items");
        let find = move |tx: &mut app::Tx<'_>| {
            Ok((app::contracts::unstored(tx, limit)?, u32::from_be_bytes(tx.random_bytes())))
        };
        let (mut waiting, random) = state.store.read::<_, StoreError>(find).await?;
        waiting.retain(|document| !self.given_up.contains(document));
        if waiting.len() > MOST_AT_ONCE {
            let places = u32::try_from(waiting.len()).expect("a page is short");
            waiting.rotate_left(usize::try_from(random % places).expect("a place in a page"));
            waiting.truncate(MOST_AT_ONCE);
        }
        Ok(waiting)
    }

    /// Fixes the rendered documents in one transaction. A document that was fixed with other bytes is given up.
    async fn fixed(
        &mut self, state: &AppState, set: Vec<(Document, Draft, ContractFile)>,
    ) -> Result<Vec<(Document, Draft, ContractFile)>, StoreError> {
        if set.is_empty() {
            return Ok(set);
        }
        let hashes: Vec<(Document, String, usize)> =
            set.iter().map(|(document, _, file)| (*document, file.sha256.clone(), file.pdf.len())).collect();
        let fix = move |tx: &mut app::Tx<'_>| {
            let mut outcomes = Vec::with_capacity(hashes.len());
            for (document, sha256, size) in &hashes {
                match app::contracts::fix(tx, *document, sha256, *size) {
                    Err(error @ (StoreError::Conflict | StoreError::Unavailable(_))) => return Err(error),
                    outcome => outcomes.push(outcome),
                }
            }
            Ok(outcomes)
        };
        let outcomes = state.store.write(fix).await?;
        let mut fixed = Vec::with_capacity(set.len());
        for (set, outcome) in set.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => fixed.push(set),
                Err(error) => self.give_up(set.0, &error),
            }
        }
        Ok(fixed)
    }

    fn give_up(&mut self, document: Document, error: &StoreError) {
        tracing::error!(%error, loan.id = %document.loan, "a contract could not be set");
        self.given_up.insert(document);
    }
}
