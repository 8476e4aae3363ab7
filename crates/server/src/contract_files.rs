//! The PDFs of contracts. They are rendered outside any transaction, at first need or by a worker soon after the
//! commit.
//!
//! A document is rendered, then its SHA-256 is fixed in its row, then its file is written, and then the row records
//! the file. Any caller may repeat each step at any time. A document is a pure function of its contract's data, so
//! each rendering makes the same bytes. A missing or damaged file is rendered again. If the bytes differ from the
//! fixed hash, nothing is shown.
//!
//! Reasons: docs/decisions/0008.

use std::convert::Infallible;

use app::StoreError;
use app::contracts::{Copy, Document, Draft};
use app::database::{PutError, sha256_hex};
use bytes::Bytes;
use domain::id::{LoanId, PartnerId};
use tokio::sync::oneshot;

use crate::state::AppState;

/// The niceness of a thread that uses only idle processor time.
#[cfg(target_os = "linux")]
const LOWEST_PRIORITY: i32 = 19;
/// Longest PDF, in bytes: far more than a contract of the longest term needs.
const MOST_BYTES: u64 = 10 * 1024 * 1024;

/// The PDF of a contract, with its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractFile {
    /// The PDF.
    pub pdf: Vec<u8>,
    /// Its SHA-256, in hex.
    pub sha256: String,
}

/// A document as it is stored, rendered first if necessary; `None` if the loan has no such copy.
pub async fn find(state: &AppState, document: Document) -> Result<Option<ContractFile>, StoreError> {
    let found = state.store.read(move |tx| app::contracts::kept(tx, document)).await?;
    let Some((kept, key)) = found else { return Ok(None) };
    if let (Some(sha256), Some(name)) = (kept.sha256, kept.blob_key) {
        match state.blobs.get(&key, &name).await {
            Ok(pdf) if sha256_hex(&pdf) == sha256 => return Ok(Some(ContractFile { pdf, sha256 })),
            Ok(_) | Err(StoreError::Corrupt(_)) => {
                tracing::error!(file = name, "the file of a contract is damaged; it is rendered again");
            }
            Err(StoreError::NotFound) => {
                tracing::warn!(file = name, "the file of a contract is missing; it is rendered again");
            }
            Err(error) => return Err(error),
        }
    }
    complete(state, document).await.map(Some)
}

/// The SHA-256 of a loan's issued contract, rendered first if necessary.
pub async fn fix(state: &AppState, partner: PartnerId, loan: LoanId) -> Result<String, StoreError> {
    Ok(complete(state, Document { partner, loan, copy: Copy::Issued }).await?.sha256)
}

/// Renders the contract of a signing link if necessary.
pub async fn fix_of_link(state: &AppState, token: String) -> Result<(), StoreError> {
    let unset = state.store.read(move |tx| app::signing::unset_of_link(tx, &token)).await?;
    match unset {
        Some((partner, loan)) => fix(state, partner, loan).await.map(drop),
        None => Ok(()),
    }
}

/// Renders a document, fixes its SHA-256 and writes its file.
async fn complete(state: &AppState, document: Document) -> Result<ContractFile, StoreError> {
    let (draft, file) = set(state, document).await?;
    let (sha256, size) = (file.sha256.clone(), file.pdf.len());
    state.store.write(move |tx| app::contracts::fix(tx, document, &sha256, size)).await?;
    write(state, &draft, &file.pdf).await?;
    state.store.write(move |tx| app::contracts::stored(tx, document, &draft.name)).await?;
    Ok(file)
}

/// Renders a document that a request waits for, on a thread for blocking work.
async fn set(state: &AppState, document: Document) -> Result<(Draft, ContractFile), StoreError> {
    let draft = state.store.read(move |tx| app::contracts::draft(tx, document)).await?;
    let turn = state.setting.acquire().await;
    let set = tokio::task::spawn_blocking(move || set_of(draft));
    let set = set.await.map_err(|panicked| not_set(&panicked))?;
    drop(turn);
    set
}

/// Renders a document that no request waits for, on a thread of the lowest priority.
pub async fn set_ahead(state: &AppState, document: Document) -> Result<(Draft, ContractFile), StoreError> {
    let draft = state.store.read(move |tx| app::contracts::draft(tx, document)).await?;
    let (done, set) = oneshot::channel();
    let thread = std::thread::Builder::new().name("contracts".into()).spawn(move || {
        give_way();
        // While the server stops, nobody receives the result.
        let _receiver_gone = done.send(set_of(draft));
    });
    thread.map_err(|error| StoreError::Unavailable(error.to_string()))?;
    set.await.map_err(|panicked| not_set(&panicked))?
}

/// Gives the present thread the lowest priority. On other systems than Linux, a process has one priority for all
/// threads.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::nice(LOWEST_PRIORITY) {
        tracing::debug!(%error, "a thread keeps its priority");
    }
}

fn set_of(draft: Draft) -> Result<(Draft, ContractFile), StoreError> {
    let pdf = draft.set().map_err(|error| not_set(&error))?;
    let sha256 = sha256_hex(&pdf);
    Ok((draft, ContractFile { pdf, sha256 }))
}

fn not_set(error: &dyn std::fmt::Display) -> StoreError {
    StoreError::Defect(format!("a document was not rendered: {error}"))
}

/// Writes a document's file.
pub async fn write(state: &AppState, draft: &Draft, pdf: &[u8]) -> Result<(), StoreError> {
    let source = futures::stream::iter([Ok::<_, Infallible>(Bytes::copy_from_slice(pdf))]);
    let put = state.blobs.put(&draft.key, &draft.name, draft.nonce, source, MOST_BYTES);
    put.await.map(drop).map_err(|refused| match refused {
        PutError::Storage(error) => error,
        other => StoreError::Defect(format!("a document that is not the PDF of a contract: {other}")),
    })
}
