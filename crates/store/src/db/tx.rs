//! A transaction: the only way to run SQL.

use domain::id::ResourceId;
use domain::time::{Moment, RealTime};

use super::cause::Story;
use super::dialect::Dialect;
use super::draft::{self, Draft};
use super::error::StoreError;
use super::gathered::{Group, Kind};
use super::part::Part;
use super::postgres::session::Expect;
use super::postgres::transaction::PostgresTx;
use super::rows::{in_chunks, tuples};
use super::shared::Shared;
use super::sqlite::statement::SqliteTx;
use super::unreadable::UnreadableRow;
use super::value::{Arg, Row, ToArg as _};
use super::wakes::Wake;
use crate::args;
use crate::random::Random;
use crate::seal::Keyring;

/// Most events of one transaction whose ids keep their order.
pub(crate) const MOST_ORDERED: u16 = 0x3fff;

/// The rows of partners that a purge may delete.
pub(crate) struct Deletable<'a> {
    /// The table.
    pub(crate) table: &'a str,
    /// The column that identifies a row of a partner.
    pub(crate) key: &'a str,
    /// The condition that a row must still meet, where `$2` is the cutoff. It may have changed since it was listed.
    pub(crate) still: &'a str,
}

/// Deletes listed rows, each given by its partner and its key. Each partner's rows have a separate statement, because
/// partners may be on different machines.
#[track_caller]
pub(crate) fn delete_listed(
    tx: &mut Tx<'_>, deletable: &Deletable<'_>, rows: &[(String, String)], cutoff: RealTime,
) -> Result<u64, StoreError> {
    let Deletable { table, key, still } = deletable;
    let mut rows = rows.to_vec();
    rows.sort_unstable();
    let mut deleted = 0;
    for of_partner in rows.chunk_by(|(one, _), (other, _)| one == other) {
        for chunk in in_chunks(of_partner) {
            let keys = tuples(1, chunk.len(), 3);
            let sql = format!("delete from {table} where {still} and partner_id = $1 and {key} in {keys}");
            let mut args = args![chunk[0].0, cutoff].to_vec();
            args.extend(chunk.iter().map(|(_, key)| key.to_arg()));
            deleted += tx.execute(&sql, &args)?;
        }
    }
    Ok(deleted)
}

/// A transaction: the only way to run SQL.
pub struct Tx<'a> {
    pub(super) connection: Connection<'a>,
    shared: &'a Shared,
    random: &'a mut Random,
    wakes: Vec<Wake>,
    events: u16,
    /// Whether the query that runs now may write.
    writing: bool,
    /// What caused the script that runs now, and what it tells of itself.
    pub(super) story: Story,
}

pub(in crate::db) enum Connection<'a> {
    Sqlite(SqliteTx<'a>),
    Postgres(PostgresTx<'a>),
    /// Notes statements instead of running them.
    Draft(&'a mut Draft, Dialect),
}

impl<'a> Tx<'a> {
    pub(super) fn new(connection: Connection<'a>, shared: &'a Shared, random: &'a mut Random) -> Self {
        let (wakes, story) = (Vec::new(), Story::default());
        Self { connection, shared, random, wakes, events: 0, writing: false, story }
    }

    /// Runs a statement and returns the number of changed rows.
    #[track_caller]
    pub fn execute(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<u64, StoreError> {
        #[cfg(feature = "test-support")]
        note(self.shared, sql, std::panic::Location::caller());
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

    /// Runs a statement without waiting for its answer: an insert that either succeeds or fails the script.
    ///
    /// PostgreSQL receives it together with the next statement. Inserted rows ([`insert_rows`](Self::insert_rows)) are
    /// sent later, together with those of other scripts: before the next statement that may depend on them, or before
    /// the commit.
    ///
    /// A failure shows at a later statement or at the commit. It fails the whole script, even if the insert was in a
    /// [`savepoint`](Self::savepoint) that succeeded. A taken key is a `Conflict`: the script runs again.
    #[track_caller]
    pub fn execute_later(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        self.run_later(sql, args, |tx| tx.execute_later(sql, args, Expect::Done))
    }

    /// [`execute_later`](Self::execute_later) of a statement that concerns no row inserted by this script or another
    /// script of its transaction.
    #[track_caller]
    pub fn execute_apart(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        self.run_later(sql, args, |tx| tx.execute_apart(sql, args))
    }

    /// Runs a statement whose answer PostgreSQL sends later. `send` sends it there.
    #[track_caller]
    fn run_later(
        &mut self, sql: &str, args: &[Arg<'_>],
        send: impl FnOnce(&mut PostgresTx<'a>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        note(self.shared, sql, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => {
                tx.execute(sql, args).map(drop).map_err(StoreError::duplicate_as_conflict)
            }
            Connection::Postgres(tx) => send(tx),
            Connection::Draft(draft, _) => {
                draft.note(sql, args);
                Ok(())
            }
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// Runs a statement that must change exactly one row. No changed row means that another transaction came first. On
    /// PostgreSQL its answer is not waited for, as with [`execute_later`](Self::execute_later), but checked before the
    /// commit.
    #[track_caller]
    pub fn execute_one(&mut self, sql: &str, args: &[Arg<'_>]) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        note(self.shared, sql, std::panic::Location::caller());
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

    /// Runs statements whose outcome depends on no row that another script of the transaction has inserted. One case is
    /// a look-up by an id, because nobody knows the id of an uncommitted row. Another case is a look-up whose outcome a
    /// unique key checks in the end. PostgreSQL then need not receive such rows before, and changes of other scripts
    /// may stay unseen. If a script writes to a row that it found in this way, its compare-and-set fails, and the
    /// scripts run again one by one.
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

    /// Counts the next query as a write, so that a failed script is undone.
    pub(crate) fn begin_writing_query(&mut self) {
        if let Connection::Postgres(tx) = &mut self.connection {
            tx.count_write();
        }
        self.writing = true;
    }

    /// The next queries only read again.
    pub(crate) fn end_writing_query(&mut self) {
        self.writing = false;
    }

    /// Runs a query and reads each row. It must not write: see [`fetch_written`](Self::fetch_written).
    #[track_caller]
    pub fn query<T>(
        &mut self, sql: &str, args: &[Arg<'_>], read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        #[cfg(feature = "test-support")]
        note(self.shared, sql, std::panic::Location::caller());
        debug_assert!(self.writing || !sql.contains(" returning "), "this query writes: {sql}");
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
        &mut self, sql: &str, args: &[Arg<'_>], read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.query(sql, args, read)?.pop())
    }

    /// Runs a query of exactly one row.
    #[track_caller]
    pub fn query_one<T>(
        &mut self, sql: &str, args: &[Arg<'_>], read: impl FnMut(&Row<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.query_opt(sql, args, read)?.ok_or(StoreError::NotFound)
    }

    /// Returns up to `pages` unused pages of the database's file to the file system; returns their number. PostgreSQL's
    /// vacuum does this itself.
    pub fn release_space(&mut self, pages: i64) -> Result<u64, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.release_space(pages),
            Connection::Postgres(_) | Connection::Draft(..) => Ok(0),
        }
    }

    /// Inserts a row, as [`execute_later`](Self::execute_later) does. `head` is `insert into t (a, b)`, and `whole` is
    /// the statement of one row.
    #[track_caller]
    pub(crate) fn insert_row(&mut self, head: &str, whole: &str, row: &[Arg<'_>]) -> Result<(), StoreError> {
        #[cfg(feature = "test-support")]
        note(self.shared, whole, std::panic::Location::caller());
        let done = match &mut self.connection {
            Connection::Sqlite(tx) => {
                tx.execute(whole, row).map(drop).map_err(StoreError::duplicate_as_conflict)
            }
            Connection::Postgres(tx) => tx.insert_rows(head, &[row]),
            Connection::Draft(draft, _) => {
                draft.note_rows(head, &[row]);
                Ok(())
            }
        };
        done.inspect_err(|error| self.shared.note(error))
    }

    /// Inserts many rows in few statements, as [`execute_later`](Self::execute_later) does. `head` is `insert into t
    /// (a, b)`; each row has its columns.
    #[track_caller]
    pub fn insert_rows(&mut self, head: &str, rows: &[Vec<Arg<'_>>]) -> Result<(), StoreError> {
        for chunk in in_chunks(rows) {
            let statement = || format!("{head} values {}", tuples(chunk.len(), chunk[0].len(), 1));
            #[cfg(feature = "test-support")]
            note(self.shared, &statement(), std::panic::Location::caller());
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

    /// Runs a part of the script. If it fails, its effects are undone, and the rest goes on.
    pub fn savepoint<T, E: From<StoreError>>(
        &mut self, part: impl FnOnce(&mut Self) -> Result<T, E>,
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

    pub(super) fn begin_part(&mut self) -> Result<Part, StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.begin_part(),
            Connection::Postgres(tx) => tx.begin_part().map(Part::Sent),
            Connection::Draft(..) => Err(draft::no_rows()),
        }
    }

    pub(super) fn keep_part(&mut self, part: Part) -> Result<(), StoreError> {
        match &mut self.connection {
            Connection::Sqlite(tx) => tx.keep_part(part),
            Connection::Postgres(tx) => tx.keep_part(),
            Connection::Draft(..) => Err(draft::no_rows()),
        }
    }

    pub(super) fn undo_part(&mut self, part: Part) -> Result<(), StoreError> {
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
    pub(super) fn is_spoiled(&self) -> bool {
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

    /// In a draft, the following statements depend on nothing noted before, such as those of another customer.
    /// Elsewhere it has no effect.
    pub fn begin_unrelated(&mut self) {
        if let Connection::Draft(draft, _) = &mut self.connection {
            draft.0.begin_part();
            self.events = 0;
        }
    }

    /// Runs the statements of a draft. Their row counts are not checked.
    pub fn run_draft(&mut self, draft: &Draft) -> Result<(), StoreError> {
        for Group { kind, text, runs } in draft.0.groups() {
            let width = runs.first().map_or(0, Vec::len);
            let done = match (&mut self.connection, kind) {
                (Connection::Sqlite(tx), Kind::Whole) => tx.execute_each(text, runs),
                (Connection::Sqlite(tx), Kind::Rows) => {
                    tx.execute_each(&format!("{text} values {}", tuples(1, width, 1)), runs)
                }
                (Connection::Postgres(tx), Kind::Whole) => tx.execute_each(text, runs),
                (Connection::Postgres(tx), Kind::Rows) => tx.insert_rows(text, runs),
                (Connection::Draft(..), _) => Err(draft::no_rows()),
            };
            done.inspect_err(|error| self.shared.note(error))?;
        }
        Ok(())
    }

    /// Sets the memory for the connection's pages, in KiB, until its store is dropped. It is for a script that writes
    /// very much. The memory of PostgreSQL belongs to its server.
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

    /// Notes a row that a list cannot read.
    pub(crate) fn note_unreadable(&self, table: &'static str, id: &str) {
        self.shared.unreadable.note(table, id);
    }

    /// The rows that lists of this process could not read lately.
    pub fn unreadable_lately(&self) -> Vec<UnreadableRow> {
        self.shared.unreadable.lately()
    }

    /// A new id.
    pub fn new_id<I: ResourceId>(&mut self, now: impl Moment) -> I {
        I::new(now, self.random_bytes())
    }

    /// The number of the next event in this transaction, in 14 bits. Beyond 16,383 events, chance decides the order of
    /// the rest.
    pub(crate) fn next_event_place(&mut self) -> u16 {
        let place = self.events;
        self.events = (place + 1).min(MOST_ORDERED);
        place
    }

    /// Random bytes fit for secrets.
    pub fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        self.random.bytes()
    }

    /// The keyed hashes and the master key.
    /// Whether statements are only noted, so that nothing can be read.
    pub(crate) fn is_draft(&self) -> bool {
        matches!(self.connection, Connection::Draft(..))
    }

    pub(crate) fn keyring(&self) -> &'a Keyring {
        &self.shared.keyring
    }

    /// Forgets the bells and the event numbers of runs that will be repeated.
    pub(crate) fn forget_run(&mut self) {
        self.wakes.clear();
        self.events = 0;
    }

    pub(crate) fn into_wakes(self) -> Vec<Wake> {
        self.wakes
    }
}

/// Notes a statement for tests, and counts it.
#[cfg(feature = "test-support")]
fn note(shared: &Shared, sql: &str, caller: &std::panic::Location<'_>) {
    shared.statements.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    crate::statements::note(sql, caller);
}
