//! Runs migrations beside nodes that serve.
//!
//! Runs take turns. Each step commits with its mark in the history, so an interrupted run continues at its next step.
//! On PostgreSQL a statement that waits for a lock gives up after [`LOCK_WAIT`] and tries again later. Meanwhile all
//! other users of the table would wait behind it.

use std::thread;
use std::time::{Duration, Instant};

use super::locks;
use super::tree::{Backfill, Entry, Migration, Phase, Schema, Step, Tree, history};
use super::unserved::Unserved;
use crate::db::error::{LinkError, OpenError, StoreError};
use crate::db::link::{Distribution, Link, with_link};
use crate::db::tx::Tx;
use crate::db::url::DatabaseUrl;
use crate::months::{self, Outcome};
use crate::seal::MasterKeys;
use crate::{args, system_keys};

/// Maximum wait of a statement for a lock, while others wait behind it.
pub(crate) const LOCK_WAIT: Duration = Duration::from_millis(300);

/// Pause between two tries for a lock, in which the waiting sessions get their turn.
const LOCK_PAUSE: Duration = Duration::from_millis(700);

/// Most tries of a step whose lock is taken: ten minutes. It is also the limit for a run that lost a race and begins
/// again.
const MOST_TRIES: u32 = 600;

/// Pause between two checks whether another run has ended.
const TURN_PAUSE: Duration = Duration::from_millis(200);

/// The longest pause of a backfill between two transactions. Usually it pauses for as long as it worked.
const LONGEST_REST: Duration = Duration::from_millis(100);

const HISTORY: &str = "create table if not exists schema_history (
    version bigint not null primary key,
    name text not null,
    serves_from bigint not null,
    checksum text not null,
    steps bigint not null,
    done bigint not null,
    place text not null
)";

/// The changes of the schema that the opening of a store may make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    /// None: a database that the program cannot serve is refused.
    AsItIs,
    /// An empty database gets its tables. An SQLite file gets missing migrations, because it serves one server.
    ToServe,
}

/// The handling of contractions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contracting {
    /// A run ends before the first contraction.
    Waits,
    /// Contractions run, because no older program serves the database any more.
    Runs,
}

/// The result of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// The schema before.
    pub before: Schema,
    /// The schema after.
    pub after: Schema,
    /// The contraction before which the run ended, and the version that every serving program must know.
    pub held_back: Option<(i64, i64)>,
}

/// Brings a database up to date with a tree.
pub fn migrate(
    url: &DatabaseUrl, masters: impl Into<MasterKeys>, tree: Tree, contracting: Contracting,
) -> Result<Report, OpenError> {
    with_link(url, masters.into(), |link| run(link, tree, contracting))
}

/// [`migrate`], then distributes the tables by partner. The database must have the extension for it. A second run
/// distributes tables that were added since.
pub fn distribute(
    url: &DatabaseUrl, masters: impl Into<MasterKeys>, tree: Tree, contracting: Contracting,
) -> Result<(Report, Distribution), OpenError> {
    // A missing file would be created.
    if let DatabaseUrl::Sqlite(_) = url {
        return Err(OpenError::NotDistributable("a file of SQLite is on one machine"));
    }
    with_link(url, masters.into(), |link| {
        link.can_distribute()?;
        let report = run(link, tree, contracting)?;
        let distribution = in_transaction(link, |link| {
            tracing::info!("the tables are distributed by partner");
            link.distribute()
        })?;
        Ok((report, distribution))
    })
}

/// The schema of a database.
pub fn status(url: &DatabaseUrl, masters: impl Into<MasterKeys>, tree: Tree) -> Result<Schema, OpenError> {
    with_link(url, masters.into(), |link| Ok(Schema::of(&read(link, tree)?)))
}

/// Ensures that the program can serve the database.
pub(crate) fn prepare(link: &mut Link<'_>, tree: Tree, opening: Opening) -> Result<(), OpenError> {
    let mut schema = Schema::of(&read(link, tree)?);
    if opening == Opening::ToServe && (link.serves_alone() || schema.version == 0) {
        schema = run(link, tree, Contracting::Runs)?.after;
    }
    Ok(tree.serves(schema)?)
}

/// The history of a database that this tree's migrations made; empty for an empty database.
fn read(link: &mut Link<'_>, tree: Tree) -> Result<Vec<Entry>, OpenError> {
    // Programs before the first release kept their history in this table.
    if has_table(link, "refinery_schema_history")? {
        return Err(Unserved::Foreign.into());
    }
    if !has_table(link, "schema_history")? {
        return Ok(Vec::new());
    }
    let found = history(&mut link.tx())?;
    let known = |entry: &Entry| tree.numbered().find(|(version, _)| *version == entry.version);
    let changed =
        |entry: &Entry| known(entry).is_some_and(|(_, migration)| migration.checksum() != entry.checksum);
    if found.iter().any(changed) { Err(Unserved::Foreign.into()) } else { Ok(found) }
}

fn has_table(link: &mut Link<'_>, name: &str) -> Result<bool, StoreError> {
    let mut tx = link.tx();
    let sql = tx.dialect().relations;
    tx.query_one(sql, args![*name], |row| Ok(row.get::<i64>(0)? > 0))
}

fn run(link: &mut Link<'_>, tree: Tree, contracting: Contracting) -> Result<Report, OpenError> {
    tree.check().map_err(OpenError::Engine)?;
    take_turn(link)?;
    link.script(HISTORY)?;
    let before = Schema::of(&read(link, tree)?);
    for _ in 0..MOST_TRIES {
        let found = read(link, tree)?;
        match run_once(link, tree, contracting, &found) {
            // Two runs on an SQLite file take turns step by step. The one that lost reads the other's progress.
            Err(LinkError::Store(StoreError::Conflict)) => thread::sleep(TURN_PAUSE),
            settled => {
                let held_back = settled?;
                make_months(link)?;
                return Ok(Report { before, after: Schema::of(&read(link, tree)?), held_back });
            }
        }
    }
    Err(OpenError::Engine("another process migrates the database and does not end".into()))
}

/// Runs the missing migrations. Returns the contraction that it holds back.
fn run_once(
    link: &mut Link<'_>, tree: Tree, contracting: Contracting, found: &[Entry],
) -> Result<Option<(i64, i64)>, LinkError> {
    for (version, migration) in tree.numbered() {
        let begun = found.iter().find(|entry| entry.version == version);
        if let (Phase::Contract { serves_from }, None, Contracting::Waits) =
            (migration.phase, begun, contracting)
        {
            return Ok(Some((version, serves_from)));
        }
        let (done, place) = match begun {
            Some(entry) => (entry.done, entry.place.clone()),
            None => (begin(link, version, migration)?, String::new()),
        };
        complete(link, (version, migration), done, place)?;
    }
    Ok(None)
}

/// Waits until no other run is under way. On PostgreSQL the turn ends with the connection.
///
/// A connection that waits for a lock inside a statement would hold up another session's build of an index. So it asks
/// again and again instead.
fn take_turn(link: &mut Link<'_>) -> Result<(), OpenError> {
    let Some(turn) = link.turn() else { return Ok(()) };
    let wait = LOCK_WAIT.as_millis();
    link.script(&format!("set statement_timeout = 0; set lock_timeout = {wait}"))?;
    let mut logged = false;
    while !link.tx().query_one(turn, &[], |row| row.get::<bool>(0))? {
        if !std::mem::replace(&mut logged, true) {
            tracing::info!("another process migrates the database; this one waits for its turn");
        }
        thread::sleep(TURN_PAUSE);
    }
    Ok(())
}

/// Notes the beginning of a migration before its first step; a lost race if another run has noted it.
fn begin(link: &mut Link<'_>, version: i64, migration: &Migration) -> Result<i64, LinkError> {
    let serves_from = match migration.phase {
        Phase::Expand => 0,
        Phase::Contract { serves_from } => serves_from,
    };
    let steps = crate::db::rows::row_count(migration.steps.len());
    let sql = "insert into schema_history (version, name, serves_from, checksum, steps, done, place) \
               values ($1, $2, $3, $4, $5, 0, '') on conflict (version) do nothing";
    let (name, checksum) = (migration.name, migration.checksum());
    in_transaction(link, |link| {
        Ok(link.tx().execute_one(sql, args![version, *name, serves_from, checksum, steps])?)
    })?;
    Ok(0)
}

/// Runs the remaining steps of a migration.
fn complete(
    link: &mut Link<'_>, (version, migration): (i64, &Migration), done: i64, mut place: String,
) -> Result<(), LinkError> {
    for (number, step) in (0..).zip(migration.steps).filter(|(number, _)| *number >= done) {
        tracing::info!(
            schema.version = version,
            name = migration.name,
            step = number + 1,
            "a migration runs"
        );
        match step {
            Step::Sql(sql) => apply(link, (version, number), sql)?,
            Step::Postgres(sql) => apply(link, (version, number), link.of_postgres(sql))?,
            Step::Index { name, on } => {
                build(link, name, on)?;
                in_transaction(link, |link| Ok(advance(&mut link.tx(), version, number)?))?;
            }
            Step::Backfill(backfill) => {
                // A backfill may open and seal values, and look up by keyed hashes.
                system_keys::load_on(link)?;
                fill(link, (version, number), backfill, std::mem::take(&mut place))?;
            }
        }
    }
    Ok(())
}

/// Runs statements in one transaction.
fn apply(link: &mut Link<'_>, (version, number): (i64, i64), sql: &str) -> Result<(), LinkError> {
    let sql = link.dialect().filled(sql);
    // The mark comes first: a run that lost the race must notice it before it creates a table twice.
    in_transaction(link, |link| {
        advance(&mut link.tx(), version, number)?;
        // If tables are distributed, statements that change them must be sent one by one.
        locks::split(&sql).into_iter().try_for_each(|statement| link.script(statement))?;
        link.distribute_added()
    })
}

/// Makes the months ahead.
fn make_months(link: &mut Link<'_>) -> Result<(), LinkError> {
    for part in months::missing_now(&mut link.tx())? {
        in_transaction(link, |link| match months::make(&mut link.tx(), &part)? {
            Outcome::Done => Ok(()),
            Outcome::Locked => Err(LinkError::Locked),
            Outcome::Held => {
                tracing::warn!(part = %part, "a month was not made: the part for the rest has too many rows");
                Ok(())
            }
        })?;
    }
    Ok(())
}

/// Notes the end of a step; a lost race if another run has noted it.
fn advance(tx: &mut Tx<'_>, version: i64, done: i64) -> Result<(), StoreError> {
    let sql = "update schema_history set done = done + 1, place = '' where version = $1 and done = $2";
    tx.execute_one(sql, args![version, done])
}

/// Builds an index. On PostgreSQL an interrupted build leaves an invalid index, which is dropped and built again.
fn build(link: &mut Link<'_>, name: &str, on: &str) -> Result<(), LinkError> {
    let Some(invalid) = link.dialect().invalid_index else {
        let sql = format!("create index if not exists {name} on {on}");
        return in_transaction(link, |link| link.script(&sql));
    };
    // These locks hold up neither reads nor writes, so the build may wait for them without a limit.
    link.script("set lock_timeout = 0")?;
    if link.tx().query_one(invalid, args![*name], |row| Ok(row.get::<i64>(0)? > 0))? {
        tracing::info!(index = name, "an interrupted build left an invalid index; it is built again");
        // Some of the machines may not have it.
        link.script(&format!("drop index concurrently if exists {name}"))?;
    }
    link.script(&format!("create index concurrently if not exists {name} on {on}"))?;
    link.script(&format!("set lock_timeout = {}", LOCK_WAIT.as_millis()))
}

/// Changes rows in several transactions until none is left. Between two transactions it rests for as long as it worked.
fn fill(
    link: &mut Link<'_>, (version, number): (i64, i64), backfill: &Backfill, mut place: String,
) -> Result<(), LinkError> {
    loop {
        let began = Instant::now();
        let next = in_transaction(link, |link| {
            let mut tx = link.tx();
            let next = (backfill.some)(&mut tx, &place)?;
            match &next {
                Some(next) => {
                    let sql = "update schema_history set place = $3 \
                               where version = $1 and done = $2 and place = $4";
                    tx.execute_one(sql, args![version, number, *next, place])?;
                }
                None => advance(&mut tx, version, number)?,
            }
            Ok(next)
        })?;
        let Some(next) = next else { return Ok(()) };
        tracing::debug!(backfill = backfill.name, place = next, "some rows are filled");
        place = next;
        thread::sleep(began.elapsed().min(LONGEST_REST));
    }
}

/// Runs a body in a transaction, again if a lock is taken.
fn in_transaction<T>(
    link: &mut Link<'_>, body: impl Fn(&mut Link<'_>) -> Result<T, LinkError>,
) -> Result<T, LinkError> {
    let mut tries = 1;
    loop {
        match once(link, &body) {
            Err(LinkError::Locked) if tries < MOST_TRIES => {
                tracing::info!(tries, "a lock is taken; the migration tries again");
                thread::sleep(LOCK_PAUSE);
            }
            settled => return settled,
        }
        tries += 1;
    }
}

fn once<T>(
    link: &mut Link<'_>, body: impl Fn(&mut Link<'_>) -> Result<T, LinkError>,
) -> Result<T, LinkError> {
    link.script(link.begin())?;
    let outcome = body(link).and_then(|done| link.script("commit").map(|()| done));
    if outcome.is_err() {
        let _already_gone = link.script("rollback");
    }
    outcome
}
