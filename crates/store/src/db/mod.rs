//! The seam: scripts, arguments, rows and the differences between engines.
//!
//! A script is a synchronous `Fn(&mut Tx) -> Result<T, E>`. It runs in one transaction and may be run more
//! than once: PostgreSQL re-runs it after a serialization failure, a deadlock or a lost compare-and-set,
//! so a script changes nothing outside its transaction. One SQL text, with `$1` parameters, serves both
//! engines; where they differ, [`Dialect`] names the fragment.
//!
//! Reasons: docs/decisions/0001.

mod claim;
mod draft;
mod gathered;
mod lineage;
mod link;
mod look;
mod postgres;
mod script;
mod sqlite;
mod statistics;
mod value;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crossbeam_channel::{Sender, TrySendError};
use domain::id::{PartnerId, ResourceId};
use domain::machine::Illegal;
use domain::time::Timestamp;
use tokio::sync::Notify;

pub use self::claim::Claim;
pub use self::draft::Draft;
use self::gathered::Group;
pub(crate) use self::link::{Link, LinkError, with_link};
use self::look::Looker;
pub use self::look::{Looked, copy_sqlite};
use self::postgres::{Begun, Expect, PostgresEngine, PostgresTx};
pub use self::postgres::{Distribution, drop_database, make_empty_database};
use self::script::{Pending, Script};
pub use self::sqlite::LogSize;
use self::sqlite::{SqliteEngine, SqliteTx};
pub use self::value::{Arg, Column, Row, ToArg};
use crate::desk::Desk;
use crate::migrations::{self, Opening, TREE, Tree, Unserved};
use crate::random::Random;
use crate::seal::{Keyring, MasterKey};

/// Builds the argument list of a statement.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::db::ToArg::to_arg(&$value)),*][..] };
}

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

/// Which writes wait for each other in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// None: they run beside each other as far as the engine can.
    Common,
    /// Those that take a contract's number. All of them take turns on the year's row until they commit, so beside each other
    /// they would only wait. One after another, they share commits.
    Numbered,
}

/// Where the database is.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(String),
}

impl std::fmt::Debug for DatabaseUrl {
    /// The URL of a server holds its password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => f.debug_tuple("Sqlite").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres([hidden])"),
        }
    }
}

impl DatabaseUrl {
    /// The URL with one more parameter; `None` for a file of SQLite, which takes none.
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

/// What a commit may have made for a worker to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Events wait for the fan-out.
    Events,
    /// Deliveries are due.
    Deliveries,
    /// Jobs were scheduled.
    Jobs,
    /// Letters wait to be sent.
    Mails,
    /// Documents wait to be set.
    Contracts,
    /// Calls of operators wait for the audit trail.
    Audit,
    /// All deliveries of an endpoint are to change.
    Lanes,
}

/// One notification per worker, rung after the commit that made work for it.
#[derive(Debug, Default)]
pub struct Wakes {
    events: Notify,
    deliveries: Notify,
    jobs: Notify,
    mails: Notify,
    contracts: Notify,
    audit: Notify,
    lanes: Notify,
}

impl Wakes {
    /// The bell of one worker.
    pub fn bell(&self, wake: Wake) -> &Notify {
        match wake {
            Wake::Events => &self.events,
            Wake::Deliveries => &self.deliveries,
            Wake::Jobs => &self.jobs,
            Wake::Mails => &self.mails,
            Wake::Contracts => &self.contracts,
            Wake::Audit => &self.audit,
            Wake::Lanes => &self.lanes,
        }
    }

    fn ring(&self, wakes: &[Wake]) {
        for wake in wakes {
            self.bell(*wake).notify_one();
        }
    }
}

/// What every transaction needs besides its connection.
pub(crate) struct Shared {
    pub(crate) keyring: Keyring,
    pub(crate) wakes: Wakes,
    /// The first damage that the engine found.
    damage: OnceLock<String>,
}

impl Shared {
    fn new(master: MasterKey) -> Self {
        Self { keyring: Keyring::new(master), wakes: Wakes::default(), damage: OnceLock::new() }
    }

    /// Remembers that the database itself is damaged. It stays so until the process ends.
    fn note(&self, error: &StoreError) {
        if let StoreError::Damaged(what) = error
            && self.damage.set(what.clone()).is_ok()
        {
            tracing::error!(reason = what, "the database is damaged; this server is no longer ready");
        }
    }
}

/// How long one script may run in an engine. Then its caller gets `unavailable`. The time in a queue does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines {
    /// For scripts that read.
    pub read: Duration,
    /// For scripts that write.
    pub write: Duration,
}

impl Default for Deadlines {
    /// Both end before the server gives its request up, after 30 s.
    fn default() -> Self {
        Self { read: Duration::from_secs(5), write: Duration::from_secs(10) }
    }
}

/// A database, open. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    shared: Arc<Shared>,
    deadlines: Deadlines,
    tree: Tree,
}

enum Engine {
    Sqlite(SqliteEngine),
    Looker(Box<Looker>),
    Postgres(PostgresEngine),
}

impl Store {
    /// Opens the database to serve it and loads its keys. An empty database gets its tables, and a file of SQLite gets
    /// what it lacks. Elsewhere only [`migrations::migrate`] changes the schema.
    pub fn open(url: &DatabaseUrl, master: MasterKey) -> Result<Self, OpenError> {
        Self::open_with(url, master, Deadlines::default())
    }

    /// [`Store::open`] with other deadlines.
    pub fn open_with(url: &DatabaseUrl, master: MasterKey, deadlines: Deadlines) -> Result<Self, OpenError> {
        Self::open_to_serve(url, master, deadlines, TREE)
    }

    /// [`Store::open`] of a program with these migrations.
    pub fn open_to_serve(
        url: &DatabaseUrl,
        master: MasterKey,
        deadlines: Deadlines,
        tree: Tree,
    ) -> Result<Self, OpenError> {
        Self::opened(url, master, deadlines, (tree, Opening::ToServe))
    }

    /// Opens the database as it is, for a command: its schema stays what it is.
    pub fn open_as_it_is(url: &DatabaseUrl, master: MasterKey, tree: Tree) -> Result<Self, OpenError> {
        match url {
            // SQLite would make an empty file.
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(Unserved::Empty.into()),
            _there => Self::opened(url, master, Deadlines::default(), (tree, Opening::AsItIs)),
        }
    }

    fn opened(
        url: &DatabaseUrl,
        master: MasterKey,
        deadlines: Deadlines,
        (tree, opening): (Tree, Opening),
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::new(master));
        link::on_link(url, &shared, |link| migrations::prepare(link, tree, opening))?;
        let engine = match url {
            DatabaseUrl::Sqlite(path) => Engine::Sqlite(SqliteEngine::open(path, Arc::clone(&shared))?),
            DatabaseUrl::Postgres(url) => Engine::Postgres(PostgresEngine::open(url, &shared)?),
        };
        let store = Self { engine: Arc::new(engine), shared, deadlines, tree };
        crate::system_keys::load(&store)?;
        Ok(store)
    }

    /// Opens a file of SQLite to look at it: nothing is changed, and scripts that write fail.
    pub fn look_at(path: &Path, looked: Looked, master: MasterKey) -> Result<Self, OpenError> {
        let store = Self {
            engine: Arc::new(Engine::Looker(Box::new(Looker::open(path, looked)?))),
            shared: Arc::new(Shared::new(master)),
            deadlines: Deadlines::default(),
            tree: TREE,
        };
        let schema = store.write_blocking(migrations::schema);
        TREE.serves(schema.map_err(|error| OpenError::Engine(error.to_string()))?)?;
        crate::system_keys::load(&store)?;
        Ok(store)
    }

    /// What the engine's own check of the whole database reports; empty if all is well. `None` if the engine has tools of
    /// its own for that, as PostgreSQL has.
    pub fn integrity(&self) -> Result<Option<Vec<String>>, StoreError> {
        match &*self.engine {
            Engine::Looker(looker) => looker.integrity().map(Some),
            Engine::Sqlite(_) | Engine::Postgres(_) => Ok(None),
        }
    }

    /// Runs a script that writes, and answers after its commit.
    pub async fn write<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        self.write_in(Lane::Common, script).await
    }

    /// [`Store::write`] in a lane.
    pub async fn write_in<T, E, F>(&self, lane: Lane, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        let (pending, waiting) = Pending::new(script, Some(self.deadlines.write));
        match &*self.engine {
            Engine::Postgres(engine) => engine.submit_write(Box::new(pending), lane)?,
            Engine::Sqlite(_) | Engine::Looker(_) => self.submit(Box::new(pending), Mode::Write)?,
        }
        waiting.answer().await
    }

    /// Runs a script that only reads, on a snapshot of its own.
    pub async fn read<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        self.run_read(script, Mode::Snapshot).await
    }

    /// [`Store::read`] of a list. A replica may answer it; it too has everything that was committed before.
    pub async fn list<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        self.run_read(script, Mode::List).await
    }

    /// Runs a script of one statement that only reads: it needs no transaction to be consistent.
    pub async fn look_up<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        self.run_read(script, Mode::Single).await
    }

    /// Looks up what another process may have made just now, by a script of one statement. What is not on a kept snapshot
    /// is looked up again on a new one.
    pub async fn look_up_newest<T, E, F>(&self, script: F) -> Result<Option<T>, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<Option<T>, E> + Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        let script = Arc::new(script);
        let again = Arc::clone(&script);
        let found = self.look_up(move |tx| script(tx)).await?;
        match &*self.engine {
            Engine::Sqlite(engine) if found.is_none() => engine.forget_snapshots(),
            Engine::Sqlite(_) | Engine::Looker(_) | Engine::Postgres(_) => return Ok(found),
        }
        self.look_up(move |tx| again(tx)).await
    }

    /// Runs a command's long read, such as a check of all entries: it has no deadline.
    pub async fn read_long<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        let (pending, waiting) = Pending::new(script, None);
        self.submit(Box::new(pending), Mode::Snapshot)?;
        waiting.answer().await
    }

    /// Runs a short read here if the engine can, else in the engine's queue.
    async fn run_read<T, E, F>(&self, script: F, mode: Mode) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        if let Engine::Sqlite(engine) = &*self.engine
            && let Some(result) = engine.read_here(&script)
        {
            return result;
        }
        let (pending, waiting) = Pending::new(script, Some(self.deadlines.read));
        self.submit(Box::new(pending), mode)?;
        waiting.answer().await
    }

    /// Makes a partner's new values before they are written. The partner's key is read where it is not in memory yet.
    pub async fn desk(&self, partner: PartnerId) -> Result<Desk, StoreError> {
        let key = match self.shared.keyring.data_key(partner) {
            Some(key) => key,
            None => self.look_up(move |tx| crate::partners::data_key(tx, partner)).await?,
        };
        Ok(Desk::new(Arc::clone(&self.shared), partner, key))
    }

    /// Notes the statements of functions that write, without a transaction: [`Tx::run_draft`] runs them later. Each counts
    /// as one changed row. A function that reads fails. The keys of its partners have been used before.
    pub fn draft<E>(&self, make: impl FnOnce(&mut Tx<'_>) -> Result<(), E>) -> Result<Draft, E> {
        let dialect = match &*self.engine {
            Engine::Sqlite(_) | Engine::Looker(_) => Dialect::SQLITE,
            Engine::Postgres(_) => Dialect::POSTGRES,
        };
        let mut draft = Draft::default();
        let connection = Connection::Draft(&mut draft, dialect);
        draft::RANDOM.with_borrow_mut(|random| make(&mut Tx::new(connection, &self.shared, random)))?;
        Ok(draft)
    }

    /// [`Store::write`] for commands and threads outside the async runtime.
    pub fn write_blocking<T, E, F>(&self, script: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Retry + Send + 'static,
    {
        let (pending, waiting) = Pending::new(script, Some(self.deadlines.write));
        self.submit(Box::new(pending), Mode::Write)?;
        waiting.answer_blocking()
    }

    /// The write-ahead log of SQLite; `None` with PostgreSQL.
    pub fn log_size(&self) -> Option<LogSize> {
        match &*self.engine {
            Engine::Sqlite(engine) => Some(engine.log_size()),
            Engine::Looker(_) | Engine::Postgres(_) => None,
        }
    }

    /// Ends the use of a file of SQLite: its log is written into the file and emptied. PostgreSQL needs nothing. To be
    /// called when nothing reads or writes any more.
    pub fn close(&self) -> Result<(), StoreError> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.close(),
            Engine::Looker(_) | Engine::Postgres(_) => Ok(()),
        }
    }

    /// The first damage that the engine found since the store was opened, if any.
    pub fn damage(&self) -> Option<&str> {
        self.shared.damage.get().map(String::as_str)
    }

    /// The migrations of the program.
    pub fn tree(&self) -> Tree {
        self.tree
    }

    /// The bells that commits ring.
    pub fn wakes(&self) -> &Wakes {
        &self.shared.wakes
    }

    /// The keyed hashes under which personal data is looked up.
    pub fn keyring(&self) -> &Keyring {
        &self.shared.keyring
    }

    /// Whether no other server can be at work on this database: one file of SQLite serves one server.
    pub fn serves_alone(&self) -> bool {
        matches!(&*self.engine, Engine::Sqlite(_))
    }

    /// The engine's name, for logs and metrics.
    pub fn engine_name(&self) -> &'static str {
        match &*self.engine {
            Engine::Sqlite(_) | Engine::Looker(_) => "sqlite",
            Engine::Postgres(_) => "postgresql",
        }
    }

    fn submit(&self, script: Box<dyn Script>, mode: Mode) -> Result<(), StoreError> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.submit(script, mode),
            Engine::Looker(looker) => {
                looker.run(script, &self.shared);
                Ok(())
            }
            Engine::Postgres(engine) => engine.submit(script, mode),
        }
    }
}

/// What a script needs around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// A transaction that writes.
    Write,
    /// A transaction that reads on one snapshot.
    Snapshot,
    /// The same, of a list: a replica may answer it.
    List,
    /// Nothing: it is one statement that reads.
    Single,
}

/// Puts a script in an engine's queue; where there is no room its caller is told at once.
fn enqueue<T>(queue: &Sender<T>, script: T) -> Result<(), StoreError> {
    queue.try_send(script).map_err(|refused| match refused {
        TrySendError::Full(_) => StoreError::Unavailable("too many scripts wait".into()),
        TrySendError::Disconnected(_) => StoreError::Unavailable("the store is closed".into()),
    })
}

/// Why a use case did not go through: it was refused, or the store failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failed<R> {
    /// A rule refused it; nothing was changed.
    #[error("refused")]
    Refused(R),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl<R> From<StoreError> for Failed<R> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<R> Failed<R> {
    /// Turns the refusal into another area's.
    pub fn map_refused<S>(self, map: impl FnOnce(R) -> S) -> Failed<S> {
        match self {
            Self::Refused(refusal) => Failed::Refused(map(refusal)),
            Self::Store(error) => Failed::Store(error),
        }
    }
}

impl<R> Retry for Failed<R> {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Refused(_) => None,
            Self::Store(error) => Some(error),
        }
    }
}

/// Whether an error asks for the script to be run again.
pub trait Retry {
    /// The store's error within this one, where there is one.
    fn store_error(&self) -> Option<&StoreError>;
}

impl Retry for StoreError {
    fn store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// Named fragments of SQL in which the engines differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// The type of a column of bytes.
    pub blob: &'static str,
    /// What follows a `select` that leases rows, so that two nodes do not wait for each other.
    pub skip_locked: &'static str,
    /// The order in which rows of `events` were inserted: the one column that an engine fills. A row that is inserted
    /// after another was committed comes behind it, whatever the clocks say.
    pub arrival: &'static str,
    /// The declaration of that column, where it needs one.
    pub arrival_column: &'static str,
    /// That column at the end of an index, where the engine does not put it there by itself.
    pub arrival_key: &'static str,
    /// The collation of an id by whose order a table lies in parts.
    pub(crate) in_bytes: &'static str,
    /// How a table lies in months by its ids, and by its deliveries' ids.
    pub(crate) months: [&'static str; 2],
    /// A query of the names of a table's parts, where the engine lays tables in months.
    pub(crate) parts: Option<&'static str>,
    /// Lays a table's rows in its primary key, where the engine does not have them beside it. For small rows.
    pub in_key: &'static str,
    /// What follows a `select` of a row on which transactions take turns.
    pub for_update: &'static str,
    /// A query of how many tables have a name, 0 or 1.
    pub(crate) relations: &'static str,
    /// A query whether an index was left behind by an interrupted build, where the engine builds beside writes.
    pub(crate) invalid_index: Option<&'static str>,
    /// The query for the number of bytes that the database takes.
    pub database_bytes: &'static str,
    /// The beginning of a statement that takes a table's statistics anew; `None` where statistics are fixed.
    pub analyze: Option<&'static str>,
}

impl Dialect {
    pub(crate) const SQLITE: Self = Self {
        blob: "blob",
        skip_locked: "",
        arrival: "rowid",
        arrival_column: "",
        arrival_key: "",
        in_bytes: "",
        months: ["", ""],
        parts: None,
        in_key: " without rowid",
        for_update: "",
        relations: "select count(*) from sqlite_master where name = $1",
        invalid_index: None,
        database_bytes: "select page_count * page_size from pragma_page_count(), pragma_page_size()",
        analyze: None,
    };
    pub(crate) const POSTGRES: Self = Self {
        blob: "bytea",
        skip_locked: "for update skip locked",
        arrival: "arrival",
        arrival_column: "arrival bigserial,",
        arrival_key: ", arrival",
        in_bytes: " collate \"C\"",
        months: [" partition by range (id)", " partition by range (delivery_id)"],
        parts: Some(
            "select c.relname::text from pg_inherits i join pg_class c on c.oid = i.inhrelid \
             where i.inhparent = to_regclass($1)",
        ),
        in_key: "",
        for_update: "for update",
        relations: "select count(to_regclass($1))",
        invalid_index: Some(
            "select count(*) from pg_index where indexrelid = to_regclass($1) and not indisvalid",
        ),
        database_bytes: "select pg_database_size(current_database())",
        analyze: Some("analyze"),
    };

    /// A migration's text with this engine's fragments.
    pub(crate) fn filled(self, sql: &str) -> String {
        let fragments = [
            ("{blob}", self.blob),
            ("{arrival_column}", self.arrival_column),
            ("{arrival_key}", self.arrival_key),
            ("{in_bytes}", self.in_bytes),
            ("{months_of_id}", self.months[0]),
            ("{months_of_delivery_id}", self.months[1]),
            ("{in_key}", self.in_key),
        ];
        fragments.iter().fold(sql.to_owned(), |sql, (place, fragment)| sql.replace(place, fragment))
    }
}

/// Up to this many rows, a list is one statement of its own length.
const SHORT: usize = 8;
/// The most rows of one statement; each text is prepared once and kept.
const LONGEST: usize = 256;

/// A number of rows as an argument.
pub fn row_count(rows: usize) -> i64 {
    i64::try_from(rows).expect("no list in memory has 2^63 items")
}

/// The most events of one transaction whose ids keep their order.
pub(crate) const MOST_ORDERED: u16 = 0x3fff;

/// Rows in chunks whose lengths are few, so that the statements for them are few too: a short list is one chunk, a long
/// one falls into powers of two.
pub(crate) fn in_chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            short @ 1..=SHORT => short,
            long => (1 << long.ilog2()).min(LONGEST),
        };
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

/// `($1, $2), ($3, $4)`: places for `rows` rows of `width` columns, from place `first` on.
pub(crate) fn tuples(rows: usize, width: usize, first: usize) -> String {
    // The statements that write webhooks have thousands of places, so they are put into one piece of memory.
    let mut text = String::with_capacity(rows * (width * 7 + 4));
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            text.push_str(if column == 0 { "$" } else { ", $" });
            push_whole(&mut text, first + row * width + column);
        }
        text.push(')');
    }
    text
}

/// Writes a whole number, without a formatter.
fn push_whole(text: &mut String, number: usize) {
    if number >= 10 {
        push_whole(text, number / 10);
    }
    let digit = u8::try_from(number % 10).expect("a remainder by ten is a digit");
    text.push(char::from(b'0' + digit));
}

/// Where a part of a script began, which is undone alone if it fails.
#[derive(Debug, Clone, Copy)]
enum Part {
    /// At a savepoint.
    Savepoint,
    /// When the connection had changed this many rows: without a savepoint, only what wrote nothing is undone.
    Changes(u64),
    /// Behind what was sent to PostgreSQL until then.
    Sent(Begun),
}

/// Deletes listed rows, each partner's by a statement of its own: its tables may be on a machine of their own. `delete` has
/// places for the partner and a cutoff and ends in `in`.
#[track_caller]
pub(crate) fn delete_listed(
    tx: &mut Tx<'_>,
    delete: &str,
    rows: &[(String, String)],
    cutoff: Timestamp,
) -> Result<u64, StoreError> {
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let mut deleted = 0;
    for of_partner in rows.chunk_by(|(one, _), (other, _)| one == other) {
        for chunk in in_chunks(of_partner) {
            let sql = format!("{delete} {}", tuples(1, chunk.len(), 3));
            let mut args = args![chunk[0].0, cutoff].to_vec();
            args.extend(chunk.iter().map(|(_, key)| key.to_arg()));
            deleted += tx.execute(&sql, &args)?;
        }
    }
    Ok(deleted)
}

/// A transaction: the only way to run SQL.
pub struct Tx<'a> {
    connection: Connection<'a>,
    shared: &'a Shared,
    random: &'a mut Random,
    wakes: Vec<Wake>,
    events: u16,
}

enum Connection<'a> {
    Sqlite(SqliteTx<'a>),
    Postgres(PostgresTx<'a>),
    /// Notes statements instead of running them.
    Draft(&'a mut Draft, Dialect),
}

impl<'a> Tx<'a> {
    fn new(connection: Connection<'a>, shared: &'a Shared, random: &'a mut Random) -> Self {
        Self { connection, shared, random, wakes: Vec::new(), events: 0 }
    }

    /// Runs a statement and returns how many rows it changed.
    #[track_caller]
    pub fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        #[cfg(feature = "test-support")]
        crate::statements::note(sql, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => tx.execute(sql, args),
            Connection::Postgres(tx) => tx.execute(sql, args),
            Connection::Draft(draft, _) => {
                draft.note(sql, args);
                Ok(1)
            }
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// Runs a statement without waiting for its answer: an insert that either goes well or fails the script.
    ///
    /// On PostgreSQL it leaves with the next statement. Rows whose values are all arguments leave later, together with those
    /// of other scripts: before the next statement that may depend on them, or before the commit.
    ///
    /// A failure shows at a later statement or at the commit, and fails the whole script, also from within a
    /// [`savepoint`](Self::savepoint) that went well. A taken key is a `Conflict`: the script runs again.
    #[track_caller]
    pub fn execute_later(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        crate::statements::note(sql, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => {
                tx.execute(sql, args).map(drop).map_err(StoreError::duplicate_as_conflict)
            }
            Connection::Postgres(tx) => tx.execute_later(sql, args, Expect::Done),
            Connection::Draft(draft, _) => {
                draft.note(sql, args);
                Ok(())
            }
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// [`execute_later`](Self::execute_later) of a statement that concerns no row which this script or another one of its
    /// transaction has inserted.
    #[track_caller]
    pub fn execute_apart(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        crate::statements::note(sql, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => {
                tx.execute(sql, args).map(drop).map_err(StoreError::duplicate_as_conflict)
            }
            Connection::Postgres(tx) => tx.execute_apart(sql, args),
            Connection::Draft(draft, _) => {
                draft.note(sql, args);
                Ok(())
            }
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// Runs statements whose outcome depends on no row that another script of the transaction has inserted just now: a
    /// look-up by an id, since nobody knows the id of a row that is not committed, or one that a unique key decides in the
    /// end. On PostgreSQL such rows need not be sent before. Nor need what another script changes be seen: if a script writes
    /// to a row that it found so, its compare-and-set fails, and the scripts run again one by one.
    pub fn beside<T>(&mut self, statements: impl FnOnce(&mut Self) -> T) -> T {
        let before = match &mut self.connection {
            Connection::Sqlite(_) | Connection::Draft(..) => false,
            Connection::Postgres(tx) => tx.set_beside(true),
        };
        let outcome = statements(self);
        if let Connection::Postgres(tx) = &mut self.connection {
            tx.set_beside(before);
        }
        outcome
    }

    /// Runs a statement that must change exactly one row: zero means that another transaction came first. On PostgreSQL
    /// its answer is not waited for, as with [`execute_later`](Self::execute_later); it is looked at before the commit.
    #[track_caller]
    pub fn execute_one(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        crate::statements::note(sql, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => tx.execute(sql, args).and_then(|changed| match changed {
                1 => Ok(()),
                0 => Err(StoreError::Conflict),
                more => Err(StoreError::Defect(format!("a single-row statement changed {more} rows"))),
            }),
            Connection::Postgres(tx) => tx.execute_later(sql, args, Expect::One),
            Connection::Draft(..) => Err(draft::no_rows()),
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// Runs a query and reads each row.
    #[track_caller]
    pub fn query<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        #[cfg(feature = "test-support")]
        crate::statements::note(sql, std::panic::Location::caller());
        let found = match &mut self.connection {
            Connection::Sqlite(tx) => tx.query(sql, args, read),
            Connection::Postgres(tx) => tx.query(sql, args, read),
            Connection::Draft(..) => Err(draft::no_rows()),
        };
        found.inspect_err(|error| self.shared.note(error))
    }

    /// Runs a query of at most one row.
    #[track_caller]
    pub fn query_opt<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, args, read)?.pop())
    }

    /// Runs a query of exactly one row.
    #[track_caller]
    pub fn query_one<T>(
        &mut self,
        sql: &str,
        args: &[Arg<'_>],
        read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.query_opt(sql, args, read)?.ok_or(StoreError::NotFound)
    }

    /// Returns up to `pages` unused pages of the database's file to the file system; says how many. PostgreSQL's vacuum
    /// does so itself.
    pub fn release_space(&mut self, pages: i64) -> Result<u64, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.release_space(pages),
            Connection::Postgres(_) | Connection::Draft(..) => Ok(0),
        }
    }

    /// Inserts many rows, as few statements as may be, as [`execute_later`](Self::execute_later) does. `head` is `insert into t (a, b)`; each row has its columns.
    #[track_caller]
    pub fn insert_rows(&mut self, head: &str, rows: &[Vec<Arg<'_>>]) -> Result<(), StoreError> {
        for chunk in in_chunks(rows) {
            let statement = || format!("{head} values {}", tuples(chunk.len(), chunk[0].len(), 1));
            #[cfg(feature = "test-support")]
            crate::statements::note(&statement(), std::panic::Location::caller());
            let done = match &mut self.connection {
                Connection::Sqlite(tx) => {
                    let args: Vec<Arg<'_>> = chunk.iter().flatten().map(Arg::borrowed).collect();
                    let inserted = tx.execute(&statement(), &args);
                    inserted.map(drop).map_err(StoreError::duplicate_as_conflict)
                }
                Connection::Postgres(tx) => tx.insert_rows(head, chunk),
                Connection::Draft(draft, _) => {
                    draft.note_rows(head, chunk);
                    Ok(())
                }
            };
            done.inspect_err(|error| self.shared.note(error))?;
        }
        Ok(())
    }

    /// Runs a part of the script whose effects are undone where it fails, while the rest goes on.
    pub fn savepoint<T, E: From<StoreError>>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<Result<T, E>, StoreError> {
        let begun = self.begin_part()?;
        let rung = self.wakes.len();
        let result = part(self);
        if result.is_ok() {
            self.keep_part(begun)?;
        } else {
            self.wakes.truncate(rung);
            self.undo_part(begun)?;
        }
        Ok(result)
    }

    fn begin_part(&mut self) -> Result<Part, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.begin_part(),
            Connection::Postgres(tx) => tx.begin_part().map(Part::Sent),
            Connection::Draft(..) => Err(draft::no_rows()),
        }
    }

    fn keep_part(&mut self, part: Part) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.keep_part(part),
            Connection::Postgres(tx) => tx.keep_part(),
            Connection::Draft(..) => Err(draft::no_rows()),
        }
    }

    fn undo_part(&mut self, part: Part) -> Result<(), StoreError> {
        match (&mut self.connection, part) {
            (Connection::Postgres(tx), Part::Sent(begun)) => tx.undo_part(begun),
            (Connection::Sqlite(tx), part) => tx.undo_part(part),
            (Connection::Postgres(_), Part::Savepoint | Part::Changes(_)) => {
                unreachable!("PostgreSQL begins no such part")
            }
            (Connection::Draft(..), _) => Err(draft::no_rows()),
        }
    }

    /// Whether a part of the script failed and is not undone: the transaction must not be committed.
    fn is_spoiled(&self) -> bool {
        match &self.connection {
            Connection::Sqlite(tx) => tx.is_spoiled(),
            Connection::Postgres(tx) => tx.is_spoiled(),
            Connection::Draft(..) => false,
        }
    }

    /// The fragments of this engine.
    pub fn dialect(&self) -> Dialect {
        match &self.connection {
            Connection::Sqlite(_) => Dialect::SQLITE,
            Connection::Postgres(_) => Dialect::POSTGRES,
            Connection::Draft(_, dialect) => *dialect,
        }
    }

    /// In a draft, what follows depends on nothing that the draft has noted before, such as another customer. Elsewhere it
    /// means nothing.
    pub fn begin_unrelated(&mut self) {
        if let Connection::Draft(draft, _) = &mut self.connection {
            draft.0.begin_part();
            self.events = 0;
        }
    }

    /// Runs the statements of a draft. Their row counts are not looked at.
    pub fn run_draft(&mut self, draft: &Draft) -> Result<(), StoreError> {
        for Group { text, runs } in draft.0.groups() {
            let done = match &mut self.connection {
                Connection::Sqlite(tx) => tx.execute_each(text, runs),
                Connection::Postgres(tx) => tx.execute_each(text, runs),
                Connection::Draft(..) => Err(draft::no_rows()),
            };
            done.inspect_err(|error| self.shared.note(error))?;
        }
        Ok(())
    }

    /// Lets the connection keep so many KiB of pages in memory until its store is dropped, for a script that writes very
    /// much. PostgreSQL's memory is its server's.
    pub fn keep_pages(&mut self, kib: u32) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.keep_pages(kib),
            Connection::Postgres(_) | Connection::Draft(..) => Ok(()),
        }
    }

    /// Rings a worker's bell once this transaction has committed.
    pub fn wake(&mut self, wake: Wake) {
        if !self.wakes.contains(&wake) {
            self.wakes.push(wake);
        }
    }

    /// A new id.
    pub fn new_id<I: ResourceId>(&mut self, now: Timestamp) -> I {
        I::new(now, self.random_bytes())
    }

    /// The place of the next event among those of this transaction, in 14 bits. Beyond 16,383 events, chance decides the
    /// order of the rest.
    pub(crate) fn next_event_place(&mut self) -> u16 {
        let place = self.events;
        self.events = (place + 1).min(MOST_ORDERED);
        place
    }

    /// Random bytes fit for secrets.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        self.random.bytes()
    }

    /// Seals a partner's personal data; `context` names the row, so a sealed value cannot be moved.
    pub fn seal(&mut self, partner: PartnerId, context: &str, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = crate::partners::data_key(self, partner)?;
        Ok(key.seal(self.random.bytes(), context, plain))
    }

    /// Opens what [`Tx::seal`] sealed under the same partner and context.
    pub fn unseal(
        &mut self,
        partner: PartnerId,
        context: &str,
        sealed: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        crate::partners::data_key(self, partner)?.open(context, sealed)
    }

    /// The keyed hashes and the master key.
    pub(crate) fn keyring(&self) -> &'a Keyring {
        &self.shared.keyring
    }

    /// Forgets the bells and the places of events of runs that will be repeated.
    fn forget_run(&mut self) {
        self.wakes.clear();
        self.events = 0;
    }

    fn into_wakes(self) -> Vec<Wake> {
        self.wakes
    }
}
