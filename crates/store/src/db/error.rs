//! Why a statement or a script failed, or a store cannot be opened.

use std::path::PathBuf;

use domain::machine::Illegal;

use crate::migrations::unserved::Unserved;

/// Why a statement or a script failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No such row.
    #[error("no such row")]
    NotFound,
    /// Another transaction changed the row first; the script is run again.
    #[error("another transaction came first")]
    Conflict,
    /// A unique key is taken.
    #[error("a row with this key exists")]
    Duplicate,
    /// A row does not read as what it should be.
    #[error("a stored row is corrupt: {0}")]
    Corrupt(String),
    /// The program is at fault, not the row: a step that cannot be refused was refused.
    #[error("a defect of the program: {0}")]
    Defect(String),
    /// The engine found that the database itself is damaged, such as a page that is none.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// The database cannot serve now: full disk, lost connection, full queue.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
}

impl StoreError {
    /// A key that was free when it was looked up and is taken now was lost to another transaction: the
    /// script runs again and finds what the other wrote.
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

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL is neither `sqlite:PATH` nor `postgres://…`.
    #[error("the database URL must be sqlite:PATH or postgres://…")]
    Url,
    /// Another server holds the SQLite file.
    #[error("another server is running on {0}; one SQLite file serves one server")]
    InUse(PathBuf),
    /// This program cannot serve its tables.
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
        /// How many names it has.
        names: u64,
    },
    /// The log beside the SQLite file is not its own.
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
    /// A parameter of a PostgreSQL URL.
    #[error("the database URL: {0}")]
    Parameter(String),
    /// Nothing there distributes tables.
    #[error("the tables cannot be distributed: {0}")]
    NotDistributable(&'static str),
    /// The engine refused.
    #[error("the database does not open: {0}")]
    Engine(String),
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.to_string())
    }
}

/// Why a statement on a link failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LinkError {
    /// Others hold a lock that it wants.
    #[error("others hold a lock that the statement wants")]
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
