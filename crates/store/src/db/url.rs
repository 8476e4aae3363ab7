//! The URL of the database, and the time limits of its scripts.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::error::OpenError;

/// The URL of the database.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    /// The URL of a server holds its password, which is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres([hidden])"),
        }
    }
}

impl DatabaseUrl {
    /// The URL with one more parameter; `None` for an SQLite file, which has no parameters.
    #[must_use]
    pub fn with_parameter(self, name: &str, value: &str) -> Option<Self> {
        let Self::Postgres(url) = self else { return None };
        let mark = if url.contains('?') { '&' } else { '?' };
        let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
        Some(Self::Postgres(format!("{url}{mark}{name}={value}")))
    }

    /// Reads `sqlite:PATH`, `postgres://…` or `postgresql://…`.
    pub fn parse(text: &str) -> Result<Self, OpenError> {
        if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(OpenError::Url)
    }
}

/// The file of the request log beside a database's file: `dinie-requests.db` beside `dinie.db`.
pub fn request_log_file(database: &Path) -> PathBuf {
    let mut name = database.file_stem().unwrap_or(OsStr::new("dinie")).to_owned();
    name.push("-requests.db");
    database.with_file_name(name)
}

/// Throws a request log away that cannot be used. On SQLite it removes the files; on PostgreSQL it does nothing.
pub fn discard_request_log(url: &DatabaseUrl) -> io::Result<()> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(()) };
    let file = request_log_file(path);
    for end in ["", "-wal", "-shm"] {
        let mut name = file.clone().into_os_string();
        name.push(end);
        match std::fs::remove_file(&name) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Maximum time of one script in an engine. Then its caller gets `unavailable`. The time in a queue does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For scripts that read.
    pub read: Duration,
    /// For scripts that write.
    pub write: Duration,
}

impl Default for Deadlines {
    /// Both are shorter than the server's limit of a request, 30 s.
    fn default() -> Self {
        Self { read: Duration::from_secs(5), write: Duration::from_secs(10) }
    }
}
