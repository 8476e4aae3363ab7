//! Errors of statements, of scripts, and of the opening of a store.

use std::path::PathBuf;

use domain::machine::Illegal;

use crate::migrations::unserved::Unserved;

/// The failure of a statement or a script.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No such row.
    #[error("no such row")]
    NotFound,
    /// Another transaction changed the row first. The script runs again.
    #[error("another transaction came first")]
    Conflict,
    /// A unique key is taken.
    #[error("a row with this key exists")]
    Duplicate,
    /// A row cannot be read as its type.
    #[error("a stored row is corrupt: {0}")]
    Corrupt(String),
    /// The program is at fault, not the row: a step that cannot be refused was refused.
    #[error("a defect of the program: {0}")]
    Defect(String),
    /// The engine found that the database itself is damaged, such as an invalid page.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database or the file store cannot serve now: full disk, lost connection, full queue.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// Turns `Duplicate` into `Conflict`. The key was free at the look-up, so another transaction has taken it since.
    /// The script runs again and finds that row.
    #[must_use]
    pub fn duplicate_as_conflict(self) -> Self {
        if self == Self::Duplicate { Self::Conflict } else { self }
    }
}

impl From<Illegal> for StoreError {
    fn from(illegal: Illegal) -> Self {
        Self::Defect(illegal.to_string())
    }
}

/// The reason why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither `sqlite:PATH` nor `postgres://…`.
    #[error("the database URL must be sqlite:PATH or postgres://…")]
    Url,
    /// Another server holds the SQLite file.
    #[error("another server is running on {0}; one SQLite file serves one server")]
    InUse(PathBuf),
    /// This program cannot serve the database's tables.
    #[error(transparent)]
    Unserved(#[from] Unserved),
    /// A server holds the SQLite file under another name.
    #[error(
        "a server is running on {0} under another name of the file; give the command the name that the server has"
    )]
    OtherName(PathBuf),
    /// The SQLite file has several names.
    #[error(
        "{path} has {names} names (hard links), and SQLite would keep a log for each; remove all names but one"
    )]
    Linked {
        /// The file.
        path: PathBuf,
        /// The number of its names.
        names: u64,
    },
    /// The log beside the SQLite file belongs to another file.
    #[error(
        "{log} is not the log of {database}: it was written for another database, or for another copy of this one. \
         To replay it would damage the database. If {database} is the copy that you want, move the log away"
    )]
    ForeignLog {
        /// The database.
        database: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// A master key that the database needs is not configured.
    #[error("{0}")]
    MasterKey(String),
    /// A parameter of a PostgreSQL URL is wrong.
    #[error("the database URL: {0}")]
    Parameter(String),
    /// The database cannot distribute tables.
    #[error("the tables cannot be distributed: {0}")]
    NotDistributable(&'static str),
    /// The engine refused to open it.
    #[error("the database does not open: {0}")]
    Engine(String),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// The failure of a statement on a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    /// Other sessions hold a lock that the statement needs.
    #[error("others hold a lock that the statement needs")]
    Locked,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LinkError> for OpenError {
    fn from(error: LinkError) -> Self {
        Self::Engine(error.to_string())
    }
}
