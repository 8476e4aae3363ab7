//! The tree of migrations, the schema of a database, and the versions of both that fit together.

use super::unserved::Unserved;
use crate::db::error::StoreError;
use crate::db::rows::row_count;
use crate::db::tx::Tx;
use crate::seal::sha256_hex;
use crate::table::table;

/// The migrations of a program, oldest first. The first has version 1, and no version is left out.
#[derive(Debug, Clone, Copy)]
pub struct Tree(pub &'static [Migration]);

/// The migrations of this program.
pub const TREE: Tree = Tree(&[Migration {
    name: "foundation",
    phase: Phase::Expand,
    steps: &[
        Step::Sql(include_str!("../../../../migrations/0001_foundation.sql")),
        Step::Postgres(include_str!("../../../../migrations/0001_foundation.postgresql.sql")),
        Step::Postgres(REQUESTS),
    ],
}]);

/// The tables of the request log.
const REQUESTS: &str = include_str!("../../../../migrations/0001_requests.sql");

/// The migrations of the request log's own file, which only SQLite has.
pub(crate) const REQUEST_LOG: Tree =
    Tree(&[Migration { name: "requests", phase: Phase::Expand, steps: &[Step::Sql(REQUESTS)] }]);

/// One version of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// The name, for people.
    pub name: &'static str,
    /// Whether it adds or removes.
    pub phase: Phase,
    /// The steps, in order. An interrupted migration continues with its first step that is not done.
    pub steps: &'static [Step],
}

/// Whether a migration adds or removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// It adds tables, columns, indexes and values. Programs without it go on serving.
    Expand,
    /// It removes parts that only programs before a version use.
    Contract {
        /// The lowest version that a program must know to serve the database from this migration on.
        serves_from: i64,
    },
}

/// A part of a migration.
#[derive(Debug)]
pub enum Step {
    /// Statements in one transaction. They take their locks only for a moment; [`Tree::check`] refuses others.
    Sql(&'static str),
    /// Statements in one transaction, only on PostgreSQL.
    Postgres(&'static str),
    /// An index on an existing table. PostgreSQL builds it while rows are written.
    Index {
        /// The name of the index.
        name: &'static str,
        /// The table and the columns, as after `create index … on`.
        on: &'static str,
    },
    /// A change of rows, some at a time.
    Backfill(Backfill),
}

/// A change of rows, a bounded number in each transaction.
#[derive(Debug)]
pub struct Backfill {
    /// The name, for people.
    pub name: &'static str,
    /// Changes some rows after a place and returns the place of the last one, or `None` at the end. The first place is
    /// empty. The place is stored in the same transaction, so an interrupted backfill continues there.
    pub some: fn(&mut Tx<'_>, &str) -> Result<Option<String>, StoreError>,
}

/// The schema versions that a program can serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The lowest version with everything that the program uses.
    pub from: i64,
    /// The newest version that the program knows. The program also serves later versions, as long as they only expand.
    pub to: i64,
}

/// A database's schema, read from its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// The version: this migration and all before it are complete. 0 without tables.
    pub version: i64,
    /// The version that a program must know to serve the database.
    pub serves_from: i64,
    /// The migration that has begun and is not complete.
    pub unfinished: Option<i64>,
}

impl Tree {
    /// The versions that a program with this tree can serve. The lowest one is its last expansion, because the program
    /// uses it. A later contraction only removes parts that the program does not use, so it may be missing.
    pub fn range(self) -> Range {
        let expands = |migration: &Migration| migration.phase == Phase::Expand;
        let from = self.0.iter().rposition(expands).map_or(0, |last| last + 1);
        Range { from: row_count(from), to: row_count(self.0.len()) }
    }

    /// Whether a program with this tree can serve a database with this schema.
    pub fn serves(self, schema: Schema) -> Result<(), Unserved> {
        let Range { from, to } = self.range();
        match schema {
            Schema { serves_from, .. } if serves_from > to => {
                Err(Unserved::Ahead { needs: serves_from, supports: to })
            }
            Schema { version, unfinished: Some(begun), .. } if version < from => {
                Err(Unserved::Unfinished { version: begun })
            }
            Schema { version: 0, .. } if from > 0 => Err(Unserved::Empty),
            Schema { version, .. } if version < from => Err(Unserved::Behind { version, needs: from }),
            _served => Ok(()),
        }
    }

    /// Each migration with its version.
    pub(super) fn numbered(self) -> impl Iterator<Item = (i64, &'static Migration)> {
        (1..).zip(self.0)
    }
}

impl Migration {
    /// A hash that changes with any step. Of a backfill only the name counts.
    pub(super) fn checksum(&self) -> String {
        let steps = self.steps.iter().map(|step| match step {
            Step::Sql(sql) => format!("sql\n{sql}"),
            Step::Postgres(sql) => format!("postgresql\n{sql}"),
            Step::Index { name, on } => format!("index\n{name}\n{on}"),
            Step::Backfill(Backfill { name, .. }) => format!("backfill\n{name}"),
        });
        let steps: Vec<String> = steps.collect();
        sha256_hex(format!("{}\n{:?}\n{}", self.name, self.phase, steps.join("\n")).as_bytes())
    }
}

table! {
    /// A migration in a database's history.
    struct Entry in "schema_history" by (version) {
        version: i64,
        name: String,
        serves_from: i64,
        checksum: String,
        steps: i64,
        done: i64,
        place: String,
    }
}

/// The history, oldest first. An error if the database has none.
pub(super) fn history(tx: &mut Tx<'_>) -> Result<Vec<Entry>, StoreError> {
    tx.find_all("order by version", &[])
}

impl Schema {
    pub(super) fn of(history: &[Entry]) -> Self {
        let complete = (1..)
            .zip(history)
            .take_while(|(version, entry)| entry.version == *version && entry.done == entry.steps);
        Self {
            version: row_count(complete.count()),
            serves_from: history.iter().fold(0, |most, entry| most.max(entry.serves_from)),
            unfinished: history.iter().find(|entry| entry.done < entry.steps).map(|entry| entry.version),
        }
    }
}

/// The schema of a database that has a history.
pub fn schema(tx: &mut Tx<'_>) -> Result<Schema, StoreError> {
    history(tx).map(|history| Schema::of(&history))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &[Step] = &[Step::Sql("create table t (id text not null primary key)")];
    const EXPAND: Migration = Migration { name: "expand", phase: Phase::Expand, steps: SQL };
    const CONTRACT: Migration =
        Migration { name: "contract", phase: Phase::Contract { serves_from: 2 }, steps: SQL };
    const FIRST: Tree = Tree(&[EXPAND]);
    const SECOND: Tree = Tree(&[EXPAND, EXPAND]);
    const THIRD: Tree = Tree(&[EXPAND, EXPAND, CONTRACT]);

    fn at(version: i64) -> Schema {
        Schema { version, serves_from: 0, unfinished: None }
    }

    #[test]
    fn a_program_serves_its_versions_and_later_expansions() {
        assert_eq!(THIRD.range(), Range { from: 2, to: 3 });
        assert_eq!(FIRST.serves(at(0)), Err(Unserved::Empty));
        assert_eq!(FIRST.serves(at(1)), Ok(()));
        assert_eq!(FIRST.serves(at(2)), Ok(()));
        assert_eq!(SECOND.serves(at(1)), Err(Unserved::Behind { version: 1, needs: 2 }));
        assert_eq!(THIRD.serves(at(2)), Ok(()));
    }

    #[test]
    fn a_contraction_ends_the_service_of_older_programs_when_it_begins() {
        let begun = Schema { version: 2, serves_from: 2, unfinished: Some(3) };
        assert_eq!(FIRST.serves(begun), Err(Unserved::Ahead { needs: 2, supports: 1 }));
        assert_eq!(SECOND.serves(begun), Ok(()));
        assert_eq!(THIRD.serves(begun), Ok(()));
    }

    #[test]
    fn a_program_serves_an_unfinished_expansion_that_it_does_not_need() {
        let begun = Schema { version: 1, serves_from: 0, unfinished: Some(2) };
        assert_eq!(FIRST.serves(begun), Ok(()));
        assert_eq!(SECOND.serves(begun), Err(Unserved::Unfinished { version: 2 }));
    }

    #[test]
    fn a_checksum_changes_with_each_part_of_a_migration() {
        let renamed = Migration { name: "another", ..EXPAND };
        let contracts = Migration { phase: Phase::Contract { serves_from: 1 }, ..EXPAND };
        let other = Migration { steps: &[Step::Index { name: "i", on: "t (id)" }], ..EXPAND };
        for changed in [renamed, contracts, other] {
            assert_ne!(changed.checksum(), EXPAND.checksum());
        }
    }

    #[test]
    fn no_statement_of_this_programs_migrations_holds_up_running_nodes() {
        assert_eq!(TREE.check(), Ok(()));
    }
}
