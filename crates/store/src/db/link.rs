//! A connection outside the queues: migrations run on it before a store is opened, or beside running nodes.

pub(crate) use super::postgres::Distribution;
use super::postgres::{self, PostgresTx, Session};
use super::sqlite;
use crate::db::dialect::Dialect;
use crate::db::error::{LinkError, OpenError, StoreError};
use crate::db::shared::Shared;
use crate::db::tx::{Connection, Tx};
use crate::db::url::DatabaseUrl;
use crate::random::Random;
use crate::seal::{Keyring, MasterKeys};

/// A connection with the shared parts of its transactions.
pub(crate) struct Link<'a> {
    engine: Engine<'a>,
    shared: &'a Shared,
    random: Random,
}

enum Engine<'a> {
    Sqlite(&'a rusqlite::Connection),
    Postgres(&'a mut Session),
}

/// Connects to a database and runs a closure on it. A missing SQLite file is created.
pub(crate) fn with_link<T>(
    url: &DatabaseUrl, masters: MasterKeys, body: impl FnOnce(&mut Link<'_>) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    on_link(url, &Shared::new(masters), body)
}

/// [`with_link`] for a store that is being opened.
pub(super) fn on_link<T>(
    url: &DatabaseUrl, shared: &Shared, body: impl FnOnce(&mut Link<'_>) -> Result<T, OpenError>,
) -> Result<T, OpenError> {
    let random = Random::open();
    match url {
        DatabaseUrl::Sqlite(path) => {
            let connection = sqlite::lone(path)?;
            body(&mut Link { engine: Engine::Sqlite(&connection), shared, random })
        }
        DatabaseUrl::Postgres(url) => {
            let mut session = postgres::session(url)?;
            body(&mut Link { engine: Engine::Postgres(&mut session), shared, random })
        }
    }
}

impl Link<'_> {
    /// The fragments of the engine.
    pub(crate) fn dialect(&self) -> Dialect {
        match self.engine {
            Engine::Sqlite(_) => Dialect::SQLITE,
            Engine::Postgres(_) => Dialect::POSTGRES,
        }
    }

    /// Whether no other server can use the database.
    pub(crate) fn serves_alone(&self) -> bool {
        matches!(self.engine, Engine::Sqlite(_))
    }

    /// The query for the turn of a migration run; `None` if several runs cannot overlap.
    pub(crate) fn turn(&self) -> Option<&'static str> {
        match self.engine {
            Engine::Sqlite(_) => None,
            Engine::Postgres(_) => Some("select pg_try_advisory_lock(7105317)"),
        }
    }

    /// Fails if the database cannot distribute tables.
    pub(crate) fn can_distribute(&mut self) -> Result<(), OpenError> {
        let extension = match &mut self.engine {
            Engine::Postgres(session) => postgres::extension(session)?,
            Engine::Sqlite(_) => None,
        };
        if extension.is_none() {
            return Err(OpenError::NotDistributable(
                "the database has no extension citus; install it on every machine, run `create extension citus`, and \
                 add the workers",
            ));
        }
        Ok(())
    }

    /// Distributes the tables that are on one machine, within the open transaction.
    pub(crate) fn distribute(&mut self) -> Result<Distribution, LinkError> {
        match &mut self.engine {
            Engine::Postgres(session) => postgres::distribute(session),
            Engine::Sqlite(_) => {
                Err(StoreError::Unavailable("a file of SQLite is on one machine".into()).into())
            }
        }
    }

    /// Distributes tables that were added to distributed ones, within the open transaction.
    pub(crate) fn distribute_added(&mut self) -> Result<(), LinkError> {
        let Engine::Postgres(session) = &mut self.engine else { return Ok(()) };
        if postgres::is_distributed(session)? { postgres::distribute(session).map(drop) } else { Ok(()) }
    }

    /// The statements on PostgreSQL; nothing on SQLite.
    pub(crate) fn of_postgres(&self, sql: &'static str) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "",
            Engine::Postgres(_) => sql,
        }
    }

    /// The statement that begins a writing transaction.
    pub(crate) fn begin(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite(_) => "begin immediate",
            Engine::Postgres(_) => "begin",
        }
    }

    /// Runs statements that return nothing.
    pub(crate) fn script(&mut self, sql: &str) -> Result<(), LinkError> {
        match &mut self.engine {
            Engine::Sqlite(connection) => Ok(sqlite::script(connection, sql)?),
            Engine::Postgres(session) => session.script(sql),
        }
    }

    /// The open transaction, or a single statement.
    pub(crate) fn tx(&mut self) -> Tx<'_> {
        let connection = match &mut self.engine {
            Engine::Sqlite(connection) => Connection::Sqlite(sqlite::on_lone(connection)),
            Engine::Postgres(session) => Connection::Postgres(PostgresTx::on_link(session)),
        };
        Tx::new(connection, self.shared, &mut self.random)
    }

    /// The keys of the store.
    pub(crate) fn keyring(&self) -> &Keyring {
        &self.shared.keyring
    }
}
