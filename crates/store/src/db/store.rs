//! An open database, which passes scripts to its engine.

use std::path::Path;
use std::sync::Arc;

use domain::id::PartnerId;

use super::dialect::Dialect;
use super::draft::{self, Draft};
use super::error::{OpenError, StoreError};
use super::failed::ScriptError;
use super::link;
use super::look::{Looked, Looker};
use super::mode::{Durability, Lane, Mode};
use super::postgres::PostgresEngine;
use super::script::{Pending, Script};
use super::shared::Shared;
use super::sqlite::{LogSize, SqliteEngine};
use super::tx::{Connection, Tx};
use super::url::{DatabaseUrl, Deadlines, request_log_file};
use super::wakes::Wakes;
use crate::desk::Desk;
use crate::migrations::{self, Opening, REQUEST_LOG, TREE, Tree, Unserved};
use crate::seal::{Keyring, MasterKeys};
use crate::system_keys;

/// An open database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    engine: Arc<Engine>,
    shared: Arc<Shared>,
    deadlines: Deadlines,
    tree: Tree,
}

pub(crate) enum Engine {
    Sqlite(SqliteEngine),
    Looker(Box<Looker>),
    Postgres(PostgresEngine),
}

impl Store {
    /// Opens the database to serve it and loads its keys. An empty database gets its tables, and an SQLite file gets
    /// missing migrations. Otherwise only [`migrations::migrate`] changes the schema.
    pub fn open(url: &DatabaseUrl, masters: impl Into<MasterKeys>) -> Result<Self, OpenError> {
        Self::open_with(url, masters, Deadlines::default())
    }

    /// [`Store::open`] with other deadlines.
    pub fn open_with(
        url: &DatabaseUrl, masters: impl Into<MasterKeys>, deadlines: Deadlines,
    ) -> Result<Self, OpenError> {
        Self::open_to_serve(url, masters, deadlines, TREE)
    }

    /// [`Store::open`] for a program with these migrations.
    pub fn open_to_serve(
        url: &DatabaseUrl, masters: impl Into<MasterKeys>, deadlines: Deadlines, tree: Tree,
    ) -> Result<Self, OpenError> {
        Self::opened(url, masters.into(), deadlines, (tree, Opening::ToServe))
    }

    /// Opens the database for a command, without a change of its schema.
    pub fn open_as_it_is(
        url: &DatabaseUrl, masters: impl Into<MasterKeys>, tree: Tree,
    ) -> Result<Self, OpenError> {
        match url {
            // SQLite would create an empty file.
            DatabaseUrl::Sqlite(path) if !path.exists() => Err(Unserved::Empty.into()),
            _there => Self::opened(url, masters.into(), Deadlines::default(), (tree, Opening::AsItIs)),
        }
    }

    fn opened(
        url: &DatabaseUrl, masters: MasterKeys, deadlines: Deadlines, (tree, opening): (Tree, Opening),
    ) -> Result<Self, OpenError> {
        let shared = Arc::new(Shared::new(masters));
        link::on_link(url, &shared, |link| migrations::prepare(link, tree, opening))?;
        let engine = match url {
            DatabaseUrl::Sqlite(path) => {
                Engine::Sqlite(SqliteEngine::open(path, Arc::clone(&shared), Durability::Synced)?)
            }
            DatabaseUrl::Postgres(url) => {
                Engine::Postgres(PostgresEngine::open(url, &shared, Durability::Synced)?)
            }
        };
        let store = Self { engine: Arc::new(engine), shared, deadlines, tree };
        load_keys(&store)?;
        Ok(store)
    }

    /// Opens the store of the request log beside this one, with the same keys. It has connections of its own, and a
    /// crash may undo its last commits. On SQLite it is a file of its own, which is made if it is missing.
    pub fn open_request_log(&self, url: &DatabaseUrl) -> Result<Self, OpenError> {
        let shared = Arc::new(self.shared.beside());
        let (engine, tree) = match url {
            DatabaseUrl::Sqlite(path) => {
                let path = request_log_file(path);
                let file = DatabaseUrl::Sqlite(path.clone());
                link::on_link(&file, &shared, |link| {
                    migrations::prepare(link, REQUEST_LOG, Opening::ToServe)
                })?;
                let engine = SqliteEngine::open(&path, Arc::clone(&shared), Durability::Unsynced)?;
                (Engine::Sqlite(engine), REQUEST_LOG)
            }
            DatabaseUrl::Postgres(url) => {
                (Engine::Postgres(PostgresEngine::open(url, &shared, Durability::Unsynced)?), self.tree)
            }
        };
        Ok(Self { engine: Arc::new(engine), shared, deadlines: self.deadlines, tree })
    }

    /// The number of statements that scripts have run on this store. A short read that was stopped and began again
    /// counts once, if no other script ran beside it.
    #[cfg(feature = "test-support")]
    pub fn statements_run(&self) -> u64 {
        self.shared.statements.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Opens an SQLite file for reading only. Nothing is changed, and scripts that write fail.
    pub fn look_at(path: &Path, looked: Looked, masters: impl Into<MasterKeys>) -> Result<Self, OpenError> {
        let store = Self {
            engine: Arc::new(Engine::Looker(Box::new(Looker::open(path, looked)?))),
            shared: Arc::new(Shared::new(masters.into())),
            deadlines: Deadlines::default(),
            tree: TREE,
        };
        let schema = store.write_blocking(migrations::schema);
        TREE.serves(schema.map_err(|error| OpenError::Engine(error.to_string()))?)?;
        load_keys(&store)?;
        Ok(store)
    }

    /// The report of the engine's own check of the whole database; empty if all is well. `None` for PostgreSQL, which
    /// has separate tools for that.
    pub fn integrity(&self) -> Result<Option<Vec<String>>, StoreError> {
        match &*self.engine {
            Engine::Looker(looker) => looker.integrity().map(Some),
            Engine::Sqlite(_) | Engine::Postgres(_) => Ok(None),
        }
    }

    /// Runs a script that writes. Returns after its commit.
    pub async fn write<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.write_in(Lane::Common, script).await
    }

    /// [`Store::write`] in a lane.
    pub async fn write_in<T: Send + 'static, E: ScriptError>(
        &self, lane: Lane, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let (pending, waiting) = Pending::writing(script, Some(self.deadlines.write));
        match &*self.engine {
            Engine::Postgres(engine) => engine.submit_write(Box::new(pending), lane)?,
            Engine::Sqlite(_) | Engine::Looker(_) => self.submit(Box::new(pending), Mode::Write)?,
        }
        waiting.answer().await
    }

    /// Runs a script that only reads, on its own snapshot.
    pub async fn read<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.run_read(script, Mode::Snapshot).await
    }

    /// Runs a short read here if the engine can, otherwise in the engine's queue.
    async fn run_read<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static, mode: Mode,
    ) -> Result<T, E> {
        if let Engine::Sqlite(engine) = &*self.engine
            && let Some(result) = engine.read_here(&script)
        {
            return result;
        }
        let (pending, waiting) = Pending::new(script, Some(self.deadlines.read));
        self.submit(Box::new(pending), mode)?;
        waiting.answer().await
    }

    /// [`Store::read`] of a list. A replica may answer it. The answer has everything that was committed before the
    /// call.
    pub async fn list<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.run_read(script, Mode::List).await
    }

    /// Runs a script of one statement that only reads. It needs no transaction to be consistent.
    pub async fn look_up<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        self.run_read(script, Mode::Single).await
    }

    /// Looks up a row that another process may have just written, by a script of one statement. If a kept snapshot
    /// lacks the row, the script runs again on a new snapshot.
    pub async fn look_up_newest<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<Option<T>, E> + Send + Sync + 'static,
    ) -> Result<Option<T>, E> {
        let script = Arc::new(script);
        let again = Arc::clone(&script);
        let found = self.look_up(move |tx| script(tx)).await?;
        match &*self.engine {
            Engine::Sqlite(engine) if found.is_none() => engine.forget_snapshots(),
            Engine::Sqlite(_) | Engine::Looker(_) | Engine::Postgres(_) => return Ok(found),
        }
        self.look_up(move |tx| again(tx)).await
    }

    /// Runs a long read of a command, such as a check of all entries, without a deadline.
    pub async fn read_long<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let (pending, waiting) = Pending::new(script, None);
        self.submit(Box::new(pending), Mode::Snapshot)?;
        waiting.answer().await
    }

    /// The desk of a partner, which makes new values before they are written. The partner's keys are read if they are not
    /// in memory, or no longer fresh.
    pub async fn desk(&self, partner: PartnerId) -> Result<Desk, StoreError> {
        let keys = match crate::data_keys::at_hand(&self.shared.keyring, partner) {
            Some(keys) => keys,
            None => self.look_up(move |tx| crate::data_keys::to_seal(tx, partner)).await?,
        };
        Ok(Desk::new(Arc::clone(&self.shared), partner, keys))
    }

    /// Notes the statements of functions that write, without a transaction; [`Tx::run_draft`] runs them later. Each
    /// statement counts as one changed row. A function that reads fails. The keys of the partners must be in memory.
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
    pub fn write_blocking<T: Send + 'static, E: ScriptError>(
        &self, script: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
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

    /// The number of scripts that wait in each queue: `write`, `read` and, on PostgreSQL, `look-up`.
    pub fn waiting_scripts(&self) -> Vec<(&'static str, usize)> {
        match &*self.engine {
            Engine::Sqlite(engine) => engine.waiting(),
            Engine::Postgres(engine) => engine.waiting(),
            Engine::Looker(_) => Vec::new(),
        }
    }

    /// Ends the use of an SQLite file: writes its log into the file and empties it. PostgreSQL needs nothing. Call it
    /// when nothing reads or writes any more.
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

    /// The keyed hashes for the look-up of personal data.
    pub fn keyring(&self) -> &Keyring {
        &self.shared.keyring
    }

    /// Whether no other server can use this database: one SQLite file serves one server.
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

/// Checks that the master keys are known, and loads the look-up key and the audit trail's key. A new database gets new
/// ones.
fn load_keys(store: &Store) -> Result<(), OpenError> {
    let checked = store.write_blocking(crate::master_keys::check);
    let checked = checked.map_err(|error: StoreError| OpenError::Engine(error.to_string()))?;
    checked.map_err(OpenError::MasterKey)?;
    let key = |id| {
        let made = store.write_blocking(move |tx| system_keys::load_or_create(tx, id));
        made.map_err(|error: StoreError| OpenError::Engine(error.to_string()))
    };
    store.keyring().set_lookup_key(key(system_keys::LOOKUP)?);
    store.keyring().set_audit_key(key(system_keys::AUDIT)?);
    Ok(())
}
