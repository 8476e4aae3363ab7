//! Pictures of the pages of customers' PDFs. Each is rendered by a process that has little memory and time, because a
//! file may be made to harm its reader.
//!
//! Reasons: docs/decisions/0037.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use domain::id::DocumentId;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Most pages that are shown of a file. The other pages are in the file itself.
pub const MOST_PAGES: u16 = 200;

/// The exit status of the process for a file that cannot be read.
pub const UNREADABLE: u8 = 3;
/// The exit status of the process for a page that the file does not have.
pub const NO_SUCH_PAGE: u8 = 4;
/// The exit status of the process for a file with a password.
pub const PASSWORD: u8 = 5;

/// Most pages that are rendered at once.
const AT_ONCE: usize = 2;
/// The longest time for a page, once its process has started.
const PATIENCE: Duration = Duration::from_secs(15);
/// The longest wait for a turn.
const TURN: Duration = Duration::from_secs(10);
/// Most bytes of an answer. The largest picture has 1,640 pixels on each side, with four bytes each at most.
const MOST_BYTES: u64 = 16 << 20;
/// Most files whose number of pages is remembered.
const REMEMBERED: usize = 10_000;

/// The reason why a page is not shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// The file has fewer pages.
    NoSuchPage,
    /// The file is no PDF that can be read, or it takes too much memory or time.
    Unreadable,
    /// The file has a password.
    Password,
    /// Too many pages are being rendered, or the process could not be started.
    Busy,
}

/// A page of a PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The page as a PNG.
    pub png: Vec<u8>,
    /// The number of pages of the file, up to [`MOST_PAGES`].
    pub pages: u16,
}

/// Starts the processes that render pages.
#[derive(Debug)]
pub struct PagePictures {
    program: PathBuf,
    turns: Semaphore,
    /// The numbers of pages of files, which never change.
    counts: Mutex<HashMap<DocumentId, Result<u16, NotShown>>>,
}

impl PagePictures {
    /// Renders with this program: `dinie` itself.
    pub fn by(program: PathBuf) -> Self {
        Self { program, turns: Semaphore::new(AT_ONCE), counts: Mutex::new(HashMap::new()) }
    }

    /// The number of pages of a PDF if it is known.
    pub fn known(&self, document: DocumentId) -> Option<Result<u16, NotShown>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner).get(&document).copied()
    }

    /// The number of pages of a PDF.
    pub async fn count(&self, document: DocumentId, file: &[u8]) -> Result<u16, NotShown> {
        let count = self.answer(file, 0).await.map(|picture| picture.pages);
        self.learn(document, count);
        count
    }

    /// A page. Pages are counted from 1.
    pub async fn picture(&self, document: DocumentId, file: &[u8], number: u16) -> Result<Picture, NotShown> {
        if number == 0 {
            return Err(NotShown::NoSuchPage);
        }
        let picture = self.answer(file, number).await?;
        self.learn(document, Ok(picture.pages));
        Ok(picture)
    }

    fn learn(&self, document: DocumentId, count: Result<u16, NotShown>) {
        if count == Err(NotShown::Busy) {
            return;
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= REMEMBERED {
            counts.clear();
        }
        counts.insert(document, count);
    }

    async fn answer(&self, file: &[u8], number: u16) -> Result<Picture, NotShown> {
        let turn = timeout(TURN, self.turns.acquire()).await.map_err(|_elapsed| NotShown::Busy)?;
        let _turn = turn.expect("the semaphore is never closed");
        let process = self.start(number).map_err(|error| {
            tracing::error!(%error, "the process that renders pages could not be started");
            NotShown::Busy
        })?;
        // A process that is too slow is killed when it is dropped.
        let (status, answer) =
            timeout(PATIENCE, exchange(process, file)).await.map_err(|_slow| NotShown::Unreadable)??;
        match status {
            Some(0) => shown(&answer).ok_or(NotShown::Unreadable),
            Some(code) if code == i32::from(NO_SUCH_PAGE) => Err(NotShown::NoSuchPage),
            Some(code) if code == i32::from(PASSWORD) => Err(NotShown::Password),
            // Also a process that its limits have ended.
            Some(_) | None => Err(NotShown::Unreadable),
        }
    }

    /// Starts a process without the server's environment, which may hold keys.
    fn start(&self, number: u16) -> std::io::Result<Child> {
        let mut command = Command::new(&self.program);
        command.env_clear().current_dir("/").arg("show-page").arg(number.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        command.spawn()
    }
}

/// Gives a process the file; returns its exit status and its answer.
async fn exchange(mut process: Child, file: &[u8]) -> Result<(Option<i32>, Vec<u8>), NotShown> {
    let mut input = process.stdin.take().expect("the input is a pipe");
    let output = process.stdout.take().expect("the output is a pipe");
    let send = async move {
        // A process that ends early does not read everything; its status says why.
        if let Err(error) = input.write_all(file).await {
            tracing::debug!(%error, "a process that renders a page did not read its file");
        }
    };
    let mut answer = Vec::new();
    let mut limited = output.take(MOST_BYTES);
    let ((), received) = tokio::join!(send, limited.read_to_end(&mut answer));
    received.map_err(|_broken| NotShown::Unreadable)?;
    if limited.limit() == 0 {
        return Err(NotShown::Unreadable);
    }
    let status = process.wait().await.map_err(|_gone| NotShown::Unreadable)?;
    Ok((status.code(), answer))
}

/// The number of pages in four bytes, then the picture.
fn shown(answer: &[u8]) -> Option<Picture> {
    let (count, png) = answer.split_first_chunk::<4>()?;
    let pages = u16::try_from(u32::from_be_bytes(*count)).ok()?;
    Some(Picture { png: png.to_vec(), pages: pages.min(MOST_PAGES) })
}

/// This program, also after its file was replaced by a newer version. A system that cannot name it finds it by its name.
pub fn own_program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return PathBuf::from("/proc/self/exe");
    }
    std::env::current_exe().unwrap_or_else(|_unnamed| PathBuf::from("dinie"))
}
