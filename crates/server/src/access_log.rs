//! The access log: a line of JSON for each answered request, in a file or on the standard output.
//!
//! A line has the template of the route, and neither the path nor the query: links contain secrets, and queries contain
//! personal data. A thread writes the lines, so a slow disk delays no request. Lines beyond a limit are dropped and
//! counted.
//!
//! Reasons: docs/decisions/0044.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::net::IpAddr;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::Context as _;
use serde::Serialize;

use crate::config::AccessLogPlace;

/// Most lines that wait for the thread: a few megabytes.
const MOST_WAITING: usize = 10_000;

/// A line of the log.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// When the request's headers were read: UTC, in milliseconds.
    pub time: &'a str,
    /// The method.
    pub method: &'a str,
    /// The template of the route, or `unmatched`.
    pub route: &'a str,
    /// The status of the answer.
    pub status: u16,
    /// The time until the answer's first byte, in microseconds.
    pub duration_us: u64,
    /// The bytes of the answer's body; null if it is streamed.
    pub bytes: Option<u64>,
    /// The request's id.
    pub request_id: &'a str,
    /// The credential of the partner; null without a valid token.
    pub credential_id: Option<String>,
    /// The operator of a program; null without a valid token.
    pub operator_id: Option<String>,
    /// The last address of the caller that is certain.
    pub address: Option<IpAddr>,
    /// The trace; null if it is not recorded.
    pub trace_id: Option<String>,
}

/// The access log; cheap to clone.
#[derive(Debug, Clone)]
pub struct AccessLog(Option<SyncSender<Message>>);

#[derive(Debug)]
enum Message {
    Line(Vec<u8>),
    Reopen,
    /// Answers once everything before it is written.
    End(SyncSender<()>),
}

impl AccessLog {
    /// Opens the log. Without a place there is none.
    pub fn open(place: Option<&AccessLogPlace>) -> anyhow::Result<Self> {
        let Some(place) = place.cloned() else { return Ok(Self(None)) };
        let writer = Writer::open(place)?;
        let (messages, waiting) = sync_channel(MOST_WAITING);
        std::thread::Builder::new().name("access-log".into()).spawn(move || writer.serve(&waiting))?;
        Ok(Self(Some(messages)))
    }

    /// Whether requests are logged.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Adds a line, or drops it if too many wait.
    pub fn note(&self, line: &Line<'_>) {
        let Some(messages) = &self.0 else { return };
        let mut text = serde_json::to_vec(line).expect("a line has texts and numbers only");
        text.push(b'\n');
        if messages.try_send(Message::Line(text)).is_err() {
            dropped();
        }
    }

    /// Opens the file again, after the lines so far: somebody has renamed it.
    pub fn reopen(&self) {
        let Some(messages) = &self.0 else { return };
        if messages.send(Message::Reopen).is_err() {
            tracing::error!("the access log has ended; its file is not opened again");
        }
    }

    /// Waits until all lines so far are written.
    pub fn flush(&self) {
        let Some(messages) = &self.0 else { return };
        let (done, written) = sync_channel(1);
        if messages.send(Message::End(done)).is_ok() && written.recv().is_err() {
            tracing::error!("the access log has ended before its last lines");
        }
    }
}

fn dropped() {
    metrics::counter!("dinie_access_log_dropped_total").increment(1);
}

/// The thread's side.
struct Writer {
    place: AccessLogPlace,
    out: BufWriter<Box<dyn Write + Send>>,
    /// Whether the last writing failed. Only the first failure is told.
    fails: bool,
}

fn opened(place: &AccessLogPlace) -> anyhow::Result<BufWriter<Box<dyn Write + Send>>> {
    let out: Box<dyn Write + Send> = match place {
        AccessLogPlace::Stdout => Box::new(std::io::stdout()),
        AccessLogPlace::File(path) => Box::new(appended(path)?),
    };
    Ok(BufWriter::with_capacity(64 * 1024, out))
}

fn appended(path: &Path) -> anyhow::Result<File> {
    let file = OpenOptions::new().append(true).create(true).open(path);
    file.with_context(|| format!("the access log {}", path.display()))
}

impl Writer {
    fn open(place: AccessLogPlace) -> anyhow::Result<Self> {
        let out = opened(&place)?;
        Ok(Self { place, out, fails: false })
    }

    fn serve(mut self, messages: &Receiver<Message>) {
        while let Ok(first) = messages.recv() {
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Line(line) => self.write(&line),
                    Message::Reopen => self.reopen(),
                    Message::End(done) => {
                        self.flush();
                        // The caller may have given up.
                        let _gone = done.send(());
                    }
                }
                next = messages.try_recv().ok();
            }
            self.flush();
        }
    }

    fn write(&mut self, line: &[u8]) {
        let written = self.out.write_all(line);
        if written.is_err() {
            dropped();
        }
        self.tell(&written);
    }

    fn flush(&mut self) {
        let flushed = self.out.flush();
        self.tell(&flushed);
    }

    fn reopen(&mut self) {
        self.flush();
        match opened(&self.place) {
            Ok(out) => self.out = out,
            Err(error) => {
                tracing::error!(error = format!("{error:#}"), "the access log keeps its old file");
            }
        }
    }

    /// Tells the first failure, and the first success after it.
    fn tell(&mut self, outcome: &std::io::Result<()>) {
        match (outcome, self.fails) {
            (Ok(()), true) => tracing::info!("the access log is written again"),
            (Err(error), false) => tracing::error!(%error, "the access log cannot be written"),
            (Ok(()), false) | (Err(_), true) => {}
        }
        self.fails = outcome.is_err();
    }
}
